//! An institution as it describes itself, as facts of the law.

use std::collections::BTreeMap;

use yuhui_platform::form::Form;
use yuhui_policy::facts::{
    Enrolment, Facts, Honour, HonourLevel, Institution, InstitutionKind, Suspension,
};
use yuhui_proto::eligibility::v1::{
    InstitutionSituation, NurserySituation,
    institution_situation::{self as pb, honour::Level},
};

use super::{
    family::list,
    read::{any_county, label},
};

/// Most children of all groups: more than any nursery has places.
const MOST_CHILDREN: i32 = 2000;
/// Subsidy years a certificate can name.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// Reads the facts. Entries that cannot be read are told and left out.
pub(super) fn facts(form: &mut Form, situation: &InstitutionSituation) -> Facts {
    let Some(described) = &situation.nursery else {
        form.refuse("institution.nursery", "不能为空", "must not be empty");
        return Facts::default();
    };
    let institution = nursery(form, "institution.nursery", described);
    let suspensions = list(
        form,
        "institution.suspensions",
        &situation.suspensions,
        |form, field, it: &pb::Suspension| {
            let (from, to) = form.period(field, &it.from_on, &it.to_on)?;
            Some(Suspension { from, to })
        },
    );
    let honours = list(form, "institution.honours", &situation.honours, honour);
    let certified_headcount = certificates(form, &situation.certificates);
    let Some(institution) = institution else {
        return Facts::default();
    };
    let enrolments = groups(form, &institution.id, &situation.groups);
    Facts {
        institutions: vec![Institution {
            suspensions,
            honours,
            certified_headcount,
            ..institution
        }],
        enrolments,
        ..Facts::default()
    }
}

/// Reads a nursery.
pub(super) fn nursery(form: &mut Form, field: &str, it: &NurserySituation) -> Option<Institution> {
    let id = label(form, &format!("{field}.label"), &it.label);
    let county = any_county(form, &format!("{field}.county"), &it.county);
    let mut on = |part: &str, text: &str| form.date_or_none(&format!("{field}.{part}"), text);
    let registered_on = on("registered_on", &it.registered_on);
    let filed_on = on("filed_on", &it.filed_on);
    let approved_on = on("education_approved_on", &it.education_approved_on);
    let recognised_on = on("inclusive_recognised_on", &it.inclusive_recognised_on);
    Some(Institution {
        id: id?,
        kind: if it.kindergarten {
            InstitutionKind::Kindergarten
        } else {
            InstitutionKind::Nursery
        },
        county: county?,
        registered_on: registered_on?,
        filed_on: filed_on?,
        education_approved_on: approved_on?,
        inclusive_recognised_on: recognised_on?,
        suspensions: Vec::new(),
        honours: Vec::new(),
        certified_headcount: BTreeMap::new(),
    })
}

fn honour(form: &mut Form, field: &str, it: &pb::Honour) -> Option<Honour> {
    let granted_on = form.date(&format!("{field}.granted_on"), &it.granted_on);
    let level = match it.level() {
        Level::Municipal => HonourLevel::Municipal,
        Level::Regional => HonourLevel::Regional,
        Level::National => HonourLevel::National,
        Level::Unspecified => {
            form.refuse(
                format!("{field}.level"),
                "须注明荣誉级别",
                "must name the level",
            );
            return None;
        }
    };
    Some(Honour {
        level,
        granted_on: granted_on?,
    })
}

fn certificates(form: &mut Form, certificates: &[pb::Certificate]) -> BTreeMap<i32, u32> {
    let field = "institution.certificates";
    let read = list(form, field, certificates, |form, field, it| {
        if !YEARS.contains(&it.subsidy_year) {
            form.refuse(
                format!("{field}.subsidy_year"),
                "不是有效年度",
                "is no subsidy year",
            );
            return None;
        }
        Some((it.subsidy_year, u32::try_from(it.headcount).ok()?))
    });
    let mut by_year = BTreeMap::new();
    for (at, (year, headcount)) in read.into_iter().enumerate() {
        if by_year.insert(year, headcount).is_some() {
            form.refuse(
                format!("{field}[{at}].subsidy_year"),
                "同一年度只能有一份证明",
                "is certified twice",
            );
        }
    }
    by_year
}

/// One stay per child: `nursery-g2-7` is the seventh child of the second group.
fn groups(form: &mut Form, nursery: &str, groups: &[pb::Group]) -> Vec<Enrolment> {
    let field = "institution.groups";
    let mut left = MOST_CHILDREN;
    let mut stays = Vec::new();
    let read = list(form, field, groups, |form, field, it| {
        let born_on = form.date(&format!("{field}.born_on"), &it.born_on);
        let days = form.period(field, &it.from_on, &it.to_on);
        let (born_on, (from, to)) = (born_on?, days?);
        if from < born_on {
            form.refuse(
                format!("{field}.from_on"),
                "早于出生日期",
                "is before the birth",
            );
            return None;
        }
        Some((it.count, it.fee_receipts, born_on, from, to))
    });
    for (at, (count, fee_receipts, born_on, from, to)) in read.into_iter().enumerate() {
        if count > left {
            form.refuse(
                format!("{field}[{at}].count"),
                format!("各组合计不得超过{MOST_CHILDREN}人"),
                format!("all groups together have more than {MOST_CHILDREN} children"),
            );
            break;
        }
        left -= count;
        stays.extend((1..=count).map(|number| Enrolment {
            child: format!("{nursery}-g{}-{number}", at + 1),
            born_on,
            institution: nursery.to_owned(),
            from,
            to,
            fee_receipts,
        }));
    }
    stays
}
