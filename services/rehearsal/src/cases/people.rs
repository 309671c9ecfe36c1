//! The people of a case, with numbers, in the registers.

use std::collections::BTreeMap;

use time::{Date, macros::date};
use yuhui_kernel::{DivisionCode, Sex, Tenant, dates};
use yuhui_policy::case_file::{self, Case, EndedBy};
use yuhui_proto::registry::v1::{
    self as pb, AdoptionRecord, BornChild, CustodyRecord, DeliveryRecord, GuardianshipRecord,
    HukouRecord, MarriageRecord, NationalPaymentRecord, PersonRecord, marriage_record::Ending,
};

use crate::{accounts::first_village_of, numbers::Numbers, plot::Registers};

/// Birth date of people of whom a case says nothing but their id.
const SOMEDAY: Date = date!(1985 - 01 - 01);

/// The people of one case: symbolic id to identity number.
#[derive(Debug, Default)]
pub(super) struct People(BTreeMap<String, String>);

impl People {
    /// The number of somebody.
    pub(super) fn number(&self, id: &str) -> anyhow::Result<String> {
        let number = self.0.get(id).cloned();
        number.ok_or_else(|| anyhow::anyhow!("nobody is called `{id}`"))
    }

    fn numbers(&self, ids: &[String]) -> anyhow::Result<Vec<String>> {
        ids.iter().map(|id| self.number(id)).collect()
    }

    /// Casts everybody the case mentions, and enters what it says of them.
    pub(super) fn enter(
        case: &Case,
        numbers: &mut Numbers,
        registers: &mut Registers,
    ) -> anyhow::Result<Self> {
        let mut people = Self::default();
        for (id, sex, born_on, died_on) in everybody(case) {
            let number = numbers.person(born_on, sex)?;
            registers.persons.push(PersonRecord {
                identity_number: number.clone(),
                display_name: format!("{} {id}", case.id),
                sex: match sex {
                    Sex::Female => pb::Sex::Female.into(),
                    Sex::Male => pb::Sex::Male.into(),
                },
                born_on: dates::format(born_on),
                died_on: text(died_on),
            });
            people.0.insert(id, number);
        }
        people.enter_hukou(case, registers)?;
        people.enter_civil_affairs(case, registers)?;
        people.enter_births(case, registers)?;
        people.enter_national_payments(case, registers)?;
        Ok(people)
    }

    fn enter_hukou(&self, case: &Case, registers: &mut Registers) -> anyhow::Result<()> {
        for hukou in &case.hukou {
            registers.hukou.push(HukouRecord {
                person: self.number(&hukou.person)?,
                division: place(hukou.county),
                from_on: dates::format(hukou.from),
                to_on: text(hukou.to),
            });
        }
        Ok(())
    }

    fn enter_civil_affairs(&self, case: &Case, registers: &mut Registers) -> anyhow::Result<()> {
        for marriage in &case.marriages {
            let ended_by = match marriage.ended_by {
                None => Ending::Unspecified,
                Some(EndedBy::Divorce) => Ending::Divorce,
                Some(EndedBy::Death) => Ending::Death,
            };
            registers.marriages.push(MarriageRecord {
                spouses: self.numbers(&marriage.spouses)?,
                from_on: dates::format(marriage.from),
                to_on: text(marriage.to),
                ended_by: ended_by.into(),
            });
        }
        for adoption in &case.adoptions {
            registers.adoptions.push(AdoptionRecord {
                child: self.number(&adoption.child)?,
                adopters: self.numbers(&adoption.adopters)?,
                adopted_on: dates::format(adoption.on),
            });
        }
        for custody in &case.custody {
            registers.custody.push(CustodyRecord {
                child: self.number(&custody.child)?,
                holders: self.numbers(&custody.holders)?,
                actual_carers: self.numbers(&custody.actual_carers)?,
                from_on: dates::format(custody.from),
                to_on: text(custody.to),
                basis: custody.basis.clone().unwrap_or_default(),
            });
        }
        for guardianship in &case.guardianships {
            registers.guardianships.push(GuardianshipRecord {
                child: self.number(&guardianship.child)?,
                guardian: self.number(&guardianship.guardian)?,
                from_on: dates::format(guardianship.from),
                to_on: text(guardianship.to),
            });
        }
        Ok(())
    }

    fn enter_births(&self, case: &Case, registers: &mut Registers) -> anyhow::Result<()> {
        for birth in &case.births {
            let mut children = Vec::with_capacity(birth.children.len());
            for child in &birth.children {
                children.push(BornChild {
                    child: self.number(&child.id)?,
                    born_on: dates::format(child.born_on),
                    birth_order: i32::try_from(child.order)?,
                    live: child.live,
                });
            }
            let father = birth
                .father
                .as_deref()
                .map(|id| self.number(id))
                .transpose()?;
            registers.deliveries.push(DeliveryRecord {
                delivery: format!("{}-{}", case.id, birth.delivery),
                mother: self.number(&birth.mother)?,
                father: father.unwrap_or_default(),
                birth_service_registered_on: text(birth.birth_service_registered_on),
                children,
            });
        }
        Ok(())
    }

    fn enter_national_payments(
        &self,
        case: &Case,
        registers: &mut Registers,
    ) -> anyhow::Result<()> {
        for payment in &case.national_payments {
            registers.national_payments.push(NationalPaymentRecord {
                child: self.number(&payment.child)?,
                paid_on: dates::format(payment.on),
                for_year: payment.year.unwrap_or_else(|| payment.on.year()),
                amount_fen: payment.amount.fen(),
            });
        }
        Ok(())
    }
}

/// A township of a county of Baotou, or the county itself elsewhere (R-ID-3).
fn place(county: DivisionCode) -> String {
    let village = Tenant::of(county).and_then(first_village_of);
    village.unwrap_or(county).to_string()
}

fn text(date: Option<Date>) -> String {
    date.map(dates::format).unwrap_or_default()
}

type Known = (String, Sex, Date, Option<Date>);

/// Everybody the case mentions, listed among its persons or not.
fn everybody(case: &Case) -> Vec<Known> {
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let mut meet = |id: &str, sex: Sex, born_on: Date, died_on: Option<Date>| {
        let person = (id.to_owned(), sex, born_on, died_on);
        known.entry(id.to_owned()).or_insert(person);
    };
    for person in &case.persons {
        let sex = match person.sex {
            case_file::Sex::F => Sex::Female,
            case_file::Sex::M => Sex::Male,
        };
        meet(&person.id, sex, person.born_on, person.died_on);
    }
    for birth in &case.births {
        for child in &birth.children {
            meet(&child.id, Sex::Female, child.born_on, None);
        }
        meet(&birth.mother, Sex::Female, SOMEDAY, None);
        if let Some(father) = &birth.father {
            meet(father, Sex::Male, SOMEDAY, None);
        }
    }
    let mentioned = case
        .hukou
        .iter()
        .map(|it| &it.person)
        .chain(case.marriages.iter().flat_map(|it| &it.spouses))
        .chain(
            case.adoptions
                .iter()
                .flat_map(|it| it.adopters.iter().chain([&it.child])),
        )
        .chain(case.custody.iter().flat_map(|it| {
            it.holders
                .iter()
                .chain(&it.actual_carers)
                .chain([&it.child])
        }))
        .chain(
            case.guardianships
                .iter()
                .flat_map(|it| [&it.child, &it.guardian]),
        )
        .chain(
            case.applications
                .iter()
                .filter_map(|it| it.applicant.as_ref()),
        )
        .chain(case.applications.iter().flat_map(|it| &it.children));
    for id in mentioned {
        meet(id, Sex::Female, SOMEDAY, None);
    }
    known.into_values().collect()
}
