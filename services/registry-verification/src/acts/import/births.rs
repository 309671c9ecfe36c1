//! Maternity care: deliveries with birth-service registration.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;
use yuhui_platform::{Caller, Result, act::OpenAct, form::Form, idempotency, unless_answered};
use yuhui_proto::registry::v1 as pb;

use super::{
    Mentions, count,
    people::{RECORDS, blind, person},
    plausible::{Known, Told},
    record,
};
use crate::{
    Deps,
    domain::{BornChild, Delivery, PersonRef, Register},
    store::Registers,
};

/// Most children of one delivery.
const CHILDREN: usize = 10;
/// Longest number of a delivery, in bytes.
const NUMBER: usize = 64;

/// Takes the import.
pub async fn import(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ImportBirthsRequest,
) -> Result<pb::ImportBirthsResponse> {
    let tenant = caller.tenant()?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let mut form = Form::default();
    form.limit("deliveries", &ask.deliveries, RECORDS);
    form.finish()?;
    let deliveries = read(&mut form, deps, &ask.deliveries);
    form.finish()?;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let registers = Registers::of(&act.tx)?;
    registers.lock_registers().await?;
    let deliveries = under_oldest_numbers(&registers, deliveries).await?;
    let today = deps.clock.today();
    let warnings = check(&mut form, &registers, today, &deliveries).await?;
    form.finish()?;

    let answer = pb::ImportBirthsResponse {
        written: count(deliveries.len()),
        warnings,
    };
    registers.put_deliveries(deliveries).await?;
    record(&act, Register::Maternity, &ask, answer.written).await?;
    act.finish(answer).await
}

/// The deliveries with everybody under the reference at which the registers keep them.
async fn under_oldest_numbers(
    registers: &Registers<'_>,
    deliveries: Vec<Delivery>,
) -> Result<Vec<Delivery>> {
    let mut named = BTreeSet::new();
    for delivery in &deliveries {
        named.insert(&delivery.mother);
        named.extend(&delivery.father);
        named.extend(delivery.children.iter().filter_map(|it| it.child.as_ref()));
    }
    let ids = registers.identities(named).await?;
    Ok(deliveries.into_iter().map(|it| ids.rename(it)).collect())
}

/// Reads the deliveries; if nothing is wrong there is one for each record.
fn read(form: &mut Form, deps: &Deps, records: &[pb::DeliveryRecord]) -> Vec<Delivery> {
    let mut numbers = BTreeSet::new();
    let mut deliveries = Vec::with_capacity(records.len());
    for (i, record) in records.iter().enumerate() {
        let field = at(i);
        if !numbers.insert(&record.delivery) {
            form.refuse(
                format!("{field}.delivery"),
                "胎次编号重复",
                "stands twice in the import",
            );
        }
        deliveries.extend(read_delivery(form, deps, &field, record));
    }
    deliveries
}

fn at(index: usize) -> String {
    format!("deliveries[{index}]")
}

fn read_delivery(
    form: &mut Form,
    deps: &Deps,
    field: &str,
    record: &pb::DeliveryRecord,
) -> Option<Delivery> {
    if record.delivery.is_empty() || record.delivery.len() > NUMBER {
        form.refuse(
            format!("{field}.delivery"),
            "须为1至64个字节",
            "must have 1 to 64 bytes",
        );
    }
    let mother = person(
        form,
        &deps.vault,
        &format!("{field}.mother"),
        &record.mother,
    );
    let father = if record.father.is_empty() {
        Some(None)
    } else {
        let father = person(
            form,
            &deps.vault,
            &format!("{field}.father"),
            &record.father,
        );
        father.map(Some)
    };
    let registered = form.date_or_none(
        &format!("{field}.birth_service_registered_on"),
        &record.birth_service_registered_on,
    );
    let children = read_children(form, deps, field, &record.children);
    Some(Delivery {
        number: record.delivery.clone(),
        mother: mother?,
        father: father?,
        birth_service_registered_on: registered?,
        children: children?,
    })
}

/// The children.
fn read_children(
    form: &mut Form,
    deps: &Deps,
    field: &str,
    records: &[pb::BornChild],
) -> Option<Vec<BornChild>> {
    let field = format!("{field}.children");
    if records.is_empty() || records.len() > CHILDREN {
        form.refuse(field, "须有1至10个孩子", "must have 1 to 10 children");
        return None;
    }
    let numbered = records.iter().enumerate();
    let read: Vec<_> = numbered
        .map(|(i, record)| read_child(form, deps, &format!("{field}[{i}]"), record))
        .collect();
    read.into_iter().collect()
}

fn read_child(
    form: &mut Form,
    deps: &Deps,
    field: &str,
    record: &pb::BornChild,
) -> Option<BornChild> {
    let born_on = form.date(&format!("{field}.born_on"), &record.born_on);
    // Stillbirths are given no number.
    let child = if record.child.is_empty() && !record.live {
        None
    } else {
        let number = form.identity_number(&format!("{field}.child"), &record.child)?;
        if number
            .birth_date()
            .is_some_and(|told| Some(told) != born_on)
        {
            form.refuse(
                format!("{field}.born_on"),
                "与公民身份号码中的出生日期不符",
                "is not the birth date the citizen number tells",
            );
        }
        Some(blind(&deps.vault, &number))
    };
    Some(BornChild {
        order: record.birth_order,
        child,
        born_on: born_on?,
        live: record.live,
    })
}

/// What only the registers themselves can tell. The parents must be known; the children need not
/// be: birth comes before hukou. Answers what is rare.
async fn check(
    form: &mut Form,
    registers: &Registers<'_>,
    today: Date,
    deliveries: &[Delivery],
) -> Result<Vec<pb::ImportWarning>> {
    let mut parents = Mentions::default();
    let mut everybody = BTreeSet::new();
    for (i, it) in deliveries.iter().enumerate() {
        parents.add(format!("{}.mother", at(i)), &it.mother);
        everybody.insert(it.mother.clone());
        if let Some(father) = &it.father {
            parents.add(format!("{}.father", at(i)), father);
            everybody.insert(father.clone());
        }
        everybody.extend(it.children.iter().filter_map(|it| it.child.clone()));
    }
    parents.check(form, registers).await?;

    let numbers = deliveries.iter().map(|it| it.number.as_str());
    let known: BTreeMap<_, _> = registers
        .deliveries_numbered(numbers)
        .await?
        .into_iter()
        .map(|it| (it.number.clone(), it))
        .collect();
    for (i, delivery) in deliveries.iter().enumerate() {
        if let Some(known) = known.get(&delivery.number)
            && !is_same(known, delivery)
        {
            form.refuse(
                format!("{}.delivery", at(i)),
                "该编号已属于另一胎",
                "is the number of another delivery",
            );
        }
    }
    let known = Known::of(registers, &everybody).await?;
    let told = Told {
        deliveries: { deliveries.iter().enumerate() }
            .map(|(i, it)| (at(i), it))
            .collect(),
        ..Told::default()
    };
    Ok(told.check(&known, today, form))
}

/// A delivery is corrected in its mother or in its children, not in both at once.
fn is_same(known: &Delivery, stated: &Delivery) -> bool {
    let children = |it: &Delivery| -> BTreeSet<PersonRef> {
        it.children
            .iter()
            .filter_map(|it| it.child.clone())
            .collect()
    };
    known.mother == stated.mother || !children(known).is_disjoint(&children(stated))
}
