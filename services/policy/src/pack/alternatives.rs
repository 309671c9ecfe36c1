//! The alternative readings a parameter may choose between.

use serde_json::{Value, json};
use time::Date;
use yuhui_kernel::dates;

use super::{PackError, value::ParameterValue};

/// Declares a closed choice with its stable codes.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// Stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }
        }

        impl $crate::pack::value::ParameterValue for $name {
            fn read(
                name: &str,
                value: &serde_json::Value,
            ) -> Result<Self, $crate::pack::PackError> {
                match value.as_str() {
                    $(Some($code) => Ok(Self::$variant),)*
                    _ => {
                        let codes = [$($code),*].join(" or ");
                        Err($crate::pack::PackError::wrong(name, &codes, value))
                    }
                }
            }

            fn write(&self) -> serde_json::Value {
                serde_json::Value::String(self.code().to_owned())
            }
        }
    };
}

pub(crate) use choice;

choice! {
    /// Who is paid in a first delivery of twins or more (AMB-1).
    FirstDeliveryMultiples {
        /// The babies take ordinals 1, 2, 3; ordinal 1 is not paid.
        Sequential = "SEQUENTIAL",
        /// Each baby is paid: twins all second; of three or more ordinals 1–2 second, the rest third.
        EveryChild = "EVERY_CHILD",
    }
}

choice! {
    /// What the death of the child after lodging does (AMB-42).
    ChildDeath {
        /// Nothing.
        Continue = "CONTINUE",
        /// The hukou has ended, so the claim ends before payment.
        Terminate = "TERMINATE",
    }
}

choice! {
    /// The limit for children born before publication (AMB-20).
    Transition {
        /// Not before the close of the first window.
        FirstWindow = "FIRST_WINDOW",
        /// One year from birth, no transition.
        Strict = "STRICT",
        /// Not before one year from publication.
        OneYearFromPublication = "ONE_YEAR_FROM_PUBLICATION",
    }
}

choice! {
    /// When the parents must have been married (AMB-7, AMB-8).
    MaritalTest {
        /// At birth, or within the days of grace after the marriage.
        AtBirth = "AT_BIRTH",
        /// On or before the day of lodging.
        ByApplication = "BY_APPLICATION",
    }
}

choice! {
    /// Which children the halves look at (AMB-15).
    CustodySplitScope {
        /// Both parents raise and care for the subject child.
        SubjectChild = "SUBJECT_CHILD",
        /// Each parent raises and cares for some of the couple's children.
        AllChildren = "ALL_CHILDREN",
    }
}

choice! {
    /// Which days the three months of P2 are counted over (AMB-23).
    MonthsScope {
        /// Days of the subsidy year only.
        WithinSubsidyYear = "WITHIN_SUBSIDY_YEAR",
        /// The whole of every stay that touches the subsidy year.
        WholeSpell = "WHOLE_SPELL",
    }
}

choice! {
    /// Whether P2 is prorated (AMB-25).
    Proration {
        /// A flat sum.
        None = "NONE",
        /// Whole months ÷ 12.
        Monthly = "MONTHLY",
    }
}

choice! {
    /// A P2 claim after its window (AMB-26).
    LateFiling {
        /// The year lapses.
        Lapse = "LAPSE",
        /// It joins the next round.
        NextRound = "NEXT_ROUND",
    }
}

choice! {
    /// A child with enough months in several institutions (AMB-30).
    SameChild {
        /// Counts once, where it stayed longest.
        Longest = "LONGEST",
        /// Counts in each.
        Each = "EACH",
    }
}

choice! {
    /// An award after promotion to a higher honour (AMB-35).
    Upgrade {
        /// The difference.
        TopUp = "TOP_UP",
        /// Nothing more.
        None = "NONE",
        /// The full higher award.
        Full = "FULL",
    }
}

choice! {
    /// 均 of 六1 (AMB-40).
    ParentsMovedRule {
        /// No parent with a Baotou hukou is left.
        NoParentLeft = "NO_PARENT_LEFT",
        /// Both parents moved away.
        BothMustMove = "BOTH_MUST_MOVE",
    }
}

choice! {
    /// What is recovered on fraud (AMB-43).
    RecoveryScope {
        /// Everything paid on the tainted claim.
        TaintedApplication = "TAINTED_APPLICATION",
        /// Everything ever paid to the claimant.
        AllPaid = "ALL_PAID",
    }
}

choice! {
    /// What is cancelled on fraud (AMB-43).
    CancelScope {
        /// Every unpaid and later claim of the claimant.
        AllOfClaimant = "ALL_OF_CLAIMANT",
        /// The tainted claim.
        TaintedApplication = "TAINTED_APPLICATION",
    }
}

choice! {
    /// Who bears an odd fen of the 1:1 split (AMB-45).
    ResidualBearer {
        /// The county.
        County = "COUNTY",
        /// The city.
        City = "CITY",
    }
}

/// How the scheme stands beside the national childcare subsidy (AMB-47).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NationalScheme {
    /// Side by side.
    Independent,
    /// National payments for the child are deducted.
    Offset,
    /// Family claims (P1, P2) lodged on or after that day are outside the policy period.
    CloseFrom(Date),
}

impl ParameterValue for NationalScheme {
    fn read(name: &str, value: &Value) -> Result<Self, PackError> {
        const EXPECTED: &str = "INDEPENDENT or OFFSET or {\"CLOSE_FROM\": \"YYYY-MM-DD\"}";
        match value {
            Value::String(text) => match text.as_str() {
                "INDEPENDENT" => Ok(Self::Independent),
                "OFFSET" => Ok(Self::Offset),
                other => {
                    let date = other
                        .strip_prefix("CLOSE_FROM(")
                        .and_then(|rest| rest.strip_suffix(')'))
                        .ok_or_else(|| PackError::wrong(name, EXPECTED, value))?;
                    Date::read(name, &json!(date)).map(Self::CloseFrom)
                }
            },
            Value::Object(table) if table.len() == 1 => table
                .get("CLOSE_FROM")
                .ok_or_else(|| PackError::wrong(name, EXPECTED, value))
                .and_then(|date| Date::read(name, date))
                .map(Self::CloseFrom),
            _ => Err(PackError::wrong(name, EXPECTED, value)),
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::Independent => json!("INDEPENDENT"),
            Self::Offset => json!("OFFSET"),
            Self::CloseFrom(date) => json!({ "CLOSE_FROM": dates::format(*date) }),
        }
    }
}
