//! P2, 入托孩子家庭生均补贴: window, institution, months, amount.

use time::Date;
use yuhui_kernel::{
    Money,
    dates::{self as calendar_dates, format_chinese, year_end, year_start},
    divisions,
};

use super::{
    case::{Family, institution_of},
    clauses, dates,
    months::{Span, Tally, tally, tally_where},
    p1::{after_national_payments, half},
    standing::{self, Share},
};
use crate::{
    Reason,
    facts::{Enrolment, FactKind, Institution, InstitutionKind, Unknown},
    pack::{LateFiling, MonthsScope, Proration},
    record::{Draft, Register, Sink, Verdict},
};

/// R-P2-2 step 6 (四(一)1). “每年3月31日前，本人申报”: by the close of the window after the subsidy
/// year; later it has lapsed.
pub(crate) fn is_lodged_in_window(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let close = family.p2_window_close();
    let lodged_on = family.case.claim.lodged_on;
    let late_joins_next_round = family.case.p().p2_late_filing == LateFiling::NextRound;
    let in_time = lodged_on <= close;
    let verdict = Verdict::unless(in_time || late_joins_next_round, Reason::WindowClosed);
    sink.finding(verdict, || {
        let (close, lodged) = (format_chinese(close), format_chinese(lodged_on));
        let note = if !in_time && late_joins_next_round {
            format!("申报期限至{close}，申报日为{lodged}，按参数转入下一轮。")
        } else {
            format!("申报期限至{close}，申报日为{lodged}。")
        };
        Draft::new("R-P2-2", clauses::FAMILY_WINDOW, note)
            .fact("claim.subsidy_year", family.year, Register::Claim)
            .day("claim.lodged_on", Some(lodged_on), Register::Claim)
    });
    verdict
}

/// R-P2-3 step 12 (三(二), 三(二)1(1)). “子女在辖区内托育机构或延伸办托的幼儿园入托”: inside Baotou, and on
/// the day of lodging filed, or a kindergarten approved by a county education bureau.
pub(crate) fn institution_is_eligible(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let attended = stays(family).next().is_some();
    let eligible = stays(family).any(|stay| in_eligible_institution(family, stay));
    let of_institutions = || {
        let missing = stays(family).filter_map(|stay| missing_of_institution(family, stay));
        missing.min()
    };
    let missing = missing_stays(family).or_else(of_institutions);
    // Without a stay there is no institution to find fault with: the months fall short.
    let verdict = if attended {
        Verdict::unless_missing(eligible, missing, Reason::InstitutionNotEligible)
    } else {
        Verdict::NotApplicable.or_unknown(missing)
    };
    sink.finding(verdict, || {
        let note = match (attended, eligible) {
            (false, _) => "补贴年度内无入托记录。",
            (true, true) => "在辖区内已备案（经批准办托）的机构入托。",
            (true, false) => "入托机构不在辖区内，或未备案、未经批准办托。",
        };
        // Sorted: the order in which the register answers never matters.
        let mut institutions: Vec<&str> = stays(family)
            .map(|stay| stay.institution.as_str())
            .collect();
        institutions.sort_unstable();
        institutions.dedup();
        Draft::new("R-P2-3", clauses::P2_INSTITUTION, note)
            .also(&[clauses::P2_PROGRAMME, clauses::P2_GRANT])
            .fact(
                "child.institutions",
                institutions.join(", "),
                Register::InstitutionRegistry,
            )
    });
    verdict
}

/// R-P2-4, R-P2-5 step 12 (三(二)2(3), 三(二)1(2)). “需提供子女入托年内各学期缴费凭证，入托时间不少于3个月”,
/// “不满3周岁”: receipted months in eligible institutions, up to the third birthday. A refusal names
/// every stay that was left out, and cites why.
pub(crate) fn enrolment_is_long_enough(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let p = family.case.p();
    let counted = match p.p2_min_months_scope {
        MonthsScope::WithinSubsidyYear => months_in_year(family),
        MonthsScope::WholeSpell => months_of_touching_spells(family),
    };
    let enough = |counted: Tally| counted.months >= p.p2_min_months && counted.days > 0;
    let long_enough = enough(counted);
    let missing = missing_of_months(family).filter(|_| !long_enough && enough(at_most(family)));
    let verdict = match family.born_on {
        // The third birthday ends what counts; without it, too much may have been counted.
        Err(unknown) if long_enough => Verdict::Unknown(unknown),
        _ => Verdict::unless_missing(long_enough, missing, Reason::EnrolmentTooShort),
    };
    sink.finding(verdict, || {
        let left_out = if long_enough {
            Vec::new()
        } else {
            stays_left_out(family)
        };
        let told: String = left_out.iter().map(LeftOut::told).collect();
        let note = format!(
            "{}年度有缴费凭证且不满3周岁的入托时间为{}个整月（{}天）。{told}",
            family.year, counted.months, counted.days
        );
        let elsewhere = left_out.iter().any(|stay| !stay.eligible);
        let draft = Draft::new("R-P2-4", clauses::P2_MONTHS, note)
            .also(&[clauses::P2_CHILD, clauses::P2_GRANT])
            .also_if(elsewhere, &[clauses::P2_INSTITUTION])
            .fact(
                "child.months",
                counted.months,
                Register::InstitutionRegistry,
            )
            .day(
                "child.last_day_under_three",
                last_countable_day(family),
                Register::Maternity,
            );
        if left_out.is_empty() {
            return draft;
        }
        let facts: Vec<String> = left_out.iter().map(LeftOut::as_fact).collect();
        draft.fact(
            "child.stays_left_out",
            facts.join(", "),
            Register::InstitutionRegistry,
        )
    });
    verdict
}

/// A stay of the subsidy year that counts for nothing (R-P2-4).
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct LeftOut<'a> {
    /// Its days in the year, up to the third birthday.
    span: Span,
    institution: &'a str,
    /// Whether the institution counts (R-P2-3).
    eligible: bool,
    fee_receipts: bool,
}

impl LeftOut<'_> {
    /// Days and clauses, in words.
    fn told(&self) -> String {
        let (from, to) = self.span;
        let institution = format!(
            "机构不在辖区内或未备案、未经批准办托（依据{}）",
            clauses::P2_INSTITUTION.citation()
        );
        let receipts = format!("无缴费凭证（依据{}）", clauses::P2_MONTHS.citation());
        let why = match (self.eligible, self.fee_receipts) {
            (true, _) => receipts,
            (false, true) => institution,
            (false, false) => format!("{institution}，{receipts}"),
        };
        format!(
            "{}至{}的入托未计入：{why}。",
            format_chinese(from),
            format_chinese(to)
        )
    }

    fn as_fact(&self) -> String {
        let (from, to) = self.span;
        let (from, to) = (calendar_dates::format(from), calendar_dates::format(to));
        format!("{} {from}/{to}", self.institution)
    }
}

/// R-P2-4 (三(二)1(1), 三(二)2(3)): what is left out of the months, in the order of the days.
fn stays_left_out<'a>(family: &Family<'a>) -> Vec<LeftOut<'a>> {
    let stays = stays(family).map(|stay| LeftOut {
        span: in_year(family, countable(family, stay)),
        institution: &stay.institution,
        eligible: in_eligible_institution(family, stay),
        fee_receipts: stay.fee_receipts,
    });
    let mut left_out: Vec<_> = stays
        .filter(|stay| !(stay.eligible && stay.fee_receipts))
        .collect();
    left_out.sort();
    left_out.dedup();
    left_out
}

/// R-P2-6, R-MON-1 (一(一)2, 五(二)5). “每生每年补贴500元”: not prorated, unless the parameter says so.
pub(crate) fn amount(family: &Family<'_>, sink: &mut impl Sink) -> Money {
    const MONTHS_OF_A_YEAR: i32 = 12;
    let p = family.case.p();
    let months = months_in_year(family).months.min(MONTHS_OF_A_YEAR);
    let rate = match p.p2_proration {
        Proration::None => p.p2_amount,
        Proration::Monthly => p
            .p2_amount
            .ratio_half_up(i64::from(months), i64::from(MONTHS_OF_A_YEAR))
            .unwrap_or(p.p2_amount),
    };
    let whole = after_national_payments(family, rate);
    let halved = standing::share(family) == Share::Half;
    let amount = if halved { half(family, whole) } else { whole };
    sink.finding(Verdict::Pass, || {
        Draft::new(
            "R-P2-6",
            clauses::P2_GRANT,
            format!("{}年度入托孩子家庭生均补贴{amount}元。", family.year),
        )
        .also(&[clauses::BY_THE_YEAR])
        .also_if(halved, &[clauses::P1_COUPLE])
        .fact("amount.rate_fen", rate.fen(), Register::Pack)
        .fact("child.months", months, Register::InstitutionRegistry)
    });
    amount
}

pub(crate) fn last_countable_day(family: &Family<'_>) -> Option<Date> {
    let born_on = family.birth_date()?;
    Some(dates::last_day_under_three(family.case.pack, born_on))
}

/// The days of a stay that can count, whatever the year.
fn countable(family: &Family<'_>, stay: &Enrolment) -> Span {
    let last = last_countable_day(family).unwrap_or(Date::MAX);
    (stay.from, stay.to.unwrap_or(Date::MAX).min(last))
}

fn in_year(family: &Family<'_>, (from, to): Span) -> Span {
    let year = family.year;
    (from.max(year_start(year)), to.min(year_end(year)))
}

/// The child's stays with a countable day in the subsidy year.
fn stays<'a>(family: &Family<'a>) -> impl Iterator<Item = &'a Enrolment> + Clone {
    let family = *family;
    let facts = family.case.facts;
    facts.enrolments.iter().filter(move |stay| {
        let (from, to) = in_year(&family, countable(&family, stay));
        stay.child == family.case.claim.subject && from <= to
    })
}

/// The child's receipted stays in eligible institutions, in any year.
fn receipted_stays<'a>(family: &Family<'a>) -> impl Iterator<Item = &'a Enrolment> + Clone {
    let family = *family;
    family.case.facts.enrolments.iter().filter(move |stay| {
        stay.child == family.case.claim.subject
            && stay.fee_receipts
            && in_eligible_institution(&family, stay)
    })
}

pub(crate) fn months_in_year(family: &Family<'_>) -> Tally {
    tally(receipted_stays(family).map(|stay| in_year(family, countable(family, stay))))
}

/// WHOLE_SPELL (AMB-23): every merged spell that touches the subsidy year counts whole, but no day
/// that is still to come when the claim is made.
fn months_of_touching_spells(family: &Family<'_>) -> Tally {
    let known = year_end(family.year).max(family.case.claim.lodged_on);
    let spans = receipted_stays(family).map(|stay| {
        let (from, to) = countable(family, stay);
        (from, to.min(known))
    });
    tally_where(spans, |spell| {
        let (from, to) = in_year(family, spell);
        from <= to
    })
}

/// Stays of the child that nobody has told yet, in the subsidy year; under WHOLE_SPELL at any time.
fn missing_stays(family: &Family<'_>) -> Option<Unknown> {
    let (first, last) = match family.case.p().p2_min_months_scope {
        MonthsScope::WithinSubsidyYear => (year_start(family.year), year_end(family.year)),
        MonthsScope::WholeSpell => (Date::MIN, Date::MAX),
    };
    let claim = family.case.claim;
    let facts = family.case.facts;
    facts.missing_between(FactKind::Enrolment, &claim.subject, first, last)
}

/// What is missing of the institution of a stay, if it may yet turn out to be eligible.
fn missing_of_institution(family: &Family<'_>, stay: &Enrolment) -> Option<Unknown> {
    let (facts, day) = (family.case.facts, family.case.claim.lodged_on);
    let missing = facts.missing_by(FactKind::Institution, &stay.institution, day);
    missing.filter(|_| !in_eligible_institution(family, stay))
}

/// What is missing of the months.
fn missing_of_months(family: &Family<'_>) -> Option<Unknown> {
    let own = { family.case.facts.enrolments.iter() }
        .filter(|stay| stay.child == family.case.claim.subject && stay.fee_receipts);
    let of_institutions = || {
        own.filter_map(|stay| missing_of_institution(family, stay))
            .min()
    };
    missing_stays(family).or_else(of_institutions)
}

/// 一(一)2 under MONTHLY: what is missing of the months that the amount goes by.
pub(super) fn missing_of_the_months(family: &Family<'_>) -> Option<Unknown> {
    let by_months = !family.is_p1() && family.case.p().p2_proration == Proration::Monthly;
    missing_of_months(family).filter(|_| by_months)
}

/// The most that the months can come to: every stay that is not known counts.
fn at_most(family: &Family<'_>) -> Tally {
    let (facts, child) = (family.case.facts, &family.case.claim.subject);
    let last = last_countable_day(family).unwrap_or(Date::MAX);
    let untold = { facts.gaps.iter() }
        .filter(|gap| gap.fact == FactKind::Enrolment && gap.subject == *child)
        .map(|gap| {
            let to = gap.to.unwrap_or(Date::MAX).min(last);
            (gap.from.unwrap_or(Date::MIN), to)
        });
    let told = facts.enrolments.iter().filter(|stay| {
        let counts = || {
            in_eligible_institution(family, stay) || missing_of_institution(family, stay).is_some()
        };
        stay.child == *child && stay.fee_receipts && counts()
    });
    let told = told.map(|stay| countable(family, stay));
    let all = told.chain(untold);
    match family.case.p().p2_min_months_scope {
        MonthsScope::WithinSubsidyYear => tally(all.map(|span| in_year(family, span))),
        MonthsScope::WholeSpell => tally(all),
    }
}

fn in_eligible_institution(family: &Family<'_>, stay: &Enrolment) -> bool {
    let day = family.case.claim.lodged_on;
    institution_of(family.case.facts, &stay.institution).is_some_and(|institution: &Institution| {
        let by_then = |record: Option<Date>| record.is_some_and(|on| on <= day);
        let approved = institution.kind == InstitutionKind::Kindergarten
            && by_then(institution.education_approved_on);
        divisions::is_served(institution.county) && (by_then(institution.filed_on) || approved)
    })
}
