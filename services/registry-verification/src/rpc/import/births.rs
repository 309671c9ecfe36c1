//! Maternity care: deliveries with birth-service registration.

use std::collections::{BTreeMap, BTreeSet};

use yuhui_platform::{Caller, Result, form::Form, idempotency};
use yuhui_proto::registry::v1 as pb;

use super::{Mentions, count, record};
use crate::{
    Deps,
    domain::{BornChild, Delivery, PersonRef, Register},
    rpc::people::{RECORDS, blind, person},
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

    let tx = deps.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let registers = Registers::of(&tx)?;
    registers.hold_identities(false).await?;
    let deliveries = under_oldest_numbers(&mut form, &registers, deliveries).await?;
    form.finish()?;
    check(&mut form, &registers, &deliveries).await?;
    form.finish()?;

    let answer = pb::ImportBirthsResponse {
        written: count(deliveries.len()),
    };
    registers.put_deliveries(deliveries).await?;
    record(&tx, deps, caller, Register::Maternity, &ask, answer.written).await?;
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// The deliveries with everybody under the reference at which the registers keep them.
async fn under_oldest_numbers(
    form: &mut Form,
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
    let renamed: Vec<_> = deliveries.into_iter().map(|it| ids.rename(it)).collect();
    born_once(form, &renamed);
    Ok(renamed)
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
    born_once(form, &deliveries);
    deliveries
}

/// Nobody is born twice, under one number or two.
fn born_once(form: &mut Form, deliveries: &[Delivery]) {
    let mut born = BTreeSet::new();
    for (i, delivery) in deliveries.iter().enumerate() {
        for (j, child) in delivery.children.iter().enumerate() {
            if child.child.as_ref().is_some_and(|it| !born.insert(it)) {
                form.refuse(
                    format!("{}.children[{j}].child", at(i)),
                    "同一孩子出现两次",
                    "stands twice in the import",
                );
            }
        }
    }
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
    let (mother, father) = (mother?, father?);
    if father.as_ref() == Some(&mother) {
        form.refuse(
            format!("{field}.father"),
            "父亲与母亲为同一人",
            "must not be the mother",
        );
    }
    Some(Delivery {
        number: record.delivery.clone(),
        mother,
        father,
        birth_service_registered_on: registered?,
        children: children?,
    })
}

/// The children, whose orders must be 1, 2, 3 …
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
    let children: Vec<_> = read.into_iter().collect::<Option<_>>()?;
    let orders: BTreeSet<_> = children.iter().map(|it| it.order).collect();
    if !orders.into_iter().eq(1..=count(children.len())) {
        form.refuse(
            field,
            "胎内顺序须从1起连续编号",
            "must be ordered 1, 2, 3 and so on",
        );
        return None;
    }
    Some(children)
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

/// What only the registers themselves can tell. The parents must be known;
/// the children need not be: birth comes before hukou.
async fn check(form: &mut Form, registers: &Registers<'_>, deliveries: &[Delivery]) -> Result<()> {
    let mut parents = Mentions::default();
    for (i, it) in deliveries.iter().enumerate() {
        parents.add(format!("{}.mother", at(i)), &it.mother);
        if let Some(father) = &it.father {
            parents.add(format!("{}.father", at(i)), father);
        }
    }
    parents.check(form, registers).await?;

    let children = deliveries.iter().flat_map(|it| &it.children);
    let children: BTreeSet<_> = children.filter_map(|it| it.child.clone()).collect();
    let birth_dates = registers.birth_dates(&children).await?;
    let born = registers.born(&children).await?;
    let numbers = deliveries.iter().map(|it| it.number.as_str());
    let known: BTreeMap<_, _> = registers
        .deliveries_numbered(numbers)
        .await?
        .into_iter()
        .map(|it| (it.number.clone(), it))
        .collect();

    for (i, delivery) in deliveries.iter().enumerate() {
        let field = at(i);
        if let Some(known) = known.get(&delivery.number)
            && !is_same(known, delivery)
        {
            form.refuse(
                format!("{field}.delivery"),
                "该编号已属于另一胎",
                "is the number of another delivery",
            );
        }
        for (j, child) in delivery.children.iter().enumerate() {
            let Some(person) = &child.child else { continue };
            let field = format!("{field}.children[{j}]");
            if birth_dates
                .get(person)
                .is_some_and(|on| *on != child.born_on)
            {
                form.refuse(
                    format!("{field}.born_on"),
                    "与登记的出生日期不一致",
                    "the person is registered with another birth date",
                );
            }
            if born
                .get(person)
                .is_some_and(|(number, _)| *number != delivery.number)
            {
                form.refuse(
                    format!("{field}.child"),
                    "该孩子已登记在另一胎",
                    "is a child of another delivery",
                );
            }
        }
    }
    Ok(())
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
