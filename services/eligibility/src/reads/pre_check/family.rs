//! A family as it describes itself, as facts of the law.

use yuhui_platform::form::Form;
use yuhui_policy::facts::{
    Adoption, Born, Custody, Delivery, Enrolment, Facts, Guardianship, Hukou, Marriage, Person,
};
use yuhui_proto::eligibility::v1::{
    FamilySituation,
    family_situation::{self as pb},
};

use super::{
    institution::nursery,
    read::{division, label, label_or_none, labels},
};

/// Reads the facts. Entries that cannot be read are told and left out.
pub(super) fn facts(form: &mut Form, family: &FamilySituation) -> Facts {
    Facts {
        persons: list(form, "family.persons", &family.persons, person),
        hukou: list(form, "family.hukou", &family.hukou, hukou),
        marriages: list(form, "family.marriages", &family.marriages, marriage),
        births: list(form, "family.deliveries", &family.deliveries, delivery),
        adoptions: list(form, "family.adoptions", &family.adoptions, adoption),
        custody: list(form, "family.custody", &family.custody, custody),
        guardianships: list(
            form,
            "family.guardianships",
            &family.guardianships,
            guardianship,
        ),
        institutions: list(form, "family.nurseries", &family.nurseries, nursery),
        ..Facts::default()
    }
}

/// The stays of the child; its birth date is known by then.
pub(super) fn stays(
    form: &mut Form,
    family: &FamilySituation,
    child: &str,
    born_on: time::Date,
) -> Vec<Enrolment> {
    list(form, "family.stays", &family.stays, |form, field, stay| {
        let nursery = label(form, &format!("{field}.nursery"), &stay.nursery);
        let days = form.period(field, &stay.from_on, &stay.to_on);
        let (institution, (from, to)) = (nursery?, days?);
        Some(Enrolment {
            child: child.to_owned(),
            born_on,
            institution,
            from,
            to,
            fee_receipts: stay.fee_receipts,
        })
    })
}

/// Reads a list, each entry under its own name.
pub(super) fn list<T, U>(
    form: &mut Form,
    field: &str,
    entries: &[T],
    read: impl Fn(&mut Form, &str, &T) -> Option<U>,
) -> Vec<U> {
    let entries = entries.iter().enumerate();
    entries
        .filter_map(|(at, entry)| read(form, &format!("{field}[{at}]"), entry))
        .collect()
}

fn person(form: &mut Form, field: &str, it: &pb::Person) -> Option<Person> {
    let id = label(form, &format!("{field}.label"), &it.label);
    let born_on = form.date(&format!("{field}.born_on"), &it.born_on);
    let died_on = form.date_or_none(&format!("{field}.died_on"), &it.died_on);
    Some(Person {
        id: id?,
        born_on: born_on?,
        died_on: died_on?,
    })
}

fn hukou(form: &mut Form, field: &str, it: &pb::Hukou) -> Option<Hukou> {
    let person = label(form, &format!("{field}.person"), &it.person);
    let division = division(form, &format!("{field}.division"), &it.division);
    let days = form.period(field, &it.from_on, &it.to_on);
    let (from, to) = days?;
    Some(Hukou {
        person: person?,
        county: division?.county(),
        from,
        to,
    })
}

fn marriage(form: &mut Form, field: &str, it: &pb::Marriage) -> Option<Marriage> {
    let names = format!("{field}.spouses");
    let spouses = labels(form, &names, &it.spouses);
    let days = form.period(field, &it.from_on, &it.to_on);
    let Ok(spouses) = <[String; 2]>::try_from(spouses?) else {
        form.refuse(names, "须为夫妻二人", "must name two spouses");
        return None;
    };
    let (from, to) = days?;
    Some(Marriage { spouses, from, to })
}

fn delivery(form: &mut Form, field: &str, it: &pb::Delivery) -> Option<Delivery> {
    let mother = label(form, &format!("{field}.mother"), &it.mother);
    let father = label_or_none(form, &format!("{field}.father"), &it.father);
    let registered_on = form.date_or_none(
        &format!("{field}.birth_service_registered_on"),
        &it.birth_service_registered_on,
    );
    let names = format!("{field}.children");
    let mut children = Vec::with_capacity(it.children.len());
    for (order, child) in (1..).zip(&it.children) {
        let field = format!("{names}[{}]", order - 1);
        let id = label(form, &format!("{field}.label"), &child.label);
        let born_on = form.date(&format!("{field}.born_on"), &child.born_on);
        if let (Some(id), Some(born_on)) = (id, born_on) {
            children.push(Born {
                id,
                born_on,
                order,
                live: !child.stillborn,
            });
        }
    }
    Some(Delivery {
        delivery: field.to_owned(),
        mother: mother?,
        father: father?,
        birth_service_registered_on: registered_on?,
        children,
    })
}

fn adoption(form: &mut Form, field: &str, it: &pb::Adoption) -> Option<Adoption> {
    let child = label(form, &format!("{field}.child"), &it.child);
    let adopters = labels(form, &format!("{field}.adopters"), &it.adopters);
    let on = form.date(&format!("{field}.adopted_on"), &it.adopted_on);
    Some(Adoption {
        child: child?,
        adopters: adopters?,
        on: on?,
    })
}

fn custody(form: &mut Form, field: &str, it: &pb::Custody) -> Option<Custody> {
    let child = label(form, &format!("{field}.child"), &it.child);
    // Custody that nobody holds, or a child nobody cares for, is a fact too.
    let mut some = |part: &str, texts: &[String]| match texts {
        [] => Some(Vec::new()),
        texts => labels(form, &format!("{field}.{part}"), texts),
    };
    let holders = some("holders", &it.holders);
    let actual_carers = some("actual_carers", &it.actual_carers);
    let (from, to) = form.period(field, &it.from_on, &it.to_on)?;
    Some(Custody {
        child: child?,
        holders: holders?,
        actual_carers: actual_carers?,
        from,
        to,
    })
}

fn guardianship(form: &mut Form, field: &str, it: &pb::Guardianship) -> Option<Guardianship> {
    let child = label(form, &format!("{field}.child"), &it.child);
    let guardian = label(form, &format!("{field}.guardian"), &it.guardian);
    let (from, to) = form.period(field, &it.from_on, &it.to_on)?;
    Some(Guardianship {
        child: child?,
        guardian: guardian?,
        from,
        to,
    })
}
