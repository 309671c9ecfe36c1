//! Public security: several numbers of one person.

use std::collections::BTreeSet;

use time::Date;
use yuhui_kernel::{IdentityNumber, Sex};
use yuhui_platform::{Result, form::Form};
use yuhui_proto::registry::v1::{self as pb, alias_record::Ground};

use super::{
    people::blind,
    plausible::{Known, Told},
};
use crate::{
    Deps,
    domain::{Alias, AliasGround, PersonRef},
    store::Registers,
};

/// Two numbers of one person, with the place where they stand.
pub(super) struct Entered {
    field: String,
    alias: Alias,
    /// Birth dates and sexes that the numbers themselves tell; of a number that was wrong (更正)
    /// nothing is believed.
    born_on: BTreeSet<Date>,
    sexes: BTreeSet<Sex>,
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
    let told = match ground {
        AliasGround::Correction => Vec::new(),
        AliasGround::BirthCertificate | AliasGround::Reissue => vec![number, earlier],
    };
    Some(Entered {
        field,
        born_on: told.iter().filter_map(IdentityNumber::birth_date).collect(),
        sexes: told.iter().filter_map(IdentityNumber::sex).collect(),
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
    for entered in entered {
        let alias = &entered.alias;
        let ids = registers.identities([&alias.earlier, &alias.later]).await?;
        let (oldest, later) = (ids.of(&alias.earlier), ids.of(&alias.later));
        if oldest == later {
            continue;
        }
        if !are_one(form, registers, &entered, [&oldest, &later]).await? {
            continue;
        }
        let oldest = registers.join(alias, today).await?;
        let known = Known::of(registers, &BTreeSet::from([oldest])).await?;
        if let Some(fault) = Told::default().first_fault(&known, today) {
            form.refuse(
                entered.field,
                format!("两个号码合并后：{}", fault.zh),
                format!("joins records that contradict each other: {}", fault.en),
            );
        }
    }
    Ok(())
}

/// Whether the two may be one person: one of them is known, they are born on one day and of one sex,
/// as the registers and the numbers tell, and they are not two children of the maternity register.
async fn are_one(
    form: &mut Form,
    registers: &Registers<'_>,
    Entered {
        field,
        alias,
        born_on,
        sexes,
    }: &Entered,
    both: [&PersonRef; 2],
) -> Result<bool> {
    let set: BTreeSet<_> = both.into_iter().cloned().collect();
    let persons = registers.persons(&set).await?;
    let born = registers.born(&set).await?;
    let mut dates = born_on.clone();
    dates.extend(born.values().map(|(_, on)| *on));
    dates.extend(persons.iter().map(|it| it.born_on));
    let mut sexes = sexes.clone();
    sexes.extend(persons.iter().map(|it| it.sex));
    let fault = if persons.is_empty() && born.is_empty() {
        Some((
            "earlier_number",
            "登记中查无此人",
            "names somebody no register knows",
        ))
    } else if dates.len() > 1 {
        Some((
            "identity_number",
            "两个号码的出生日期不一致",
            "has another birth date",
        ))
    } else if sexes.len() > 1 {
        Some((
            "identity_number",
            "两个号码的性别不一致",
            "is of another sex",
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
