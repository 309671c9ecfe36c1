//! What kinds of claims a round brings, and how many of each: thousandths of
//! all claims of a programme; the rest are plain.

use super::scale::Scale;

/// Declares kinds with their share in thousandths.
macro_rules! kinds {
    ($(#[$doc:meta])* $name:ident, plain $plain:ident, $($(#[$each:meta])* $variant:ident = $share:literal),* $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            /// Nothing special: paid.
            $plain,
            $($(#[$each])* $variant,)*
        }

        impl $name {
            const SHARES: &'static [(Self, u32)] = &[$((Self::$variant, $share)),*];

            /// The kinds of `count` claims, each kind at least once if there
            /// is room.
            pub(crate) fn mix(count: usize) -> Vec<Self> {
                let thousands = u32::try_from(count).unwrap_or(u32::MAX);
                let mut kinds = Vec::with_capacity(count);
                for (kind, share) in Self::SHARES {
                    let many = usize::try_from(u64::from(thousands) * u64::from(*share) / 1000);
                    kinds.extend(std::iter::repeat_n(*kind, many.unwrap_or(0).max(1)));
                }
                // A round too small for all kinds keeps room for plain ones.
                kinds.truncate(count / 2);
                kinds.resize(count, Self::$plain);
                kinds
            }
        }
    };
}

kinds! {
    /// Kinds of P1 families.
    BirthKind, plain SecondChild,
    /// A third child, paid.
    ThirdChild = 200,
    /// One child, then twins: two claims, both paid.
    OneThenTwins = 10,
    /// Twins first: the second-born is paid, the first-born is not.
    TwinsFirst = 8,
    /// The elder child died: still a second child.
    ElderDied = 4,
    /// Widowed mother.
    Widowed = 5,
    /// Both parents dead, the grandmother is guardian.
    Guardian = 3,
    /// Divorced, custody and care with the claimant.
    Divorced = 10,
    /// Divorced, both raise and care: half each.
    SharedCustody = 6,
    /// Registered only after the village returned the claim.
    RegisteredLate = 20,
    /// Paid, but the bank's answer takes a day longer.
    SlowBank = 6,
    /// Wrong account, returned, corrected, paid.
    WrongAccount = 12,
    /// Closed account, returned, never corrected.
    ClosedAccount = 3,
    /// First child of the couple.
    FirstChild = 35,
    /// A fourth birth.
    BeyondThird = 8,
    /// Child registered outside Baotou.
    ChildElsewhere = 12,
    /// Both parents outside Baotou.
    ParentsElsewhere = 10,
    /// Never registered with the birth service.
    NeverRegistered = 12,
    /// Parents never married.
    Unmarried = 12,
    /// Adopted child.
    Adopted = 5,
    /// Born before the policy period.
    TooEarly = 10,
    /// Lodged in another county than the child's.
    WrongCounty = 12,
    /// The parent without custody claims.
    NoStanding = 8,
    /// Both parents claim.
    Duplicate = 10,
    /// Custody with one, care with the other.
    CustodyMismatch = 5,
    /// Divorced without any record of custody; the county refuses.
    CustodyUnknown = 3,
    /// Taken back by the claimant.
    Withdrawn = 8,
    /// The child leaves Baotou before the confirmation.
    LeftBeforeConfirmation = 5,
    /// The child leaves Baotou before the payment.
    LeftBeforePayment = 8,
    /// Both parents leave Baotou before the payment.
    ParentsLeft = 4,
    /// Fraud established before the confirmation.
    FraudEarly = 2,
    /// Fraud established before the payment.
    FraudLate = 3,
}

kinds! {
    /// Kinds of P2 families.
    NurseryKind, plain Enrolled,
    /// Two spells that add up to three months.
    TwoSpells = 20,
    /// Less than three months.
    TooShort = 40,
    /// Months without fee receipts.
    NoReceipts = 10,
    /// The nursery is not filed.
    NotFiled = 15,
    /// Lodged in another county than the child's.
    WrongCounty = 10,
    /// Both parents claim.
    Duplicate = 10,
    /// Child registered outside Baotou.
    ChildElsewhere = 10,
    /// Lodged after the window.
    TooLate = 10,
    /// Adopted child.
    Adopted = 4,
    /// Parents never married.
    Unmarried = 8,
    /// Taken back by the claimant.
    Withdrawn = 5,
    /// Wrong account, returned, corrected, paid.
    WrongAccount = 8,
}

kinds! {
    /// Kinds of nurseries that claim P3.
    OperatingKind, plain Nursery,
    /// Kindergarten; the certificate is lower than its roster.
    Kindergarten = 100,
    /// Kindergarten without a certificate.
    NoCertificate = 15,
    /// Registered, not filed.
    NotFiled = 30,
    /// Kindergarten that education never approved.
    NotApproved = 10,
    /// Not recognised as affordable.
    NotInclusive = 30,
    /// Filed less than a year ago.
    TooYoung = 30,
    /// Closed on the day of lodging.
    Closed = 15,
    /// Every stay shorter than three months.
    NoChildren = 15,
    /// Claims twice.
    Duplicate = 15,
    /// Claims in another county than that of its filing.
    WrongCounty = 15,
}

/// Honours of the nurseries that claim P4, in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HonourKind {
    Municipal,
    Regional,
    National,
    /// No honour at all.
    None,
    /// An honour of 2023.
    TooEarly,
}

impl HonourKind {
    /// Honours of `count` nurseries.
    pub(crate) fn mix(count: usize) -> Vec<Self> {
        use HonourKind::{Municipal, National, None, Regional, TooEarly};
        let turn = [
            Municipal, Regional, Municipal, National, Municipal, Regional, Municipal, TooEarly,
            Municipal, None,
        ];
        turn.into_iter().cycle().take(count).collect()
    }
}

/// Claims of a whole round (H.2).
pub(crate) struct Volumes {
    pub(crate) births: usize,
    pub(crate) nursery_children: usize,
    pub(crate) nurseries: usize,
    pub(crate) honours: usize,
}

impl Volumes {
    /// The round of Baotou at a scale.
    pub(crate) fn at(scale: Scale) -> Self {
        Self {
            births: scale.of(6500),
            nursery_children: scale.of(2300),
            nurseries: scale.of(200),
            honours: scale.of(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_occurs_and_most_are_plain() {
        let mix = BirthKind::mix(6500);
        assert_eq!(mix.len(), 6500);
        for (kind, _) in BirthKind::SHARES {
            assert!(mix.contains(kind), "{kind:?}");
        }
        let plain = mix
            .iter()
            .filter(|it| **it == BirthKind::SecondChild)
            .count();
        assert!(plain > 3000);
    }

    #[test]
    fn a_tiny_round_is_half_plain() {
        assert_eq!(OperatingKind::mix(10).len(), 10);
        assert_eq!(OperatingKind::mix(1), [OperatingKind::Nursery]);
    }
}
