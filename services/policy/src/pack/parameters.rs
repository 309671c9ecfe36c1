//! All parameters of B.4 by their dotted names.

use time::Date;
use yuhui_kernel::Money;

use super::{
    CancelScope, ChildDeath, ClassAmounts, CustodySplitScope, FirstDeliveryMultiples,
    HonourAmounts, LateFiling, MaritalTest, MonthDay, MonthsScope, NationalScheme, PackError,
    ParentsMovedRule, Proration, RecoveryScope, ResidualBearer, SameChild, Transition, Upgrade,
};

/// Declares the parameters of a law once: field, type, dotted name.
macro_rules! parameters {
    ($(#[$meta:meta])* $law:ident { $($(#[$doc:meta])* $field:ident: $type:ty = $name:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $law {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl $law {
            /// Every dotted name, in the order of the pack.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// Reads all parameters; unknown and missing ones are refused.
            pub(crate) fn read_all(
                values: &serde_json::Map<String, serde_json::Value>,
            ) -> Result<Self, $crate::pack::PackError> {
                use $crate::pack::{PackError, value::ParameterValue};
                if let Some(name) = values.keys().find(|name| !Self::NAMES.contains(&name.as_str())) {
                    return Err(PackError::Unknown { name: name.clone() });
                }
                Ok(Self {
                    $($field: {
                        let value = values.get($name).ok_or_else(|| PackError::missing($name))?;
                        <$type as ParameterValue>::read($name, value)?
                    },)*
                })
            }

            /// The parameters by dotted name, as they are read.
            #[must_use]
            pub fn to_map(&self) -> serde_json::Map<String, serde_json::Value> {
                use $crate::pack::value::ParameterValue;
                let mut values = serde_json::Map::new();
                $(values.insert($name.to_owned(), ParameterValue::write(&self.$field));)*
                values
            }
        }
    };
}

pub(crate) use parameters;

parameters! {
    /// The parameters of one pack of 126号 (B.4).
    Parameters {
    /// Day of publication.
    policy_publication_date: Date = "policy.publication_date",
    /// First day of the policy years (八).
    policy_period_from: Date = "policy.period_from",
    /// Last day of the policy years (八).
    policy_period_to: Date = "policy.period_to",
    /// First round.
    policy_first_round: i32 = "policy.first_round",
    /// Close of the family window (四(一)1).
    calendar_family_filing_close: MonthDay = "calendar.family_filing_close",
    /// Close of the institution window (四(二)1).
    calendar_institution_filing_close: MonthDay = "calendar.institution_filing_close",
    /// Whether applicants' last days roll over days off (R-DAT-2).
    calendar_roll_applicant_deadlines: bool = "calendar.roll_applicant_deadlines",
    /// Days of a public notice.
    notice_days: i32 = "notice.days",
    /// Whether the last day of a notice rolls.
    notice_roll_over_holidays: bool = "notice.roll_over_holidays",
    /// Age limit, years (3周岁).
    age_limit_years: i32 = "age.limit_years",
    /// Whether the birthday itself is still under the limit (AMB-24).
    age_birthday_still_under: bool = "age.birthday_still_under",
    /// First delivery of twins or more.
    order_first_delivery_multiples: FirstDeliveryMultiples = "order.first_delivery_multiples",
    /// Whether earlier children who died keep their ordinal (AMB-3).
    order_deceased_children_count: bool = "order.deceased_children_count",
    /// Whether the pair's children born outside their marriages count (AMB-4).
    order_premarital_common_children_count: bool = "order.premarital_common_children_count",
    /// Whether the pair's children placed for adoption count (AMB-5).
    order_placed_for_adoption_count: bool = "order.placed_for_adoption_count",
    /// Whether the last hukou of a dead parent counts (AMB-11).
    family_deceased_parent_hukou_counts: bool = "family.deceased_parent_hukou_counts",
    /// Death of the child after lodging.
    family_child_death_after_lodging: ChildDeath = "family.child_death_after_lodging",
    /// Days without an entry, while a person moves inside Baotou, that are the earlier county's
    /// (R-DAT-9, AMB-54).
    hukou_gap_days: i32 = "hukou.gap_days",
    /// P1 amounts by class.
    p1_amount: ClassAmounts = "p1.amount_fen",
    /// P1 limit, years from birth.
    p1_limit_years: i32 = "p1.limit_years",
    /// P1 transition.
    p1_transition: Transition = "p1.transition",
    /// P1 marital test.
    p1_marital_test: MaritalTest = "p1.marital_test",
    /// Days after the end of a marriage in which a birth still belongs to it.
    p1_marital_grace_days: i32 = "p1.marital_grace_days",
    /// Which children the halves look at.
    p1_custody_split_scope: CustodySplitScope = "p1.custody_split_scope",
    /// Whether a first lodging in the wrong Baotou county keeps its date (AMB-14).
    p1_wrong_county_preserves_date: bool = "p1.wrong_county_preserves_date",
    /// P2 amount per child and year.
    p2_amount: Money = "p2.amount_fen",
    /// P2 least whole months.
    p2_min_months: i32 = "p2.min_months",
    /// Days the months of P2 are counted over.
    p2_min_months_scope: MonthsScope = "p2.min_months_scope",
    /// P2 proration.
    p2_proration: Proration = "p2.proration",
    /// P2 claims after the window.
    p2_late_filing: LateFiling = "p2.late_filing",
    /// Whether shared custody halves P2 (AMB-28).
    p2_split_shared_custody: bool = "p2.split_shared_custody",
    /// Whether adopted children have P2 (AMB-6).
    p2_adopted_child_eligible: bool = "p2.adopted_child_eligible",
    /// P2 marital test.
    p2_marital_test: MaritalTest = "p2.marital_test",
    /// Years of normal service before P3 and P4.
    inst_service_years: i32 = "inst.service_years",
    /// P3 amount per child.
    p3_amount: Money = "p3.amount_fen",
    /// P3 least whole months.
    p3_min_months: i32 = "p3.min_months",
    /// A child in several institutions.
    p3_same_child_multi_institution: SameChild = "p3.same_child_multi_institution",
    /// P4 amounts by level.
    p4_amount: HonourAmounts = "p4.amount_fen",
    /// Award after promotion.
    p4_upgrade: Upgrade = "p4.upgrade",
    /// First day of honours that count.
    p4_honour_from: Date = "p4.honour_from",
    /// Last day of honours that count.
    p4_honour_to: Date = "p4.honour_to",
    /// When parents count as moved away.
    termination_parents_moved_rule: ParentsMovedRule = "termination.parents_moved_rule",
    /// What fraud recovers.
    fraud_recovery_scope: RecoveryScope = "fraud.recovery_scope",
    /// What fraud cancels.
    fraud_cancel_scope: CancelScope = "fraud.cancel_scope",
    /// Who bears an odd fen.
    funding_residual_fen_bearer: ResidualBearer = "funding.residual_fen_bearer",
    /// The national scheme.
    national_scheme_interaction: NationalScheme = "national_scheme.interaction",
    }
}

impl Parameters {
    /// Refuses values that contradict one another.
    pub(crate) fn check_together(&self) -> Result<(), PackError> {
        let refuse = |name: &str, why| {
            Err(PackError::Contradiction {
                name: name.to_owned(),
                why,
            })
        };
        if self.policy_period_to < self.policy_period_from {
            return refuse("policy.period_to", "it lies before policy.period_from");
        }
        if self.p4_honour_to < self.p4_honour_from {
            return refuse("p4.honour_to", "it lies before p4.honour_from");
        }
        if !(1900..=2200).contains(&self.policy_first_round) {
            return refuse("policy.first_round", "it is no year of our time");
        }
        Ok(())
    }
}
