//! A plot told again as cases, so that its claims can be decided without a system: one case per
//! household, with the records that touch it.

mod nurseries;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use time::Date;
use yuhui_kernel::{DivisionCode, dates};
use yuhui_policy::{
    Programme as Told,
    case_file::{
        Adoption, Application, Birth, BornChild, Case, Custody, EndedBy, Guardianship, Hukou, Kind,
        Marriage, Person, ProcessDays, Sex, TaintedApplication, TaintedBy,
    },
    facts::Model,
};
use yuhui_proto::{
    registry::v1::{
        self as pb, HukouRecord, MarriageRecord, PersonRecord, marriage_record::Ending,
    },
    types::v1::Programme,
};

use super::plot::{Claim, Claimant, Plot, Registers, is_family};
use nurseries::Nurseries;

/// Tells a plot: its households in their order. What a claimant takes back is not decided and is
/// left out.
pub(super) fn cases(plot: &Plot) -> anyhow::Result<Vec<Case>> {
    let book = Book::of(plot);
    let nurseries = Nurseries::of(plot);
    let mut households: BTreeMap<usize, Vec<&Claim>> = BTreeMap::new();
    for claim in &plot.claims {
        if claim.fate.withdrawn_on.is_none() {
            households.entry(claim.household).or_default().push(claim);
        }
    }
    let told = households
        .into_iter()
        .map(|(number, claims)| household(number, &claims, plot, &book, &nurseries));
    told.collect()
}

fn household(
    number: usize,
    claims: &[&Claim],
    plot: &Plot,
    book: &Book<'_>,
    nurseries: &Nurseries<'_>,
) -> anyhow::Result<Case> {
    let family = claims.iter().any(|claim| is_family(claim.programme));
    let mut case = empty(
        format!("H{number:06}"),
        if family {
            Kind::Family
        } else {
            Kind::Institution
        },
    );
    for (place, claim) in claims.iter().enumerate() {
        let id = format!("a{}", place + 1);
        tell_claim(&mut case, &id, claim, plot)?;
        match &claim.claimant {
            Claimant::Family { number, child, .. } => {
                book.tell(&mut case, [number, child])?;
                nurseries.tell_stays_of(&mut case, child)?;
            }
            Claimant::Nursery(index) => nurseries.tell(&mut case, *index)?,
        }
    }
    Ok(case)
}

fn tell_claim(case: &mut Case, id: &str, claim: &Claim, plot: &Plot) -> anyhow::Result<()> {
    let (applicant, children, institution) = match &claim.claimant {
        Claimant::Family { number, child, .. } => (Some(number.clone()), vec![child.clone()], None),
        Claimant::Nursery(index) => {
            let nursery = plot
                .nurseries
                .get(*index)
                .context("a nursery of the plot")?;
            let code = nursery.institution.credit_code.clone();
            (None, Vec::new(), Some(code))
        }
    };
    case.title.clone_from(&claim.label);
    case.applications.push(Application {
        id: id.to_owned(),
        programme: match claim.programme {
            Programme::P1 => Told::P1,
            Programme::P2 => Told::P2,
            Programme::P3 => Told::P3,
            Programme::P4 => Told::P4,
            Programme::Unspecified => anyhow::bail!("{} is for no programme", claim.label),
        },
        applicant,
        children,
        institution,
        county: claim.county.code(),
        lodged_on: claim.lodged_on,
        subsidy_year: Some(claim.subsidy_year).filter(|year| *year != 0),
    });
    if claim.fate.confirmed_on.is_some() || claim.fate.paid_on.is_some() {
        case.process.push(ProcessDays {
            application: id.to_owned(),
            confirmed_on: claim.fate.confirmed_on,
            paid_on: claim.fate.paid_on,
        });
    }
    if let Some(found_on) = claim.fate.fraud_found_on {
        case.findings.push(TaintedApplication {
            application: id.to_owned(),
            kind: TaintedBy::Fraud,
            found_on,
        });
    }
    Ok(())
}

/// The registers, by the people they are about.
#[derive(Default)]
struct Book<'a> {
    persons: BTreeMap<&'a str, &'a PersonRecord>,
    hukou: BTreeMap<&'a str, Vec<&'a HukouRecord>>,
    marriages: BTreeMap<&'a str, Vec<&'a MarriageRecord>>,
    /// By mother, by father and by child.
    deliveries: BTreeMap<&'a str, Vec<&'a pb::DeliveryRecord>>,
    adoptions: BTreeMap<&'a str, Vec<&'a pb::AdoptionRecord>>,
    custody: BTreeMap<&'a str, Vec<&'a pb::CustodyRecord>>,
    guardianships: BTreeMap<&'a str, Vec<&'a pb::GuardianshipRecord>>,
}

impl<'a> Book<'a> {
    fn of(plot: &'a Plot) -> Self {
        let mut book = Self::default();
        for registers in plot.registers.values() {
            book.enter(registers);
        }
        book
    }

    fn enter(&mut self, registers: &'a Registers) {
        for it in &registers.persons {
            self.persons.insert(&it.identity_number, it);
        }
        for it in &registers.hukou {
            self.hukou.entry(&it.person).or_default().push(it);
        }
        for it in &registers.marriages {
            for spouse in &it.spouses {
                self.marriages.entry(spouse).or_default().push(it);
            }
        }
        for it in &registers.deliveries {
            let children = it.children.iter().map(|born| born.child.as_str());
            let parents = [it.mother.as_str(), it.father.as_str()];
            for person in children.chain(parents).filter(|id| !id.is_empty()) {
                self.deliveries.entry(person).or_default().push(it);
            }
        }
        for it in &registers.adoptions {
            self.adoptions.entry(&it.child).or_default().push(it);
        }
        for it in &registers.custody {
            self.custody.entry(&it.child).or_default().push(it);
        }
        for it in &registers.guardianships {
            self.guardianships.entry(&it.child).or_default().push(it);
        }
    }

    /// Tells what is known of claimant and child: parents, siblings, adopters, guardians.
    fn tell(&self, case: &mut Case, people: [&'a String; 2]) -> anyhow::Result<()> {
        let [claimant, child] = people.map(String::as_str);
        let mut around: BTreeSet<&str> = [claimant, child].into();
        for delivery in of(&self.deliveries, child) {
            around.extend([delivery.mother.as_str(), delivery.father.as_str()]);
        }
        let siblings: Vec<&str> = { around.iter() }
            .flat_map(|person| of(&self.deliveries, person))
            .flat_map(|delivery| &delivery.children)
            .map(|born| born.child.as_str())
            .collect();
        around.extend(siblings);
        let taken_in = around.iter().flat_map(|it| of(&self.adoptions, it));
        let adopters: Vec<&str> = taken_in
            .flat_map(|adoption| &adoption.adopters)
            .map(String::as_str)
            .collect();
        around.extend(adopters);
        let known: BTreeSet<String> = case.persons.iter().map(|it| it.id.clone()).collect();
        around.retain(|id| !id.is_empty() && !known.contains(*id));
        for person in around {
            self.tell_person(case, person)?;
        }
        Ok(())
    }

    fn tell_person(&self, case: &mut Case, id: &str) -> anyhow::Result<()> {
        if let Some(record) = self.persons.get(id) {
            case.persons.push(Person {
                id: id.to_owned(),
                sex: if record.sex() == pb::Sex::Male {
                    Sex::M
                } else {
                    Sex::F
                },
                born_on: day(&record.born_on)?,
                died_on: maybe(&record.died_on)?,
            });
        }
        for it in of(&self.hukou, id) {
            case.hukou.push(Hukou {
                person: id.to_owned(),
                county: it.division.parse::<DivisionCode>()?.county(),
                from: day(&it.from_on)?,
                to: maybe(&it.to_on)?,
            });
        }
        for it in of(&self.marriages, id) {
            let [one, other] = it.spouses.as_slice() else {
                anyhow::bail!("a marriage of {} people", it.spouses.len());
            };
            let marriage = Marriage {
                spouses: [one.clone(), other.clone()],
                from: day(&it.from_on)?,
                to: maybe(&it.to_on)?,
                ended_by: match it.ended_by() {
                    Ending::Divorce => Some(EndedBy::Divorce),
                    Ending::Death => Some(EndedBy::Death),
                    Ending::Unspecified => None,
                },
            };
            if !case.marriages.contains(&marriage) {
                case.marriages.push(marriage);
            }
        }
        for it in of(&self.deliveries, id) {
            if case.births.iter().all(|told| told.delivery != it.delivery) {
                case.births.push(birth(it)?);
            }
        }
        for it in of(&self.adoptions, id) {
            case.adoptions.push(Adoption {
                child: it.child.clone(),
                adopters: it.adopters.clone(),
                on: day(&it.adopted_on)?,
            });
        }
        for it in of(&self.custody, id) {
            case.custody.push(Custody {
                child: it.child.clone(),
                holders: it.holders.clone(),
                actual_carers: it.actual_carers.clone(),
                from: day(&it.from_on)?,
                to: maybe(&it.to_on)?,
                basis: Some(it.basis.clone()),
            });
        }
        for it in of(&self.guardianships, id) {
            case.guardianships.push(Guardianship {
                child: it.child.clone(),
                guardian: it.guardian.clone(),
                from: day(&it.from_on)?,
                to: maybe(&it.to_on)?,
            });
        }
        Ok(())
    }
}

fn birth(it: &pb::DeliveryRecord) -> anyhow::Result<Birth> {
    let children = it.children.iter().map(|born| {
        Ok(BornChild {
            id: born.child.clone(),
            born_on: day(&born.born_on)?,
            order: u32::try_from(born.birth_order)?,
            live: born.live,
        })
    });
    Ok(Birth {
        delivery: it.delivery.clone(),
        mother: it.mother.clone(),
        father: Some(it.father.clone()).filter(|id| !id.is_empty()),
        birth_service_registered_on: maybe(&it.birth_service_registered_on)?,
        children: children.collect::<anyhow::Result<_>>()?,
    })
}

fn of<'m, 'a, T>(
    map: &'m BTreeMap<&str, Vec<&'a T>>,
    id: &str,
) -> impl Iterator<Item = &'a T> + 'm {
    map.get(id).into_iter().flatten().copied()
}

/// A day of a record.
fn day(text: &str) -> anyhow::Result<Date> {
    Ok(dates::parse(text)?)
}

/// A day that a record may lack.
fn maybe(text: &str) -> anyhow::Result<Option<Date>> {
    if text.is_empty() {
        Ok(None)
    } else {
        day(text).map(Some)
    }
}

fn empty(id: String, kind: Kind) -> Case {
    Case {
        id,
        kind,
        title: String::new(),
        why: String::new(),
        rules: Vec::new(),
        params: serde_json::Map::new(),
        persons: Vec::new(),
        hukou: Vec::new(),
        marriages: Vec::new(),
        births: Vec::new(),
        adoptions: Vec::new(),
        custody: Vec::new(),
        guardianships: Vec::new(),
        national_payments: Vec::new(),
        institutions: Vec::new(),
        enrolments: Vec::new(),
        applications: Vec::new(),
        process: Vec::new(),
        findings: Vec::new(),
        expected: Vec::new(),
        expected_totals: Vec::new(),
        gaps: Vec::new(),
        silent: Vec::new(),
        stage: None,
        model: Model::One,
        county: None,
        ledger_events: Vec::new(),
        expected_balances: BTreeMap::new(),
        queries: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
