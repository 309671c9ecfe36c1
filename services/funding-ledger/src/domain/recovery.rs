//! A recovery (追回, 五(三)3): what was demanded back for a case and what became of it.

use yuhui_kernel::Money;

/// A recovery.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Recovery {
    /// The case.
    pub case_name: String,
    /// Round it was paid in.
    pub round: i32,
    /// Demanded.
    pub demanded: Money,
    /// Received.
    pub recovered: Money,
    /// Given up.
    pub written_off: Money,
}

impl Recovery {
    /// What is still to come.
    #[must_use]
    pub fn outstanding(&self) -> Money {
        self.demanded
            .less_down_to_zero(self.recovered)
            .less_down_to_zero(self.written_off)
    }

    /// How it ended, once nothing is outstanding: true if all the money came back.
    #[must_use]
    pub fn ended(&self) -> Option<bool> {
        self.outstanding()
            .is_zero()
            .then_some(self.written_off.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_when_nothing_is_outstanding() {
        let mut it = Recovery {
            case_name: "counties/150203/cases/1".into(),
            round: 2025,
            demanded: Money::from_fen(500),
            recovered: Money::from_fen(300),
            written_off: Money::ZERO,
        };
        assert_eq!((it.outstanding(), it.ended()), (Money::from_fen(200), None));
        it.recovered = Money::from_fen(500);
        assert_eq!(it.ended(), Some(true));
        it.recovered = Money::from_fen(300);
        it.written_off = Money::from_fen(200);
        assert_eq!(it.ended(), Some(false));
    }
}
