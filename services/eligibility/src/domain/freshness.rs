//! How old an answer may be at which stage (F10: 30 days by the law's life-cycle; the others are terms
//! of the process).

use time::Date;
use yuhui_policy::facts::FactKind;

/// The question that an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// F1: lodging; whatever the answer, it is lodged.
    Lodging,
    /// F7, F10, F12: the reviews.
    Review,
    /// F13: confirmation.
    Confirmation,
    /// F20: the check before payment.
    Payment,
}

/// Days for which an answer lasts, unless the act says otherwise.
pub const LASTS: i64 = 30;

impl Question {
    /// Days by which the register may be behind.
    const fn days(self, fact: FactKind) -> i64 {
        match (self, fact) {
            (Self::Lodging, _) | (Self::Confirmation, FactKind::Hukou | FactKind::Death) => 1,
            (Self::Payment, FactKind::Hukou | FactKind::Death | FactKind::Fraud) => 3,
            _ => LASTS,
        }
    }

    /// Whether a register that is complete up to `as_of` answers on `today`.
    pub fn accepts(self, fact: FactKind, as_of: Date, today: Date) -> bool {
        (today - as_of).whole_days() <= self.days(fact)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn each_stage_has_its_own_age() {
        let today = date!(2025 - 03 - 31);
        let accepts = |question: Question, fact, as_of| question.accepts(fact, as_of, today);
        let hukou = FactKind::Hukou;
        assert!(accepts(Question::Review, hukou, date!(2025 - 03 - 01)));
        assert!(!accepts(Question::Review, hukou, date!(2025 - 02 - 28)));
        assert!(accepts(
            Question::Confirmation,
            hukou,
            date!(2025 - 03 - 30)
        ));
        assert!(!accepts(
            Question::Confirmation,
            hukou,
            date!(2025 - 03 - 29)
        ));
        let marriage = FactKind::Marriage;
        assert!(accepts(
            Question::Confirmation,
            marriage,
            date!(2025 - 03 - 01)
        ));
        assert!(accepts(Question::Payment, hukou, date!(2025 - 03 - 28)));
        assert!(!accepts(Question::Payment, hukou, date!(2025 - 03 - 27)));
        assert!(!accepts(Question::Lodging, hukou, date!(2025 - 03 - 29)));
    }
}
