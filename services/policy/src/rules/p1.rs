//! P1, 二孩、三孩家庭育儿补贴: period, one-year limit, marital birth, amount.

use time::Date;
use yuhui_kernel::{Money, dates as calendar_dates, divisions};

use super::{
    birth_order::class_of,
    case::Family,
    clauses, dates,
    family::is_second_half,
    p2,
    standing::{self, Share, Standing},
};
use crate::{
    Reason,
    facts::{FactKind, OtherOutcome, Unknown},
    pack::NationalScheme,
    record::{Draft, Register, Sink, Verdict},
};

/// R-P1-2, R-P1-3 step 6 (三(一)2(3)). “孩子出生后1年内未主动申请的视为放弃”.
pub(crate) fn is_lodged_within_limit(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let case = family.case;
    let last_day = family
        .birth_date()
        .map(|born_on| dates::p1_last_day(case.pack, case.calendar, born_on));
    let (applied_on, missing) = first_application(family);
    let verdict = last_day.map_or(Verdict::NotApplicable, |last_day| {
        Verdict::unless_missing(applied_on <= last_day, missing, Reason::DeemedWaived)
    });
    let verdict = verdict.of_birth_date(family);
    sink.finding(verdict, || {
        let in_transition = family
            .birth_date()
            .is_some_and(|born_on| born_on <= case.p().policy_publication_date);
        let kept = applied_on != case.claim.lodged_on;
        let last = last_day.map_or_else(|| "-".to_owned(), calendar_dates::format_chinese);
        let applied = calendar_dates::format_chinese(applied_on);
        let note = if kept {
            format!("申报期限至{last}，{applied}已向其他旗县区主动申请，申报日期保留。")
        } else {
            format!("申报期限至{last}，申报日为{applied}。")
        };
        let rule = if in_transition { "R-P1-3" } else { "R-P1-2" };
        Draft::new(rule, clauses::P1_ONE_YEAR, note)
            .also(&[clauses::FAMILY_WINDOW])
            .also_if(in_transition, &[clauses::PERIOD])
            .day("child.born_on", family.birth_date(), Register::Maternity)
            .day("claim.applied_on", Some(applied_on), Register::ClaimIndex)
            .day("claim.last_day", last_day, Register::Claim)
    });
    verdict
}

/// R-P1-2 (AMB-14): the day the family first applied. A claim refused only because another Baotou
/// county was competent keeps its date, if the claimant had standing on that day. Of two halves
/// each is its own parent's (R-P1-13). With it, what is missing that could make the day an earlier one.
fn first_application(family: &Family<'_>) -> (Date, Option<Unknown>) {
    let case = family.case;
    let claim = case.claim;
    if !case.p().p1_wrong_county_preserves_date {
        return (claim.lodged_on, None);
    }
    let share = standing::share_known(family);
    let of_any_claimant = share == Ok(Share::Whole);
    let kept = case.facts.other_claims.iter().filter(|other| {
        other.earlier
            && other.programme == claim.programme
            && other.subject == claim.subject
            && (of_any_claimant || other.claimant == claim.claimant)
            && matches!(
                other.outcome,
                OtherOutcome::Refused {
                    reason: Some(Reason::WrongCounty),
                    ..
                }
            )
            && divisions::is_served(other.county)
    });
    let had_standing = |claimant: &str, day| {
        let (p, facts) = (case.p(), case.facts);
        let standing = standing::standing(p, facts, claim.programme, &claim.subject, claimant, day);
        standing.map(|it| it != Standing::None)
    };
    let missing = case
        .facts
        .missing_by(FactKind::OtherClaim, &claim.subject, claim.lodged_on);
    // Standing is looked for only where it would make the day an earlier one.
    let first = kept.clone().fold(claim.lodged_on, |first, other| {
        let is_first =
            other.lodged_on < first && had_standing(&other.claimant, other.lodged_on) == Ok(true);
        if is_first { other.lodged_on } else { first }
    });
    let in_doubt = kept
        .filter(|other| other.lodged_on < first)
        .filter_map(|other| had_standing(&other.claimant, other.lodged_on).err());
    (first, missing.or(share.err()).or_else(|| in_doubt.min()))
}

/// R-P1-9, R-P1-13, R-MON-1 (一(一)1, 三(一)1(3)c). “一次性给予育儿补贴5000元”: per child, once; a half
/// where both parents raise the child, the odd fen with the first-lodged half.
pub(crate) fn amount(family: &Family<'_>, sink: &mut impl Sink) -> Money {
    let class = class_of(family);
    let rate = class.map_or(Money::ZERO, |class| family.case.p().p1_amount.of(class));
    let whole = after_national_payments(family, rate);
    let halved = standing::share(family) == Share::Half;
    let amount = if halved { half(family, whole) } else { whole };
    sink.finding(Verdict::Pass, || {
        let note = if halved {
            format!("双方分别抚养并且照料，领取50%，计{amount}元。")
        } else {
            format!("一次性育儿补贴{amount}元。")
        };
        let rule = if halved { "R-P1-13" } else { "R-P1-9" };
        Draft::new(rule, clauses::P1_GRANT, note)
            .also_if(halved, &[clauses::P1_COUPLE])
            .also(&[clauses::FAMILY_WINDOW])
            .fact("amount.rate_fen", rate.fen(), Register::Pack)
    });
    amount
}

/// 八e, AMB-47, 三(一)1(3)c: nothing is missing that could change the amount. There is no finding unless
/// something is.
pub(crate) fn amount_is_definite(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let case = family.case;
    let offsets = case.p().national_scheme_interaction == NationalScheme::Offset;
    let known_on = case.progress.confirmed_on.unwrap_or(case.progress.known_on);
    let missing = case
        .facts
        .missing_by(FactKind::NationalPayment, &case.claim.subject, known_on)
        .filter(|_| offsets)
        .or_else(|| p2::missing_of_the_months(family));
    let Some(unknown) = missing else {
        return Verdict::NotApplicable;
    };
    let verdict = Verdict::Unknown(unknown);
    sink.finding(verdict, || {
        Draft::new(
            family.either("R-P1-9", "R-P2-6"),
            family.either(clauses::P1_GRANT, clauses::P2_GRANT),
            "",
        )
    });
    verdict
}

/// R-MON-1: this claimant's half.
pub(crate) fn half(family: &Family<'_>, whole: Money) -> Money {
    let (first, second) = whole.halves();
    if is_second_half(family) {
        second
    } else {
        first
    }
}

/// 八e, AMB-47: under OFFSET the national payments for the child are deducted, of P2 those of the
/// subsidy year. Later payments than the confirmation, until then than today, are
/// not known.
pub(crate) fn after_national_payments(family: &Family<'_>, amount: Money) -> Money {
    let case = family.case;
    if case.p().national_scheme_interaction != NationalScheme::Offset {
        return amount;
    }
    let known_on = case.progress.confirmed_on.unwrap_or(case.progress.known_on);
    case.facts
        .national_payments
        .iter()
        .filter(|payment| payment.child == case.claim.subject && payment.on <= known_on)
        .filter(|payment| family.is_p1() || payment.year() == family.year)
        .fold(amount, |left, payment| {
            left.less_down_to_zero(payment.amount)
        })
}
