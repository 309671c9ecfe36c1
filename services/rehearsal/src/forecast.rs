//! What the next round needs (五(二)6), as lines for people.

use yuhui_kernel::Money;
use yuhui_proto::eligibility::v1::{ForecastNeed, ForecastRoundResponse, ForecastScenario};

/// What all counties need of all programmes, in one line.
#[must_use]
pub fn sum(told: &ForecastRoundResponse) -> String {
    let total = told.total.clone().unwrap_or_default();
    let half = total.middle.unwrap_or_default().amount_fen / 2;
    format!(
        "needs of round {} in all, yuan: {}; the city's half of the middle {}",
        told.round,
        line(&total),
        Money::from_fen(half)
    )
}

/// What is needed in three scenarios: yuan, and children or awards.
#[must_use]
pub fn line(need: &ForecastNeed) -> String {
    let shown = |it: Option<ForecastScenario>| {
        let it = it.unwrap_or_default();
        format!(
            "{:>16} ({:>5})",
            Money::from_fen(it.amount_fen).to_string(),
            it.count
        )
    };
    format!(
        "{} {} {}",
        shown(need.low),
        shown(need.middle),
        shown(need.high)
    )
}

#[cfg(test)]
mod tests {
    use yuhui_proto::types::v1::Programme;

    use super::*;

    #[test]
    fn a_line_has_three_scenarios() {
        let scenario = |count, amount_fen| Some(ForecastScenario { count, amount_fen });
        let need = ForecastNeed {
            county: "150203".into(),
            programme: Programme::P1.into(),
            low: scenario(1, 500_000),
            middle: scenario(2, 1_000_000),
            high: scenario(3, 1_500_000),
        };
        let told = line(&need);
        let words: Vec<&str> = told.split_whitespace().collect();
        assert_eq!(words.len(), 9, "{told}");
        assert!(
            told.contains("5,000.00") && told.contains("15,000.00"),
            "{told}"
        );
    }
}
