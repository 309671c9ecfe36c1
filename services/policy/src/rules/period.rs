//! The policy years (八d), for P1 and P2.

use yuhui_kernel::dates as calendar_dates;

use super::{case::Family, clauses};
use crate::{
    Reason,
    facts::Model,
    pack::NationalScheme,
    record::{Draft, Register, Sink, Verdict},
};

impl Verdict {
    /// A verdict on the birth date, if there is one to judge. One that no register knows is for a
    /// person to weigh; evidence from before facts had three states read it as no obstacle.
    pub(crate) fn of_birth_date(self, family: &Family<'_>) -> Self {
        match (family.born_on, family.case.facts.model) {
            (Err(unknown), _) => Self::Unknown(unknown),
            (Ok(None), Model::Two) => Self::Refer(Reason::BirthUnknown),
            (Ok(_), _) => self,
        }
    }
}

/// R-P1-1, R-P2-1 step 5 (八d). “政策年限从2024年1月1日起计算，有效期两年”: P1 looks at the child's own
/// birth date, P2 at the subsidy year. Under CLOSE_FROM (八e, AMB-47) claims from that day on are
/// outside too.
pub(crate) fn is_in_policy_period(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let p = family.case.p();
    let (from, to) = (p.policy_period_from, p.policy_period_to);
    let inside = if family.is_p1() {
        family
            .birth_date()
            .is_none_or(|born_on| (from..=to).contains(&born_on))
    } else {
        (from.year()..=to.year()).contains(&family.year)
    };
    let lodged_on = family.case.claim.lodged_on;
    let closed = matches!(
        p.national_scheme_interaction,
        NationalScheme::CloseFrom(day) if day <= lodged_on
    );
    let verdict = if family.is_p1() && !closed {
        Verdict::unless(inside, Reason::OutsidePolicyPeriod).of_birth_date(family)
    } else {
        Verdict::unless(inside && !closed, Reason::OutsidePolicyPeriod)
    };
    sink.finding(verdict, || {
        let period = format!(
            "政策年限为{}至{}",
            calendar_dates::format_chinese(from),
            calendar_dates::format_chinese(to)
        );
        let draft = Draft::new(
            family.either("R-P1-1", "R-P2-1"),
            clauses::PERIOD,
            if closed {
                format!("{period}，申报日已停止受理。")
            } else {
                format!("{period}。")
            },
        );
        if family.is_p1() {
            draft.day("child.born_on", family.birth_date(), Register::Maternity)
        } else {
            draft.fact("claim.subsidy_year", family.year, Register::Claim)
        }
    });
    verdict
}
