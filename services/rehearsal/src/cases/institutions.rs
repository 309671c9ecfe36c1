//! The institutions of a case and the stays of children there.

use std::collections::BTreeMap;

use time::Date;
use yuhui_kernel::{Registrar as Kept, Sex, Tenant, dates, divisions};
use yuhui_platform::vault::Vault;
use yuhui_policy::{
    case_file::{self, Case, Institution as Told, RegisteredWith},
    facts::{HonourLevel as Level, InstitutionKind as Kind},
};
use yuhui_proto::institution::v1::{
    Change, Enrolment, HeadcountCertificate, Honour, HonourLevel, Institution, InstitutionKind,
    Registrar, Suspension, change,
};

use super::{adapt::home, people::People};
use crate::{
    accounts::nursery_login,
    numbers::Numbers,
    plot::{Nursery, Plot},
};

/// Tries for a code whose reference falls where it should.
const TRIES: usize = 10_000;

/// The institutions of one case: symbolic id to place in the plot. Those outside Baotou are kept by
/// the county that claims, as institutions that its children attend.
#[derive(Debug, Default)]
pub(super) struct Institutions(BTreeMap<String, usize>);

impl Institutions {
    /// The place of an institution in the plot.
    pub(super) fn get(&self, id: &str) -> Option<usize> {
        self.0.get(id).copied()
    }

    /// Registers what can be registered, with its stays.
    pub(super) fn enter(
        case: &Case,
        people: &People,
        numbers: &mut Numbers,
        vault: &Vault,
        plot: &mut Plot,
    ) -> anyhow::Result<Self> {
        let mut institutions = Self::default();
        let mut told: Vec<&Told> = case.institutions.iter().collect();
        told.sort_by(|one, other| one.id.cmp(&other.id));
        let many = told.len();
        for (place, told) in told.into_iter().enumerate() {
            let Some(registered_on) = registered_on(case, told) else {
                continue;
            };
            let at_home = Tenant::of(told.county);
            let county = match at_home {
                Some(county) => county,
                None => home(case)?,
            };
            let code = ordered_code(numbers, vault, told, place, many)?;
            let index = plot.nurseries.len();
            let institution = registered(case, told, county, code, registered_on)?;
            plot.nurseries.push(Nursery {
                county,
                institution,
                changes: at_home.map(|_| changes(told)).unwrap_or_default(),
                education: match at_home {
                    Some(_) => education(told)?,
                    None => Vec::new(),
                },
                enrolments: Vec::new(),
                login: nursery_login(index + 1, county),
            });
            institutions.0.insert(told.id.clone(), index);
        }
        institutions.enrol(case, people, numbers, plot)?;
        Ok(institutions)
    }

    fn enrol(
        &self,
        case: &Case,
        people: &People,
        numbers: &mut Numbers,
        plot: &mut Plot,
    ) -> anyhow::Result<()> {
        for stay in &case.enrolments {
            let Some(index) = self.get(&stay.institution) else {
                continue;
            };
            let Some(nursery) = plot.nurseries.get_mut(index) else {
                continue;
            };
            let mut write = |child: String, born_on: Date| {
                nursery.enrolments.push(Enrolment {
                    child,
                    child_born_on: dates::format(born_on),
                    institution_ref: String::new(),
                    from_on: dates::format(stay.from),
                    to_on: stay.to.map(dates::format).unwrap_or_default(),
                    fee_receipts: stay.fee_receipts,
                });
            };
            match (&stay.child, stay.count, stay.born_on) {
                (Some(child), _, _) => {
                    let born_on = born_on(case, child);
                    write(people.number(child)?, born_on.unwrap_or(stay.from));
                }
                (None, Some(count), Some(born_on)) => {
                    for _ in 0..count {
                        write(numbers.person(born_on, Sex::Female)?, born_on);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The day it is registered. One that never was is entered with its first stay, unless it claims.
fn registered_on(case: &Case, told: &Told) -> Option<Date> {
    let mut claims = case.applications.iter();
    let claims = claims.any(|it| it.institution.as_ref() == Some(&told.id));
    let stays = case.enrolments.iter();
    let first = stays
        .filter(|it| it.institution == told.id && !claims)
        .map(|it| it.from)
        .min();
    told.registered_on.or(first)
}

fn born_on(case: &Case, id: &str) -> Option<Date> {
    let listed = case.persons.iter().find(|person| person.id == id);
    let mut children = case.births.iter().flat_map(|birth| &birth.children);
    listed
        .map(|person| person.born_on)
        .or_else(|| Some(children.find(|child| child.id == id)?.born_on))
}

/// A code whose blind reference sorts as the symbolic id does among those of
/// the case: ties between institutions go to the smaller id (R-P3-5).
fn ordered_code(
    numbers: &mut Numbers,
    vault: &Vault,
    told: &Told,
    place: usize,
    many: usize,
) -> anyhow::Result<String> {
    let kept = match told.registered_with {
        Some(RegisteredWith::MarketRegulation) => Kept::MarketRegulation,
        Some(RegisteredWith::PublicInstitutionRegistry) => Kept::PublicInstitutionRegistry,
        Some(RegisteredWith::CivilAffairs) | None => Kept::CivilAffairs,
    };
    for _ in 0..TRIES {
        let code = numbers.institution(kept)?;
        let reference = vault.blind("credit-code", &code);
        let first = reference
            .get(..2)
            .and_then(|hex| usize::from_str_radix(hex, 16).ok());
        if first.is_some_and(|first| first * many.max(1) / 256 == place) {
            return Ok(code);
        }
    }
    anyhow::bail!("no code sorts where {} belongs", told.id)
}

fn registered(
    case: &Case,
    told: &Told,
    county: Tenant,
    credit_code: String,
    registered_on: Date,
) -> anyhow::Result<Institution> {
    let own = divisions::townships_of(county.code()).next();
    let own = own.map(|it| it.code_text.clone()).unwrap_or_default();
    let township = match Tenant::of(told.county) {
        Some(_) => own,
        None => format!("{}001", told.county.county()),
    };
    let registrar = match told.registered_with {
        Some(RegisteredWith::MarketRegulation) => Registrar::MarketRegulation,
        Some(RegisteredWith::PublicInstitutionRegistry) => Registrar::PublicInstitution,
        Some(RegisteredWith::CivilAffairs) | None => Registrar::CivilAffairs,
    };
    let kind = match told.kind {
        Kind::Nursery => InstitutionKind::Nursery,
        Kind::Kindergarten => InstitutionKind::Kindergarten,
    };
    Ok(Institution {
        credit_code,
        display_name: format!("{} {}", case.id, told.id),
        kind: kind.into(),
        registered_with: registrar.into(),
        registered_on: dates::format(registered_on),
        township,
        licensed_places: i32::try_from(told.licensed_places.unwrap_or(60))?,
        ..Institution::default()
    })
}

fn a(change: change::Change) -> Change {
    Change {
        change: Some(change),
        ..Change::default()
    }
}

fn changes(told: &Told) -> Vec<Change> {
    let filed = told
        .filed_on
        .map(|on| a(change::Change::FiledOn(dates::format(on))));
    let inclusive = told
        .inclusive_recognised_on
        .map(|on| a(change::Change::InclusiveRecognisedOn(dates::format(on))));
    let suspended = merged(&told.suspensions).into_iter().map(|(from, to)| {
        a(change::Change::Suspension(Suspension {
            from_on: dates::format(from),
            to_on: to.map(dates::format).unwrap_or_default(),
        }))
    });
    let honoured = told.honours.iter().zip(1..).map(|(it, number)| {
        let level = match it.level {
            Level::Municipal => HonourLevel::Municipal,
            Level::Regional => HonourLevel::Regional,
            Level::National => HonourLevel::National,
        };
        a(change::Change::Honour(Honour {
            level: level.into(),
            granted_on: dates::format(it.granted_on),
            document_number: format!("〔{}〕{number}号", it.granted_on.year()),
        }))
    });
    filed
        .into_iter()
        .chain(inclusive)
        .chain(suspended)
        .chain(honoured)
        .collect()
}

/// Overlapping suspensions are one: the register keeps each day once.
fn merged(told: &[case_file::Suspension]) -> Vec<(Date, Option<Date>)> {
    let mut spells: Vec<(Date, Option<Date>)> = told.iter().map(|it| (it.from, it.to)).collect();
    spells.sort_unstable();
    let mut merged: Vec<(Date, Option<Date>)> = Vec::new();
    for (from, to) in spells {
        match merged.last_mut() {
            Some((_, last)) if last.is_none_or(|last| from <= last) => {
                *last = last.zip(to).map(|(one, other)| one.max(other));
            }
            _ => merged.push((from, to)),
        }
    }
    merged
}

fn education(told: &Told) -> anyhow::Result<Vec<Change>> {
    // Of a nursery the register takes neither, and the law asks for neither.
    if told.kind != Kind::Kindergarten {
        return Ok(Vec::new());
    }
    let approved = told
        .education_approved_on
        .map(|on| a(change::Change::EducationApprovedOn(dates::format(on))));
    let mut changes: Vec<Change> = approved.into_iter().collect();
    for (year, headcount) in &told.certified_headcount {
        changes.push(a(change::Change::Certificate(HeadcountCertificate {
            subsidy_year: *year,
            headcount: i32::try_from(*headcount)?,
        })));
    }
    Ok(changes)
}
