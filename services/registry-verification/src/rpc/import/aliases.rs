//! Public security: several numbers of one person.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;
use yuhui_kernel::IdentityNumber;
use yuhui_platform::{Result, form::Form};
use yuhui_proto::registry::v1::{self as pb, alias_record::Ground};

use crate::{
    Deps,
    domain::{Alias, AliasGround, PersonRef},
    rpc::people::blind,
    store::Registers,
};

/// Two numbers of one person, with the place where they stand.
pub(super) struct Entered {
    field: String,
    alias: Alias,
}

/// Reads the numbers.
pub(super) fn read(form: &mut Form, deps: &Deps, records: &[pb::AliasRecord]) -> Vec<Entered> {
    let numbered = records.iter().enumerate();
    let read = numbered.map(|(i, record)| read_one(form, deps, format!("aliases[{i}]"), record));
    read.flatten().collect()
}

fn read_one(
    form: &mut Form,
    deps: &Deps,
    field: String,
    record: &pb::AliasRecord,
) -> Option<Entered> {
    let number_at = format!("{field}.identity_number");
    let earlier_at = format!("{field}.earlier_number");
    let number = form.identity_number(&number_at, &record.identity_number);
    let earlier = form.identity_number(&earlier_at, &record.earlier_number);
    let ground = match record.ground() {
        Ground::BirthCertificate => Some(AliasGround::BirthCertificate),
        Ground::Reissue => Some(AliasGround::Reissue),
        Ground::Correction => Some(AliasGround::Correction),
        Ground::Unspecified => {
            form.refuse(
                format!("{field}.ground"),
                "须填写变更原因",
                "must be stated",
            );
            None
        }
    };
    let (number, earlier, ground) = (number?, earlier?, ground?);
    if number == earlier {
        form.refuse(number_at, "与原号码相同", "is the earlier number");
        return None;
    }
    let is_citizen = |it| matches!(it, IdentityNumber::Citizen(_));
    if !is_citizen(number) && is_citizen(earlier) {
        form.refuse(
            number_at,
            "公民身份号码不能改为出生医学证明编号",
            "is a birth certificate, and the earlier number a citizen's",
        );
        return None;
    }
    if ground == AliasGround::BirthCertificate && (is_citizen(earlier) || !is_citizen(number)) {
        form.refuse(
            earlier_at,
            "须为出生医学证明编号，现号码须为公民身份号码",
            "must be a birth certificate, and the other a citizen number",
        );
        return None;
    }
    Some(Entered {
        field,
        alias: Alias {
            earlier: blind(&deps.vault, &earlier),
            later: blind(&deps.vault, &number),
            ground,
        },
    })
}

/// Joins the numbers, unless the registers know two persons. What is joined already changes
/// nothing.
pub(super) async fn enter(
    form: &mut Form,
    registers: &Registers<'_>,
    entered: Vec<Entered>,
    today: Date,
) -> Result<()> {
    for Entered { field, alias } in entered {
        let ids = registers.identities([&alias.earlier, &alias.later]).await?;
        let (oldest, later) = (ids.of(&alias.earlier), ids.of(&alias.later));
        if oldest == later {
            continue;
        }
        if !are_one(form, registers, &field, &alias, [&oldest, &later]).await? {
            continue;
        }
        let oldest = registers.join(&alias, today).await?;
        if overlap(registers, &oldest).await? {
            form.refuse(
                field,
                "两个号码下的户籍期间重叠",
                "joins two hukou periods that overlap",
            );
        }
    }
    Ok(())
}

/// Whether the two may be one person: one of them is known, they are born on one day, and they are
/// not two children of the maternity register.
async fn are_one(
    form: &mut Form,
    registers: &Registers<'_>,
    field: &str,
    alias: &Alias,
    both: [&PersonRef; 2],
) -> Result<bool> {
    let set: BTreeSet<_> = both.into_iter().cloned().collect();
    let persons = registers.birth_dates(&set).await?;
    let born = registers.born(&set).await?;
    let mut dates: BTreeSet<Date> = born.values().map(|(_, on)| *on).collect();
    dates.extend(persons.values());
    let fault = if dates.is_empty() {
        Some((
            "earlier_number",
            "登记中查无此人",
            "names somebody no register knows",
        ))
    } else if dates.len() > 1 {
        Some((
            "identity_number",
            "两个号码登记的出生日期不一致",
            "is registered with another birth date",
        ))
    } else if born.len() > 1 {
        Some((
            "identity_number",
            "两个号码登记为两个出生的孩子",
            "is another child of the maternity register",
        ))
    } else if alias.ground == AliasGround::BirthCertificate
        && registers
            .has_another_citizen_number(both[0], both[1])
            .await?
    {
        Some((
            "earlier_number",
            "该出生医学证明已对应另一公民身份号码",
            "has another citizen number already",
        ))
    } else {
        None
    };
    if let Some((at, zh, en)) = fault {
        form.refuse(format!("{field}.{at}"), zh, en);
    }
    Ok(fault.is_none())
}

/// Whether the person has two places at once.
async fn overlap(registers: &Registers<'_>, person: &PersonRef) -> Result<bool> {
    let periods = registers.hukou(&BTreeSet::from([person.clone()])).await?;
    let by_day: BTreeMap<_, _> = periods.iter().map(|it| (it.from_on, it.to_on)).collect();
    let pairs = by_day.iter().zip(by_day.iter().skip(1));
    let mut pairs = pairs.map(|((_, end), (next, _))| end.is_some_and(|end| end <= *next));
    Ok(pairs.any(|apart| !apart))
}
