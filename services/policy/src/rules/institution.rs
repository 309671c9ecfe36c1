//! Conditions that P3 and P4 share: county, filing, affordability, service (R-P3-1 to R-P3-3,
//! R-P4-1).

use time::Date;
use yuhui_kernel::{
    dates::{self, Period, format_chinese},
    divisions,
};

use super::{case::Premises, clauses};
use crate::{
    Reason,
    facts::{Institution, InstitutionKind},
    record::{Draft, Register, Silent, Sink, Verdict},
};

/// R-P3-3, R-P4-1 step 1 (二c, 三(三)2(1)b). “由机构注册登记和备案所在旗县级人民政府组织发放”.
pub(crate) fn county_is_competent(premises: &Premises<'_>, sink: &mut impl Sink) -> Verdict {
    let competent = premises.institution.map(|entry| entry.county.county());
    let verdict = competent.map_or(
        Verdict::NotApplicable.or_unknown(premises.missing),
        |competent| Verdict::unless(competent == premises.county.county(), Reason::WrongCounty),
    );
    sink.finding(verdict, || {
        let name = competent.map_or_else(
            || "无记录".to_owned(),
            |code| divisions::name_of(code).map_or_else(|| code.to_string(), str::to_owned),
        );
        Draft::new(
            premises.either("R-P3-3", "R-P4-1"),
            clauses::ORGANISATION,
            format!("机构备案地为{name}。"),
        )
        .also(premises.either(&[clauses::P3_LODGING], &[clauses::P4_LODGING]))
        .fact("institution.county", name, Register::InstitutionRegistry)
        .fact("claim.county", premises.county, Register::Claim)
    });
    verdict
}

/// R-P3-1, R-P4-1 step 4 (三(三)1(1), 三(四)1(1)). “辖区内编办、民政局或市场监督管理局注册登记，且在卫生健康委员会
/// 备案的普惠托育机构和经旗县级教育局批准办托的普惠托幼一体幼儿园”.
pub(crate) fn is_filed_or_approved(premises: &Premises<'_>, sink: &mut impl Sink) -> Verdict {
    let kindergarten = premises.institution.is_some_and(is_kindergarten);
    let failure = if kindergarten {
        Reason::NotApprovedByEducation
    } else {
        Reason::NotFiled
    };
    let holds = premises.institution.is_some_and(|entry| {
        filed_on(premises, entry)
            .or(approved_on(premises, entry))
            .is_some()
    });
    let verdict = Verdict::unless_missing(holds, premises.missing, failure);
    sink.finding(verdict, || {
        let note = match (kindergarten, holds) {
            (true, true) => "托幼一体幼儿园经教育局批准办托（或已登记备案）。",
            (true, false) => "托幼一体幼儿园未经教育局批准办托。",
            (false, true) => "机构已注册登记并在卫生健康委员会备案。",
            (false, false) => "机构未注册登记或未在卫生健康委员会备案。",
        };
        let record = |of: fn(&Institution) -> Option<Date>| {
            premises
                .institution
                .and_then(|entry| premises.by_then(of(entry)))
        };
        premises_draft(premises, note.to_owned())
            .day(
                "institution.registered_on",
                record(|entry| entry.registered_on),
                Register::InstitutionRegistry,
            )
            .day(
                "institution.filed_on",
                record(|entry| entry.filed_on),
                Register::InstitutionRegistry,
            )
            .day(
                "institution.education_approved_on",
                record(|entry| entry.education_approved_on),
                Register::InstitutionRegistry,
            )
    });
    verdict
}

/// R-P3-1, R-P4-1 step 5 (三(三)1(1), 三(四)1(1)). “普惠”: recognised by the day of lodging.
pub(crate) fn is_affordable(premises: &Premises<'_>, sink: &mut impl Sink) -> Verdict {
    let recognised_on = premises
        .institution
        .and_then(|entry| premises.by_then(entry.inclusive_recognised_on));
    let verdict = Verdict::unless_missing(
        recognised_on.is_some(),
        premises.missing,
        Reason::NotInclusive,
    );
    sink.finding(verdict, || {
        let note = match recognised_on {
            Some(day) => format!("{}认定为普惠托育机构。", format_chinese(day)),
            None => "未认定为普惠托育机构。".to_owned(),
        };
        premises_draft(premises, note).day(
            "institution.inclusive_recognised_on",
            recognised_on,
            Register::InstitutionRegistry,
        )
    });
    verdict
}

fn premises_draft(premises: &Premises<'_>, note: String) -> Draft {
    Draft::new(
        premises.either("R-P3-1", "R-P4-1"),
        premises.either(clauses::P3_INSTITUTION, clauses::P4_INSTITUTION),
        note,
    )
}

/// R-P3-2, R-P4-1 step 6 (三(三)1(3), 三(四)1(3)). “申报时机构正常收托”: not suspended on the day of lodging.
pub(crate) fn is_operating(premises: &Premises<'_>, sink: &mut impl Sink) -> Verdict {
    let suspended = premises
        .institution
        .is_some_and(|entry| is_suspended(entry, premises.day));
    let verdict = Verdict::unless(!suspended, Reason::NotOperating).or_unknown(premises.missing);
    sink.finding(verdict, || {
        let note = if suspended {
            "申报日机构处于停止服务期间。"
        } else {
            "申报日机构正常收托。"
        };
        Draft::new(
            premises.either("R-P3-2", "R-P4-1"),
            premises.either(clauses::P3_OPERATING, clauses::P4_OPERATING),
            note,
        )
        .fact(
            "institution.suspended",
            suspended,
            Register::InstitutionRegistry,
        )
    });
    verdict
}

/// R-P3-2, R-P4-1 step 7 (三(三)1(2), 三(四)1(2)). “备案后正常提供托育服务满一年”: suspended days are added.
pub(crate) fn has_served_one_year(premises: &Premises<'_>, sink: &mut impl Sink) -> Verdict {
    let start = service_start(premises);
    let suspended = premises.institution.zip(start).map_or(0, |(entry, start)| {
        suspended_days(entry, start, premises.day)
    });
    let complete_on = start.map(|start| {
        let year = dates::period_end(start, Period::Years(premises.p.inst_service_years));
        dates::add_days(year, suspended)
    });
    // An earlier filing may be missing, and a suspension.
    let verdict = match (premises.missing, complete_on) {
        (Some(unknown), _) => Verdict::Unknown(unknown),
        (None, None) => Verdict::NotApplicable,
        (None, Some(complete_on)) => {
            Verdict::unless(complete_on <= premises.day, Reason::LessThanOneYear)
        }
    };
    sink.finding(verdict, || {
        let note = match complete_on {
            None => "机构未备案或未经批准，服务起始日无法计算。".to_owned(),
            Some(day) => format!(
                "扣除停止服务{suspended}天后，正常服务满一年之日为{}。",
                format_chinese(day)
            ),
        };
        Draft::new(
            premises.either("R-P3-2", "R-P4-1"),
            premises.either(clauses::P3_ONE_YEAR, clauses::P4_ONE_YEAR),
            note,
        )
        .day(
            "institution.service_start",
            start,
            Register::InstitutionRegistry,
        )
        .fact(
            "institution.suspended_days",
            suspended,
            Register::InstitutionRegistry,
        )
    });
    verdict
}

/// Whether the conditions of steps 4 to 7 hold on the day of the premises.
pub(crate) fn conditions_hold(premises: &Premises<'_>) -> bool {
    let steps = [
        is_filed_or_approved(premises, &mut Silent),
        is_affordable(premises, &mut Silent),
        is_operating(premises, &mut Silent),
        has_served_one_year(premises, &mut Silent),
    ];
    steps.into_iter().all(|step| step == Verdict::Pass)
}

/// First day of service: the filing, of a kindergarten without filing the approval (AMB-31).
pub(crate) fn service_start(premises: &Premises<'_>) -> Option<Date> {
    let institution = premises.institution?;
    filed_on(premises, institution).or(approved_on(premises, institution))
}

pub(crate) fn is_kindergarten(institution: &Institution) -> bool {
    institution.kind == InstitutionKind::Kindergarten
}

/// Filed, and registered with an office of Baotou.
fn filed_on(premises: &Premises<'_>, institution: &Institution) -> Option<Date> {
    premises.by_then(institution.registered_on)?;
    premises
        .by_then(institution.filed_on)
        .filter(|_| divisions::is_served(institution.county))
}

fn approved_on(premises: &Premises<'_>, institution: &Institution) -> Option<Date> {
    premises
        .by_then(institution.education_approved_on)
        .filter(|_| is_kindergarten(institution) && divisions::is_served(institution.county))
}

fn is_suspended(institution: &Institution, day: Date) -> bool {
    institution
        .suspensions
        .iter()
        .any(|entry| entry.from <= day && entry.to.is_none_or(|to| day <= to))
}

/// Days of recorded suspension from `start` up to `day`, each day once.
fn suspended_days(institution: &Institution, start: Date, day: Date) -> i64 {
    let spans = institution.suspensions.iter().map(|entry| {
        let to = entry.to.unwrap_or(Date::MAX).min(day);
        (entry.from.max(start), to)
    });
    super::months::tally(spans).days
}
