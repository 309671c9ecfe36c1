//! R-TER: hukou at confirmation and at the pre-payment check.

use time::Date;
use yuhui_kernel::dates::format_chinese;

use super::{
    case::Family,
    clauses::{self, Clause},
    family::{any_parent_in_baotou, every_parent_in_baotou, parent_counties},
    on_day,
};
use crate::{
    Reason,
    facts::Known,
    pack::{ChildDeath, ParentsMovedRule},
    record::{Draft, Register, Sink, Verdict},
};

/// R-TER-1 step 14 (三(一)1(1), 六1). The child's hukou at confirmation: outside Baotou, the claim is
/// refused.
pub(crate) fn child_has_hukou_at_confirmation(
    family: &Family<'_>,
    day: Date,
    sink: &mut impl Sink,
) -> Verdict {
    let (stays, verdict) = tested(child_stays(family, day), Reason::ChildHukouNotBaotou);
    sink.finding(verdict, || child_draft(family, day, stays, "资格确认日"));
    verdict
}

/// R-TER-2 step 14 (三(一)1(1), 六1). The parents' hukou at confirmation: none in Baotou, the claim is
/// refused.
pub(crate) fn a_parent_has_hukou_at_confirmation(
    family: &Family<'_>,
    day: Date,
    sink: &mut impl Sink,
) -> Verdict {
    let (stays, verdict) = tested(
        any_parent_in_baotou(family, day),
        Reason::NoParentBaotouHukou,
    );
    sink.finding(verdict, || parents_draft(family, day, stays, "资格确认日"));
    verdict
}

/// R-TER-1 step 16 (六1). “申请补贴的新生子女户籍…新迁出包头市”: at the pre-payment check, terminate.
/// Moves inside Baotou do not matter.
pub(crate) fn child_has_not_moved_out(
    family: &Family<'_>,
    day: Date,
    sink: &mut impl Sink,
) -> Verdict {
    let (stays, verdict) = tested(child_stays(family, day), Reason::ChildMovedOut);
    sink.finding(verdict, || {
        child_draft(family, day, stays, "发放前核查日").also(&[clauses::TERMINATION])
    });
    verdict
}

/// R-TER-2, R-TER-4 step 16 (六1). “或其父母户籍均新迁出包头市”: at the pre-payment check no parent with a
/// Baotou hukou is left; under BOTH_MUST_MOVE both had one when they applied and have none now.
pub(crate) fn parents_have_not_moved_out(
    family: &Family<'_>,
    day: Date,
    sink: &mut impl Sink,
) -> Verdict {
    let left = any_parent_in_baotou(family, day);
    let stay = match family.case.p().termination_parents_moved_rule {
        ParentsMovedRule::NoParentLeft => left,
        ParentsMovedRule::BothMustMove => {
            let before = every_parent_in_baotou(family, family.case.claim.lodged_on);
            match (left, before) {
                (Ok(true), _) | (_, Ok(false)) => Ok(true),
                (Err(unknown), _) | (_, Err(unknown)) => Err(unknown),
                (Ok(false), Ok(true)) => Ok(false),
            }
        }
    };
    let (stay, verdict) = tested(stay, Reason::ParentsMovedOut);
    sink.finding(verdict, || {
        parents_draft(family, day, stay, "发放前核查日").also(&[clauses::TERMINATION])
    });
    verdict
}

/// What holds as far as it is known, and the verdict on it.
fn tested(holds: Known<bool>, reason: Reason) -> (bool, Verdict) {
    let known = holds == Ok(true);
    (known, Verdict::unless_missing(known, holds.err(), reason))
}

/// R-P1-15 (AMB-42): death after lodging changes nothing, the hukou on the day of death decides; one
/// that had ended before stays ended. Under TERMINATE death ends the hukou, and with it the claim.
fn child_stays(family: &Family<'_>, day: Date) -> Known<bool> {
    let case = family.case;
    let child = &case.claim.subject;
    let county = match case.p().family_child_death_after_lodging {
        ChildDeath::Continue => case.last_hukou_known(child, day),
        ChildDeath::Terminate => case.hukou_known(child, day),
    };
    county.map(on_day::in_baotou)
}

fn child_draft(family: &Family<'_>, day: Date, stays: bool, moment: &str) -> Draft {
    let state = if stays { "在" } else { "不在" };
    let child = family.case.claim.subject.as_str();
    let moves = family.case.told_moves([child], day);
    let day_text = format_chinese(day);
    let note = format!("{moment}（{day_text}）孩子户籍{state}包头市。{moves}");
    let county = family.case.hukou(child, day);
    Draft::new("R-TER-1", clauses::MOVED_AWAY, note)
        .also_if(!stays, basis(family))
        .day("check.day", Some(day), Register::Claim)
        .fact("child.hukou", county, Register::PublicSecurity)
}

fn parents_draft(family: &Family<'_>, day: Date, stays: bool, moment: &str) -> Draft {
    let state = if stays {
        "父母户籍未均迁出"
    } else {
        "父母户籍均不在"
    };
    let parents = family.known_parents().into_iter().flatten();
    let moves = family.case.told_moves(parents, day);
    let note = format!("{moment}（{}）{state}包头市。{moves}", format_chinese(day));
    let counties = parent_counties(family, day)
        .map(|county| county.map_or_else(|| "-".to_owned(), |county| county.to_string()));
    Draft::new("R-TER-2", clauses::MOVED_AWAY, note)
        .also_if(!stays, basis(family))
        .day("check.day", Some(day), Register::Claim)
        .fact(
            "parents.hukou",
            counties.join(", "),
            Register::PublicSecurity,
        )
}

/// The condition that fails with the hukou.
const fn basis(family: &Family<'_>) -> &'static [Clause] {
    if family.is_p1() {
        &[clauses::P1_HUKOU]
    } else {
        &[clauses::P2_CHILD, clauses::P1_HUKOU]
    }
}
