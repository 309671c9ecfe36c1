//! R-N-5, R-N-6, R-N-8, R-N-9, R-N-14: the years of the scheme, and what each brings.

use time::Date;
use yuhui_kernel::{
    Money,
    dates::{Period, format_chinese, period_end, year_end, year_start},
};

use super::{NationalPack, Parameters, child::Child, parameters::MissedFirstClaim};
use crate::{
    Reason,
    facts::NationalPayment,
    record::{Draft, Register, Sink, Verdict},
    rules::clauses,
};

/// 应补贴月数: the months of `year` in which a child born on `born_on` is under three and the scheme
/// runs. The month of the third birthday counts.
#[must_use]
pub fn months_due(pack: &NationalPack, born_on: Date, year: i32) -> i32 {
    let p = &pack.parameters;
    let from = year_start(year).max(born_on).max(p.start_date);
    let to = year_end(year).min(third_birthday(p, born_on));
    if to < from {
        return 0;
    }
    i32::from(u8::from(to.month())) - i32::from(u8::from(from.month())) + 1
}

fn third_birthday(p: &Parameters, born_on: Date) -> Date {
    period_end(born_on, Period::Years(p.limit_years))
}

/// R-N-5 (管理规范 第五条; 实施方案 二(一)). “从2025年1月1日起”.
pub(super) fn scheme_has_begun(child: &Child<'_>, sink: &mut impl Sink) -> Verdict {
    let start = child.p().start_date;
    let verdict = Verdict::unless(child.year >= start.year(), Reason::OutsidePolicyPeriod);
    sink.finding(verdict, || {
        let note = format!(
            "育儿补贴制度自{}起实施，申请年度为{}年。",
            format_chinese(start),
            child.year
        );
        Draft::new("R-N-5", clauses::N_OBJECT, note)
            .also(&[clauses::N_SUBJECT])
            .fact("claim.subsidy_year", child.year, Register::Claim)
    });
    verdict
}

/// R-N-6 (管理规范 第十二条). “申领人按年度申请。…逾期未提交申请的，视为自动放弃当年申请资格”: a claim is
/// lodged in the year that it is for.
pub(super) fn year_is_open(child: &Child<'_>, sink: &mut impl Sink) -> Verdict {
    let lodged_on = child.claim.lodged_on;
    let verdict = if child.year < lodged_on.year() {
        Verdict::Fail(Reason::YearForfeited)
    } else {
        Verdict::unless(child.year == lodged_on.year(), Reason::YearNotOpen)
    };
    sink.finding(verdict, || {
        let note = format!(
            "{}年度应于当年12月31日前申请，申请日为{}。",
            child.year,
            format_chinese(lodged_on)
        );
        Draft::new("R-N-6", clauses::N_YEARLY, note)
            .fact("claim.subsidy_year", child.year, Register::Claim)
            .day("claim.lodged_on", Some(lodged_on), Register::Claim)
    });
    verdict
}

/// R-N-8 (管理规范 第五条; 实施方案 二(一)). “3周岁以下婴幼儿…至其年满3周岁”: under three on some day of the
/// year.
pub(super) fn is_under_three(child: &Child<'_>, sink: &mut impl Sink) -> Verdict {
    let months = child
        .born_on
        .map(|born_on| months_due(child.pack, born_on, child.year));
    let verdict = months.map_or(Verdict::NotApplicable, |months| {
        Verdict::unless(months > 0, Reason::OverAge)
    });
    sink.finding(verdict, || {
        let birthday = child
            .born_on
            .map(|born_on| third_birthday(child.p(), born_on));
        let note = match (months, birthday) {
            (Some(months), Some(birthday)) => format!(
                "婴幼儿于{}满{age}周岁，{}年度内不满{age}周岁的月数为{months}个月。",
                format_chinese(birthday),
                child.year,
                age = child.p().limit_years,
            ),
            _ => "出生日期不明。".to_owned(),
        };
        Draft::new("R-N-8", clauses::N_SUBJECT, note)
            .also(&[clauses::N_OBJECT])
            .day("child.born_on", child.born_on, Register::Maternity)
            .day("child.third_birthday", birthday, Register::Maternity)
    });
    verdict
}

/// R-N-9 (管理规范 第十二条). “应当在婴幼儿出生当年或次年提出首次申请，并在之后的连续两个年度分别提出续领申请。
/// 对于2025年1月1日以前出生的婴幼儿，首次申请应当在2025年12月31日前提出”.
pub(super) fn is_one_of_its_years(child: &Child<'_>, sink: &mut impl Sink) -> Verdict {
    let p = child.p();
    let first = first_year(child);
    let in_time = first.is_some()
        || child.born_on.is_none_or(|born_on| {
            if child.is_earlier_birth() {
                child.claim.lodged_on <= p.earlier_births_first_claim_until
            } else {
                child.year <= last_first_year(p, born_on)
            }
        });
    let last = child
        .born_on
        .filter(|_| !child.is_earlier_birth())
        .map(|born_on| last_year(p, born_on, first.unwrap_or(child.year)));
    let verdict = if !in_time && p.missed_first_claim == MissedFirstClaim::ForfeitsAll {
        Verdict::Fail(Reason::YearForfeited)
    } else {
        let exhausted = last.is_some_and(|last| child.year > last);
        Verdict::unless(!exhausted, Reason::YearsExhausted)
    };
    sink.finding(verdict, || {
        let note = match (first, in_time) {
            (Some(first), _) => format!("首次申请年度为{first}年，本次为续领申请。"),
            (None, true) => "本次为首次申请，在规定期限内。".to_owned(),
            (None, false) => "首次申请逾期，视为放弃此前年度。".to_owned(),
        };
        Draft::new("R-N-9", clauses::N_YEARLY, note)
            .fact("claims.first_year", first, Register::ClaimIndex)
            .fact("child.last_year", last, Register::Maternity)
    });
    verdict
}

/// The first year claimed for or paid before this one, here or elsewhere.
fn first_year(child: &Child<'_>) -> Option<i32> {
    let claimed = child.standing_claims().map(|(year, _)| year);
    let paid = child
        .payments_elsewhere(child.confirmed_by())
        .map(NationalPayment::year);
    claimed.chain(paid).filter(|year| *year < child.year).min()
}

/// The last year in which a first claim is in time.
const fn last_first_year(p: &Parameters, born_on: Date) -> i32 {
    born_on
        .year()
        .saturating_add(p.years_after_birth_for_first_claim)
}

/// The last of the yearly amounts: as many years from the first claim as the child has years under
/// the limit; a late first claim has lost the years that went by.
fn last_year(p: &Parameters, born_on: Date, first: i32) -> i32 {
    let begins = first.min(last_first_year(p, born_on));
    begins.saturating_add(p.limit_years - 1)
}

/// R-N-14 (实施方案 二(二); 管理规范 第十四条). “每孩每年3600元。其中，对2025年1月1日之前出生、不满3周岁的婴幼儿，
/// 按应补贴月数折算计发补贴”.
pub(super) fn amount(child: &Child<'_>, sink: &mut impl Sink) -> Money {
    let p = child.p();
    let months = child
        .born_on
        .filter(|_| child.is_earlier_birth())
        .map(|born_on| months_due(child.pack, born_on, child.year));
    let amount = match months {
        Some(months) => p
            .per_month
            .ratio_half_up(i64::from(months), 1)
            .unwrap_or(p.per_year),
        None => p.per_year,
    };
    sink.finding(Verdict::Pass, || {
        let year = child.year;
        let note = match months {
            Some(months) => format!("{year}年度应补贴{months}个月，计{amount}元。"),
            None => format!("{year}年度育儿补贴{amount}元。"),
        };
        Draft::new("R-N-14", clauses::N_STANDARD, note)
            .also(&[clauses::N_PAID_YEARLY])
            .fact("amount.rate_fen", amount.fen(), Register::Pack)
            .fact("child.months_due", months, Register::Maternity)
    });
    amount
}
