//! A family that contradicts itself gets no answer but where it does: the rules would pick one of
//! two stories, and the asker would not know which.

use std::collections::BTreeSet;

use time::Date;
use yuhui_kernel::plausibility::{
    Adoption, Born, Claim, Custody, Delivery, Event, Guardianship, Hukou, List, Marriage, Part,
    Person, Place, Records, Rule, Severity, find,
};
use yuhui_platform::form::Form;
use yuhui_policy::facts::Facts;

/// The claim asked about.
pub(super) struct Asked<'a> {
    pub(super) applicant: &'a str,
    pub(super) child: &'a str,
    pub(super) lodged_on: Date,
}

/// Looks for contradictions in facts whose lists are as long as those of the request. What is rare
/// is the asker's own business: nothing is recorded.
pub(super) fn check(form: &mut Form, facts: &Facts, asked: &Asked<'_>) {
    labels(form, facts, asked.applicant);
    for finding in find(&records(facts, asked), None) {
        if finding.rule.severity() == Severity::Refuse {
            form.refuse(field(finding.place, finding.rule), finding.zh, finding.en);
        }
    }
}

fn records<'a>(facts: &'a Facts, asked: &Asked<'a>) -> Records<'a> {
    let labels = |ids: &'a [String]| -> Vec<&'a str> { ids.iter().map(String::as_str).collect() };
    let persons = facts.persons.iter().map(|it| Person {
        id: &it.id,
        sex: None,
        born_on: it.born_on,
        died_on: it.died_on,
    });
    let hukou = facts.hukou.iter().map(|it| Hukou {
        person: &it.person,
        from: it.from,
        to: it.to,
    });
    let marriages = facts.marriages.iter().map(|it| Marriage {
        spouses: [&it.spouses[0], &it.spouses[1]],
        from: it.from,
        to: it.to,
        by_death: false,
    });
    let deliveries = facts.births.iter().map(|it| Delivery {
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
    let adoptions = facts.adoptions.iter().map(|it| Adoption {
        child: &it.child,
        adopters: labels(&it.adopters),
        on: it.on,
    });
    let custody = facts.custody.iter().map(|it| Custody {
        child: &it.child,
        holders: labels(&it.holders),
        carers: labels(&it.actual_carers),
        from: it.from,
        to: it.to,
    });
    let guardianships = facts.guardianships.iter().map(|it| Guardianship {
        child: &it.child,
        guardian: &it.guardian,
        from: it.from,
        to: it.to,
    });
    let stays = facts.enrolments.iter().map(|it| Event {
        child: &it.child,
        on: it.from,
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
        payments: Vec::new(),
        claims: vec![Claim {
            applicant: Some(asked.applicant),
            children: vec![asked.child],
            on: asked.lodged_on,
        }],
    }
}

/// The field as the contract names it.
fn field(place: Place, rule: Rule) -> String {
    let list = match place.list {
        List::Persons => "persons",
        List::Hukou => "hukou",
        List::Marriages => "marriages",
        List::Deliveries => "deliveries",
        List::Adoptions => "adoptions",
        List::Custody => "custody",
        List::Guardianships => "guardianships",
        List::Stays => "stays",
        List::Payments | List::Claims => {
            let field = match (place.part, rule) {
                (Part::Applicant, _) => "family.applicant",
                (_, Rule::Stillborn) => "family.child",
                _ => "lodging_on",
            };
            return field.to_owned();
        }
    };
    let part = match (place.list, place.part) {
        (List::Deliveries, Part::Child) | (_, Part::Id | Part::Sex) => "label",
        (_, Part::BornOn) => "born_on",
        (_, Part::DiedOn) => "died_on",
        (List::Adoptions, Part::From) => "adopted_on",
        (_, Part::From) => "from_on",
        (_, Part::To | Part::EndedBy) => "to_on",
        (_, Part::Spouses) => "spouses",
        (_, Part::Mother) => "mother",
        (_, Part::Father) => "father",
        (_, Part::Children | Part::Order) => "children",
        (_, Part::Child) => "child",
        (_, Part::Adopters) => "adopters",
        (_, Part::Holders) => "holders",
        (_, Part::Carers) => "actual_carers",
        (_, Part::Guardian) => "guardian",
        (_, Part::Applicant) => "applicant",
    };
    let entry = format!("family.{list}[{}]", place.at);
    match place.child {
        Some(child) => format!("{entry}.children[{child}].{part}"),
        None => format!("{entry}.{part}"),
    }
}

/// Every label stands for one person or nursery that the asker describes.
fn labels(form: &mut Form, facts: &Facts, applicant: &str) {
    let mut known = BTreeSet::new();
    for (at, person) in facts.persons.iter().enumerate() {
        if !known.insert(person.id.as_str()) {
            twice(form, format!("family.persons[{at}].label"));
        }
    }
    for delivery in &facts.births {
        known.insert(&delivery.mother);
        known.extend(delivery.father.as_deref());
        known.extend(delivery.children.iter().map(|it| it.id.as_str()));
    }
    let mut must_know = |field: String, label: &str| {
        if !known.contains(label) {
            form.refuse(
                field,
                "persons和deliveries中没有此代号",
                "is a label of nobody in `persons` or `deliveries`",
            );
        }
    };
    must_know("family.applicant".into(), applicant);
    for (at, it) in facts.marriages.iter().enumerate() {
        for spouse in &it.spouses {
            must_know(format!("family.marriages[{at}].spouses"), spouse);
        }
    }
    for (at, it) in facts.hukou.iter().enumerate() {
        must_know(format!("family.hukou[{at}].person"), &it.person);
    }
    for (at, it) in facts.adoptions.iter().enumerate() {
        must_know(format!("family.adoptions[{at}].child"), &it.child);
        for adopter in &it.adopters {
            must_know(format!("family.adoptions[{at}].adopters"), adopter);
        }
    }
    for (at, it) in facts.custody.iter().enumerate() {
        must_know(format!("family.custody[{at}].child"), &it.child);
        for holder in &it.holders {
            must_know(format!("family.custody[{at}].holders"), holder);
        }
        for carer in &it.actual_carers {
            must_know(format!("family.custody[{at}].actual_carers"), carer);
        }
    }
    for (at, it) in facts.guardianships.iter().enumerate() {
        must_know(format!("family.guardianships[{at}].child"), &it.child);
        must_know(format!("family.guardianships[{at}].guardian"), &it.guardian);
    }
    nurseries(form, facts);
}

fn nurseries(form: &mut Form, facts: &Facts) {
    let mut nurseries = BTreeSet::new();
    for (at, it) in facts.institutions.iter().enumerate() {
        if !nurseries.insert(it.id.as_str()) {
            form.refuse(
                format!("family.nurseries[{at}].label"),
                "代号重复",
                "stands for two nurseries",
            );
        }
    }
    for (at, it) in facts.enrolments.iter().enumerate() {
        if !nurseries.contains(it.institution.as_str()) {
            form.refuse(
                format!("family.stays[{at}].nursery"),
                "未在nurseries中说明",
                "is not described in `nurseries`",
            );
        }
    }
}

fn twice(form: &mut Form, field: String) {
    form.refuse(field, "代号重复", "stands for two persons");
}
