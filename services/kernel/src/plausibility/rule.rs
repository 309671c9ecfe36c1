//! The rules, and what becomes of a record that breaks one.

/// What becomes of a record that breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Taken, and reported: rare, but it happens.
    Warn,
    /// Not taken: it cannot be true.
    Refuse,
}

/// A rule of plausibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Something happens after today that is not known beforehand: a birth, a death.
    NotYet,
    /// A death before the birth.
    DeathBeforeBirth,
    /// One person, told in two ways.
    TwoAccounts,
    /// A period that ends before it starts.
    EndsBeforeStart,
    /// Something happens to a person who is not born.
    BeforeBirth,
    /// Something begins with a person who is dead.
    AfterDeath,
    /// Something happens to a stillborn child.
    Stillborn,
    /// Two places of hukou on one day; the day of the move counts for both.
    HukouOverlap,
    /// A child of two deliveries.
    BornTwice,
    /// A delivery without children, or with more than there can be.
    DeliverySize,
    /// Orders other than 1, 2, 3 …, or another order than that of the days.
    DeliveryOrder,
    /// Children of one delivery too many days apart.
    DeliveryTooLong,
    /// A mother who is the father too.
    OneParent,
    /// A mother who is a man, a father who is a woman.
    ParentSex,
    /// A mother dead before the delivery.
    MotherDead,
    /// Two deliveries of one mother that no pregnancies lie between.
    DeliveriesTooClose,
    /// Two deliveries of one mother closer than pregnancies of full term.
    DeliveriesClose,
    /// A parent who was a child.
    ParentTooYoung,
    /// A parent older or younger than parents are.
    ParentAge,
    /// A father dead for longer than a pregnancy lasts.
    FatherDead,
    /// A marriage of one person with himself or herself.
    OneSpouse,
    /// A marriage below the age of the Civil Code (1047).
    MarriedYoung,
    /// Two marriages of one person at once.
    MarriagesOverlap,
    /// A marriage that outlasts a spouse, or ends by a death on another day than the death.
    EndNotDeath,
    /// A marriage that ends by a death nobody has recorded.
    DeathUnknown,
    /// An adoption by nobody.
    NoAdopter,
    /// Somebody who is to bring up a child and is not older.
    NotOlder,
    /// Two arrangements of custody at once; the day of the hand-over counts for both.
    CustodyOverlap,
}

impl Rule {
    /// Stable name for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotYet => "NOT_YET",
            Self::DeathBeforeBirth => "DEATH_BEFORE_BIRTH",
            Self::TwoAccounts => "TWO_ACCOUNTS",
            Self::EndsBeforeStart => "ENDS_BEFORE_START",
            Self::BeforeBirth => "BEFORE_BIRTH",
            Self::AfterDeath => "AFTER_DEATH",
            Self::Stillborn => "STILLBORN",
            Self::HukouOverlap => "HUKOU_OVERLAP",
            Self::BornTwice => "BORN_TWICE",
            Self::DeliverySize => "DELIVERY_SIZE",
            Self::DeliveryOrder => "DELIVERY_ORDER",
            Self::DeliveryTooLong => "DELIVERY_TOO_LONG",
            Self::OneParent => "ONE_PARENT",
            Self::ParentSex => "PARENT_SEX",
            Self::MotherDead => "MOTHER_DEAD",
            Self::DeliveriesTooClose => "DELIVERIES_TOO_CLOSE",
            Self::DeliveriesClose => "DELIVERIES_CLOSE",
            Self::ParentTooYoung => "PARENT_TOO_YOUNG",
            Self::ParentAge => "PARENT_AGE",
            Self::FatherDead => "FATHER_DEAD",
            Self::OneSpouse => "ONE_SPOUSE",
            Self::MarriedYoung => "MARRIED_YOUNG",
            Self::MarriagesOverlap => "MARRIAGES_OVERLAP",
            Self::EndNotDeath => "END_NOT_DEATH",
            Self::DeathUnknown => "DEATH_UNKNOWN",
            Self::NoAdopter => "NO_ADOPTER",
            Self::NotOlder => "NOT_OLDER",
            Self::CustodyOverlap => "CUSTODY_OVERLAP",
        }
    }

    /// What becomes of the record.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::DeliveriesClose
            | Self::ParentAge
            | Self::FatherDead
            | Self::MarriedYoung
            | Self::DeathUnknown => Severity::Warn,
            _ => Severity::Refuse,
        }
    }
}
