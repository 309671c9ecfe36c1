//! Why the book does not take an event.

use yuhui_kernel::Money;

use super::account::Account;

/// Why an event is not posted; the book is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nought or less.
    #[error("an amount must be above zero")]
    NotPositive,
    /// The amount exceeds what the account (or the part of it meant) holds.
    #[error("{asked} yuan is more than the {available} yuan of account {account}")]
    Exceeds {
        /// The account that bounds it.
        account: Account,
        /// How much there is.
        available: Money,
        /// How much was asked.
        asked: Money,
    },
    /// R-FUN-3: a batch would go out before both shares have arrived in full.
    #[error(
        "{asked} yuan cannot be sent, {releasable} yuan is covered by both shares \
         (still due: city {city_due}, county {county_due})"
    )]
    SharesNotReceived {
        /// How much was to be sent.
        asked: Money,
        /// How much may be sent.
        releasable: Money,
        /// The city's part still due.
        city_due: Money,
        /// The county's part still due.
        county_due: Money,
    },
    /// A budget is added to that was never approved.
    #[error("no budget of the round has been approved yet")]
    NoBudget,
    /// The year is not closed over what is at the bank without an answer.
    #[error("{0} yuan is at the bank without an answer")]
    Underway(Money),
    /// The year is not closed over a roster that is not recorded.
    #[error("rosters of {0} yuan are not recorded yet")]
    Unrecorded(Money),
    /// Nothing to close.
    #[error("there is no expense to close")]
    NothingToClose,
    /// The sum does not fit.
    #[error("the amount is too large")]
    Overflow,
    /// An invariant of the book would not hold. The templates never allow it; the check is
    /// made all the same.
    #[error("the book would break: {0}")]
    Broken(String),
}

/// Turns an overflow into a refusal.
pub(super) fn fits<T>(sum: Option<T>) -> Result<T, Refused> {
    sum.ok_or(Refused::Overflow)
}
