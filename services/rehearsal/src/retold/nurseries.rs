//! The nurseries of a plot and the stays of children in them, told as those of a case.

use std::collections::BTreeMap;

use yuhui_policy::{
    case_file::{
        Case, Enrolment as Stay, Honour as ToldHonour, Institution as Told, Person, Sex,
        Suspension as ToldSuspension,
    },
    facts::{HonourLevel as Level, InstitutionKind as ToldKind},
};
use yuhui_proto::institution::v1::{Enrolment, HonourLevel, InstitutionKind, change};

use super::{day, maybe};
use crate::plot::{Nursery, Plot};

/// Nurseries by their place in the plot, and the stays of every child.
pub(super) struct Nurseries<'a> {
    nurseries: &'a [Nursery],
    stays: BTreeMap<&'a str, Vec<(usize, &'a Enrolment)>>,
}

impl<'a> Nurseries<'a> {
    pub(super) fn of(plot: &'a Plot) -> Self {
        let mut stays: BTreeMap<&str, Vec<(usize, &Enrolment)>> = BTreeMap::new();
        for (index, nursery) in plot.nurseries.iter().enumerate() {
            for stay in &nursery.enrolments {
                stays.entry(&stay.child).or_default().push((index, stay));
            }
        }
        Self {
            nurseries: &plot.nurseries,
            stays,
        }
    }

    /// The stays of a child, and where they were.
    pub(super) fn tell_stays_of(&self, case: &mut Case, child: &str) -> anyhow::Result<()> {
        for (index, stay) in self.stays.get(child).into_iter().flatten() {
            self.tell_institution(case, *index)?;
            self.tell_stay(case, *index, stay)?;
        }
        Ok(())
    }

    /// A nursery with all its children, and where else they were.
    pub(super) fn tell(&self, case: &mut Case, index: usize) -> anyhow::Result<()> {
        self.tell_institution(case, index)?;
        if !case.enrolments.is_empty() {
            return Ok(());
        }
        let children = self.nurseries.get(index).into_iter();
        for stay in children.flat_map(|nursery| &nursery.enrolments) {
            if case.persons.iter().all(|person| person.id != stay.child) {
                case.persons.push(Person {
                    id: stay.child.clone(),
                    sex: Sex::F,
                    born_on: day(&stay.child_born_on)?,
                    died_on: None,
                });
                self.tell_stays_of(case, &stay.child)?;
            }
        }
        Ok(())
    }

    fn tell_stay(&self, case: &mut Case, index: usize, stay: &Enrolment) -> anyhow::Result<()> {
        let told = Stay {
            child: Some(stay.child.clone()),
            count: None,
            born_on: None,
            institution: self.code(index),
            from: day(&stay.from_on)?,
            to: maybe(&stay.to_on)?,
            fee_receipts: stay.fee_receipts,
            note: None,
        };
        if !case.enrolments.contains(&told) {
            case.enrolments.push(told);
        }
        Ok(())
    }

    fn code(&self, index: usize) -> String {
        let nursery = self.nurseries.get(index);
        nursery.map_or_else(String::new, |it| it.institution.credit_code.clone())
    }

    fn tell_institution(&self, case: &mut Case, index: usize) -> anyhow::Result<()> {
        let Some(nursery) = self.nurseries.get(index) else {
            return Ok(());
        };
        let institution = &nursery.institution;
        if case
            .institutions
            .iter()
            .any(|it| it.id == institution.credit_code)
        {
            return Ok(());
        }
        let mut told = Told {
            id: institution.credit_code.clone(),
            kind: if institution.kind() == InstitutionKind::Kindergarten {
                ToldKind::Kindergarten
            } else {
                ToldKind::Nursery
            },
            county: nursery.county.code(),
            registered_with: None,
            registered_on: maybe(&institution.registered_on)?,
            filed_on: None,
            education_approved_on: None,
            inclusive_recognised_on: None,
            licensed_places: u32::try_from(institution.licensed_places).ok(),
            suspensions: Vec::new(),
            honours: Vec::new(),
            certified_headcount: BTreeMap::new(),
        };
        let changes = nursery.changes.iter().chain(&nursery.education);
        for change in changes.filter_map(|it| it.change.as_ref()) {
            apply(&mut told, change)?;
        }
        case.institutions.push(told);
        Ok(())
    }
}

/// What one change makes of the record.
fn apply(told: &mut Told, change: &change::Change) -> anyhow::Result<()> {
    match change {
        change::Change::FiledOn(on) => told.filed_on = maybe(on)?,
        change::Change::InclusiveRecognisedOn(on) => told.inclusive_recognised_on = maybe(on)?,
        change::Change::EducationApprovedOn(on) => told.education_approved_on = maybe(on)?,
        change::Change::Suspension(it) => told.suspensions.push(ToldSuspension {
            from: day(&it.from_on)?,
            to: maybe(&it.to_on)?,
        }),
        change::Change::Honour(it) => told.honours.push(ToldHonour {
            level: match it.level() {
                HonourLevel::National => Level::National,
                HonourLevel::Regional => Level::Regional,
                HonourLevel::Municipal => Level::Municipal,
                HonourLevel::Unspecified => anyhow::bail!("an honour without a level"),
            },
            granted_on: day(&it.granted_on)?,
        }),
        change::Change::Certificate(it) => {
            let headcount = u32::try_from(it.headcount)?;
            told.certified_headcount.insert(it.subsidy_year, headcount);
        }
        // Nobody's claim turns on who heads it.
        change::Change::LegalPerson(_) => {}
    }
    Ok(())
}
