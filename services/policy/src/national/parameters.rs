//! The parameters of the national childcare subsidy by their dotted names.

use time::Date;
use yuhui_kernel::Money;

use crate::pack::{PackError, alternatives::choice, parameters::parameters};

choice! {
    /// What is lost by a first claim that comes too late (第十二条).
    MissedFirstClaim {
        /// The years that went by.
        ForfeitsYear = "FORFEITS_YEAR",
        /// The whole subsidy.
        ForfeitsAll = "FORFEITS_ALL",
    }
}

choice! {
    /// Whether a birth after the third child is “符合法律法规规定生育” (第五条).
    BeyondThirdChild {
        /// It is: the scheme knows no birth order.
        Pay = "PAY",
        /// It is not: a couple may have three children.
        Reject = "REJECT",
    }
}

choice! {
    /// What the death of the child does to the year in which it falls.
    DeathInYear {
        /// Nothing: the subsidy is reckoned by the year (第十四条).
        PayTheYear = "PAY_THE_YEAR",
        /// The year is not paid any more.
        NotPaid = "NOT_PAID",
    }
}

choice! {
    /// What a move out of the county between lodging and confirmation does.
    MoveAway {
        /// Nothing: the state at submission decides (第十条).
        Pay = "PAY",
        /// The claim is refused: only a confirmed one survives the move.
        Reject = "REJECT",
    }
}

parameters! {
    /// The parameters of one pack of the national childcare subsidy.
    Parameters {
    /// First day of the scheme (第五条).
    start_date: Date = "scheme.start_date",
    /// Amount per child and year (实施方案 二(二)).
    per_year: Money = "amount.per_year_fen",
    /// Amount per child and month, for births before the start.
    per_month: Money = "amount.per_month_fen",
    /// Age limit, years; also the number of yearly amounts.
    limit_years: i32 = "age.limit_years",
    /// Last day of first claims for births before the start (第十二条).
    earlier_births_first_claim_until: Date = "filing.earlier_births_first_claim_until",
    /// Years after that of birth in which a first claim can still be made (第十二条).
    years_after_birth_for_first_claim: i32 = "filing.years_after_birth_for_first_claim",
    /// First claims that come too late.
    missed_first_claim: MissedFirstClaim = "filing.missed_first_claim",
    /// Births after the third child.
    beyond_third_child: BeyondThirdChild = "birth.beyond_third_child",
    /// Death of the child in the year.
    death_in_year: DeathInYear = "child.death_in_year",
    /// Moves between lodging and confirmation.
    move_before_confirmation: MoveAway = "child.move_before_confirmation",
    /// Days without an entry, while a person moves inside Baotou, that are the earlier county's
    /// (R-DAT-9, AMB-54).
    hukou_gap_days: i32 = "hukou.gap_days",
    }
}

impl Parameters {
    /// Refuses values that contradict one another.
    pub(super) fn check_together(&self) -> Result<(), PackError> {
        const MONTHS_OF_A_YEAR: i64 = 12;
        let refuse = |name: &str, why| {
            Err(PackError::Contradiction {
                name: name.to_owned(),
                why,
            })
        };
        if self.per_month.ratio_half_up(MONTHS_OF_A_YEAR, 1) != Some(self.per_year) {
            return refuse(
                "amount.per_month_fen",
                "twelve months make the amount of a year",
            );
        }
        if !(1..=18).contains(&self.limit_years) {
            return refuse("age.limit_years", "it is no age of a child");
        }
        if self.earlier_births_first_claim_until < self.start_date {
            return refuse(
                "filing.earlier_births_first_claim_until",
                "it lies before scheme.start_date",
            );
        }
        Ok(())
    }
}
