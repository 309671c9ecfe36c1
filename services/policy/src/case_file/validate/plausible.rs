//! What a case says of people, held against what can be true of them.

use std::borrow::Cow;

use yuhui_kernel::{
    Sex,
    plausibility::{
        Adoption, Born, Claim, Custody, Delivery, Event, Finding, Guardianship, Hukou, List,
        Marriage, Part, Person, Place, Records, Rule, Severity, find,
    },
};

use super::Case;
use crate::case_file::{EndedBy, Sex as Told};

/// What cannot be true, or hardly: how grave, of whom, in which field, and why.
pub(super) fn findings(case: &Case) -> Vec<(Severity, Cow<'_, str>, &'static str, String)> {
    let told = find(&records(case), None).into_iter();
    told.map(|finding| {
        let field = field(finding.place);
        (severity(&finding), finding.person.into(), field, finding.en)
    })
    .collect()
}

/// A case knows everything of its people: who is not said to be dead is alive.
fn severity(finding: &Finding<'_>) -> Severity {
    match finding.rule {
        Rule::DeathUnknown => Severity::Refuse,
        rule => rule.severity(),
    }
}

fn records(case: &Case) -> Records<'_> {
    let persons = case.persons.iter().map(|it| Person {
        id: &it.id,
        sex: Some(match it.sex {
            Told::F => Sex::Female,
            Told::M => Sex::Male,
        }),
        born_on: it.born_on,
        died_on: it.died_on,
    });
    let hukou = case.hukou.iter().map(|it| Hukou {
        person: &it.person,
        from: it.from,
        to: it.to,
    });
    let marriages = case.marriages.iter().map(|it| Marriage {
        spouses: [&it.spouses[0], &it.spouses[1]],
        from: it.from,
        to: it.to,
        by_death: it.ended_by == Some(EndedBy::Death),
    });
    let deliveries = case.births.iter().map(|it| Delivery {
        number: &it.delivery,
        mother: &it.mother,
        father: it.father.as_deref(),
        children: { it.children.iter() }
            .map(|child| Born {
                id: Some(&child.id),
                born_on: child.born_on,
                order: child.order,
                live: child.live,
            })
            .collect(),
    });
    let adoptions = case.adoptions.iter().map(|it| Adoption {
        child: &it.child,
        adopters: ids(&it.adopters),
        on: it.on,
    });
    let custody = case.custody.iter().map(|it| Custody {
        child: &it.child,
        holders: ids(&it.holders),
        carers: ids(&it.actual_carers),
        from: it.from,
        to: it.to,
    });
    let guardianships = case.guardianships.iter().map(|it| Guardianship {
        child: &it.child,
        guardian: &it.guardian,
        from: it.from,
        to: it.to,
    });
    let stays = case.enrolments.iter().filter_map(|it| {
        let child = it.child.as_deref()?;
        Some(Event { child, on: it.from })
    });
    let payments = case.national_payments.iter().map(|it| Event {
        child: &it.child,
        on: it.on,
    });
    let claims = case.applications.iter().map(|it| Claim {
        applicant: it.applicant.as_deref(),
        children: ids(&it.children),
        on: it.lodged_on,
    });
    Records {
        persons: persons.collect(),
        hukou: hukou.collect(),
        marriages: marriages.collect(),
        deliveries: deliveries.collect(),
        adoptions: adoptions.collect(),
        custody: custody.collect(),
        guardianships: guardianships.collect(),
        stays: stays.collect(),
        payments: payments.collect(),
        claims: claims.collect(),
    }
}

fn ids(ids: &[String]) -> Vec<&str> {
    ids.iter().map(String::as_str).collect()
}

/// The field as a case file names it.
const fn field(place: Place) -> &'static str {
    match (place.list, place.part) {
        (List::Persons, Part::Sex) => "persons.sex",
        (List::Persons, Part::BornOn) => "persons.born_on",
        (List::Persons, Part::DiedOn) => "persons.died_on",
        (List::Persons, _) => "persons.id",
        (List::Hukou, Part::To) => "hukou.to",
        (List::Hukou, _) => "hukou.from",
        (List::Marriages, Part::To) => "marriages.to",
        (List::Marriages, Part::EndedBy) => "marriages.ended_by",
        (List::Marriages, Part::Spouses) => "marriages.spouses",
        (List::Marriages, _) => "marriages.from",
        (List::Deliveries, Part::Mother) => "births.mother",
        (List::Deliveries, Part::Father) => "births.father",
        (List::Deliveries, Part::Order) => "births.children.order",
        (List::Deliveries, Part::Child) => "births.children.id",
        (List::Deliveries, Part::BornOn) => "births.children.born_on",
        (List::Deliveries, _) => "births.children",
        (List::Adoptions, Part::Adopters) => "adoptions.adopters",
        (List::Adoptions, _) => "adoptions.on",
        (List::Custody, Part::To) => "custody.to",
        (List::Custody, Part::Holders) => "custody.holders",
        (List::Custody, Part::Carers) => "custody.actual_carers",
        (List::Custody, _) => "custody.from",
        (List::Guardianships, Part::To) => "guardianships.to",
        (List::Guardianships, Part::Guardian) => "guardianships.guardian",
        (List::Guardianships, _) => "guardianships.from",
        (List::Stays, _) => "enrolments.from",
        (List::Payments, _) => "national_payments.on",
        (List::Claims, Part::Applicant) => "applications.applicant",
        (List::Claims, _) => "applications.lodged_on",
    }
}
