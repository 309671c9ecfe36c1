//! Cases that need no system: the county book as arithmetic, periods and
//! check digits as functions.

use anyhow::Context as _;
use yuhui_funding_ledger::book::{NamedEvent, ResidualBearer, play_named};
use yuhui_kernel::Calendar;
use yuhui_policy::{
    PolicyPack,
    case_file::{Case, CheckOutcome, Kind, check as check_functions},
};

/// Differences of a funding, calendar or identifier case.
pub(super) fn check(case: &Case) -> anyhow::Result<Vec<String>> {
    if case.kind == Kind::Funding {
        return book(case, PolicyPack::baotou());
    }
    Ok(
        match check_functions(case, PolicyPack::baotou(), Calendar::china()) {
            CheckOutcome::Checked(differences) => differences
                .iter()
                .map(|it| {
                    format!(
                        "{} {}: expected {}, got {}",
                        it.place, it.field, it.expected, it.got
                    )
                })
                .collect(),
            CheckOutcome::NotHere => vec!["nothing checks this case".into()],
        },
    )
}

/// Differences of the balances of a funding case from what is expected, with the parameters of
/// `pack` where the case has none of its own.
pub fn book(case: &Case, pack: &PolicyPack) -> anyhow::Result<Vec<String>> {
    let pack = pack
        .with_overrides(&case.params)
        .with_context(|| format!("parameters of case {}", case.id))?;
    let bearer = pack.parameters.funding_residual_fen_bearer.code();
    let bearer = ResidualBearer::from_code(bearer).context("funding.residual_fen_bearer")?;
    let events: Vec<NamedEvent> = case
        .ledger_events
        .iter()
        .map(|it| NamedEvent {
            kind: it.event.clone(),
            programme: it.programme.map(|programme| programme.code().to_owned()),
            amount_fen: it.amount.fen(),
        })
        .collect();
    let balances = match play_named(bearer, &events) {
        Ok(balances) => balances,
        Err(error) => return Ok(vec![error.to_string()]),
    };
    let accounts: std::collections::BTreeSet<&String> = case
        .expected_balances
        .keys()
        .chain(balances.keys())
        .collect();
    let mut lines = Vec::new();
    for account in accounts {
        let expected = case
            .expected_balances
            .get(account)
            .map_or(0, |money| money.fen());
        let got = balances.get(account).copied().unwrap_or(0);
        if expected != got {
            lines.push(format!("account {account}: expected {expected}, got {got}"));
        }
    }
    Ok(lines)
}
