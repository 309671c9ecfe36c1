//! What-if: the same claims under two packs of one law — who gains, who loses, how much.
//!
//! The facts are taken as they are, with what had become of other claims: a reading that changes
//! the fate of one claim can change that of another only when it is decided again.

use std::collections::BTreeMap;

use yuhui_kernel::{Calendar, DivisionCode, Money};

use crate::{Claim, Decided, Decision, Facts, Law, Pack, Programme, Progress, Reason, decide};

/// What one pack says of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// Decision.
    pub decision: Decision,
    /// Primary reason; none for PAY.
    pub reason: Option<Reason>,
    /// What the claimant has in the end: the amount, less what is recovered.
    pub amount: Money,
}

/// A claim on which the packs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Id of the claim.
    pub claim: String,
    /// Programme.
    pub programme: Programme,
    /// County.
    pub county: DivisionCode,
    /// Under the first pack.
    pub before: Said,
    /// Under the second.
    pub after: Said,
}

/// Claims, and what they come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Side {
    /// How many.
    pub claims: u64,
    /// How much, never below nought.
    pub amount: Money,
}

/// The sums of a set of claims.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Claims decided.
    pub claims: u64,
    /// Those that have more under the second pack, and by how much.
    pub gain: Side,
    /// Those that have less, and by how much.
    pub lose: Side,
    /// Those with the same amount for another decision or reason.
    pub otherwise: u64,
    /// Total under the first pack.
    pub before: Money,
    /// Total under the second.
    pub after: Money,
}

/// Two packs compared over a set of claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Version of the first pack.
    pub before: String,
    /// Version of the second.
    pub after: String,
    /// Sums by county and programme; those without a claim are left out.
    pub cells: BTreeMap<(DivisionCode, Programme), Tally>,
    /// Every claim on which the packs differ, in the order of the claims.
    pub changes: Vec<Change>,
}

/// Decides every claim of `round` under both packs; without a round, every claim. A claim is of the
/// round that either pack puts it into.
///
/// # Errors
/// [`TooMuch`] if the amounts do not fit.
pub fn compare<L: Law>(
    before: &Pack<L>,
    after: &Pack<L>,
    calendar: &Calendar,
    round: Option<i32>,
    claims: impl IntoIterator<Item = (Facts, Claim, Progress)>,
) -> Result<Comparison, TooMuch> {
    let mut comparison = Comparison {
        before: before.version().to_owned(),
        after: after.version().to_owned(),
        cells: BTreeMap::new(),
        changes: Vec::new(),
    };
    for (facts, claim, progress) in claims {
        let [one, other] = [before, after].map(|pack| {
            let decided = decide(pack, calendar, &facts, &claim, &progress);
            let usual = || L::round(pack, calendar, &claim);
            (decided.round.unwrap_or_else(usual), said(&decided))
        });
        if round.is_none_or(|round| one.0 == round || other.0 == round) {
            comparison.add(claim, one.1, other.1)?;
        }
    }
    Ok(comparison)
}

/// The amounts do not fit: more fen than there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amounts are too large to add up")]
pub struct TooMuch;

fn said(decided: &Decided) -> Said {
    Said {
        decision: decided.decision,
        reason: decided.reason,
        amount: decided.amount.less_down_to_zero(decided.clawback),
    }
}

impl Comparison {
    /// The sums of all claims.
    pub fn total(&self) -> Result<Tally, TooMuch> {
        self.sum(|_, _| true)
    }

    /// The sums of a county.
    pub fn of_county(&self, county: DivisionCode) -> Result<Tally, TooMuch> {
        self.sum(|own, _| own == county)
    }

    /// The sums of a programme.
    pub fn of_programme(&self, programme: Programme) -> Result<Tally, TooMuch> {
        self.sum(|_, own| own == programme)
    }

    fn sum(&self, wanted: impl Fn(DivisionCode, Programme) -> bool) -> Result<Tally, TooMuch> {
        let cells = self.cells.iter();
        cells
            .filter(|((county, programme), _)| wanted(*county, *programme))
            .try_fold(Tally::default(), |sum, (_, cell)| sum.plus(cell))
    }

    fn add(&mut self, claim: Claim, before: Said, after: Said) -> Result<(), TooMuch> {
        let (programme, county) = (claim.programme, claim.county.county());
        let cell = self.cells.entry((county, programme)).or_default();
        *cell = cell.plus(&Tally::of(before, after))?;
        if before != after {
            self.changes.push(Change {
                claim: claim.id,
                programme,
                county,
                before,
                after,
            });
        }
        Ok(())
    }
}

impl Tally {
    /// The sums of one claim.
    fn of(before: Said, after: Said) -> Self {
        let side = |more: Money, less: Money| Side {
            claims: u64::from(more > less),
            amount: more.less_down_to_zero(less),
        };
        let same_amount = before.amount == after.amount;
        Self {
            claims: 1,
            gain: side(after.amount, before.amount),
            lose: side(before.amount, after.amount),
            otherwise: u64::from(same_amount && before != after),
            before: before.amount,
            after: after.amount,
        }
    }

    fn plus(&self, other: &Self) -> Result<Self, TooMuch> {
        let add = |one: Money, other: Money| one.checked_add(other).ok_or(TooMuch);
        let side = |one: Side, other: Side| {
            Ok(Side {
                claims: one.claims + other.claims,
                amount: add(one.amount, other.amount)?,
            })
        };
        Ok(Self {
            claims: self.claims + other.claims,
            gain: side(self.gain, other.gain)?,
            lose: side(self.lose, other.lose)?,
            otherwise: self.otherwise + other.otherwise,
            before: add(self.before, other.before)?,
            after: add(self.after, other.after)?,
        })
    }
}

#[cfg(test)]
mod tests;
