//! Public security: persons, deaths, hukou.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;
use yuhui_kernel::{DivisionCode, DivisionLevel, IdentityNumber, Sex, tenant::CITY};
use yuhui_platform::{Caller, Result, form::Form, idempotency};
use yuhui_proto::registry::v1 as pb;

use super::{aliases, count, record};
use crate::{
    Deps,
    domain::{Hukou, Identities, Person, PersonRef, Register},
    rpc::people::{RECORDS, blind, person},
    store::{Registers, SealedPerson},
};

/// Longest name of a person, in characters.
const NAME: usize = 100;

/// A person of the import, with the place where it stands.
struct Entered {
    field: String,
    number: IdentityNumber,
    name: String,
    person: Person,
}

/// Hukou periods by person and first day, with the place where they stand;
/// those of the register itself have none.
type Periods = BTreeMap<(PersonRef, Date), (Option<String>, Hukou)>;

/// Takes the import.
pub async fn import(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ImportPopulationRequest,
) -> Result<pb::ImportPopulationResponse> {
    let tenant = caller.tenant()?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let mut form = Form::default();
    form.limit("persons", &ask.persons, RECORDS);
    form.limit("hukou", &ask.hukou, RECORDS);
    form.limit("aliases", &ask.aliases, RECORDS);
    form.finish()?;
    let persons = read_persons(&mut form, deps, &ask.persons);
    let hukou = read_hukou(&mut form, deps, &ask.hukou);
    let aliases = aliases::read(&mut form, deps, &ask.aliases);
    form.finish()?;

    let tx = deps.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let registers = Registers::of(&tx)?;
    registers.hold_identities(!aliases.is_empty()).await?;
    let movers = hukou.keys().map(|(person, _)| person);
    let ids = registers.identities(persons.keys().chain(movers)).await?;
    let persons = under_oldest_numbers(&mut form, &ids, persons);
    let hukou = rename_periods(&ids, hukou);
    check(&mut form, &registers, &persons, &hukou).await?;
    form.finish()?;

    let answer = pb::ImportPopulationResponse {
        written: count(persons.len() + hukou.len() + aliases.len()),
    };
    let seal = |it: Entered| {
        Ok(SealedPerson {
            number: deps
                .vault
                .seal(tenant, "identity-number", &it.number.expose())?,
            name: deps.vault.seal(tenant, "name", &it.name)?,
            person: it.person,
        })
    };
    let sealed: Result<_> = persons.into_values().map(seal).collect();
    registers.put_persons(tenant, sealed?).await?;
    registers
        .put_hukou(hukou.into_values().map(|(_, it)| it))
        .await?;
    aliases::enter(&mut form, &registers, aliases, deps.clock.today()).await?;
    form.finish()?;
    record(
        &tx,
        deps,
        caller,
        Register::PublicSecurity,
        &ask,
        answer.written,
    )
    .await?;
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

fn read_persons(
    form: &mut Form,
    deps: &Deps,
    records: &[pb::PersonRecord],
) -> BTreeMap<PersonRef, Entered> {
    let mut persons: BTreeMap<PersonRef, Entered> = BTreeMap::new();
    for (i, record) in records.iter().enumerate() {
        let Some(entered) = read_person(form, deps, format!("persons[{i}]"), record) else {
            continue;
        };
        let earlier = persons.get(&entered.person.person);
        if earlier.is_some_and(|it| it.person.born_on != entered.person.born_on) {
            two_birth_dates(form, &entered.field);
        }
        persons.insert(entered.person.person.clone(), entered);
    }
    persons
}

/// The persons under the references at which the registers keep them.
fn under_oldest_numbers(
    form: &mut Form,
    ids: &Identities,
    persons: BTreeMap<PersonRef, Entered>,
) -> BTreeMap<PersonRef, Entered> {
    let mut renamed: BTreeMap<PersonRef, Entered> = BTreeMap::new();
    for mut entered in persons.into_values() {
        entered.person = ids.rename(entered.person);
        let earlier = renamed.get(&entered.person.person);
        if earlier.is_some_and(|it| it.person.born_on != entered.person.born_on) {
            two_birth_dates(form, &entered.field);
        }
        renamed.insert(entered.person.person.clone(), entered);
    }
    renamed
}

fn rename_periods(ids: &Identities, periods: Periods) -> Periods {
    let renamed = periods.into_values().map(|(field, hukou)| {
        let hukou = ids.rename(hukou);
        ((hukou.person.clone(), hukou.from_on), (field, hukou))
    });
    renamed.collect()
}

fn read_person(
    form: &mut Form,
    deps: &Deps,
    field: String,
    record: &pb::PersonRecord,
) -> Option<Entered> {
    let number = form.identity_number(&format!("{field}.identity_number"), &record.identity_number);
    let name = form.text(&format!("{field}.display_name"), &record.display_name, NAME);
    let born_on = form.date(&format!("{field}.born_on"), &record.born_on);
    let died_on = form.date_or_none(&format!("{field}.died_on"), &record.died_on);
    let sex = match record.sex() {
        pb::Sex::Female => Some(Sex::Female),
        pb::Sex::Male => Some(Sex::Male),
        pb::Sex::Unspecified => {
            form.refuse(format!("{field}.sex"), "须填写性别", "must be stated");
            None
        }
    };
    let (number, name, born_on, died_on, sex) = (number?, name?, born_on?, died_on?, sex?);
    if number.birth_date().is_some_and(|told| told != born_on) {
        form.refuse(
            format!("{field}.born_on"),
            "与公民身份号码中的出生日期不符",
            "is not the birth date the citizen number tells",
        );
    }
    if number.sex().is_some_and(|told| told != sex) {
        form.refuse(
            format!("{field}.sex"),
            "与公民身份号码中的性别不符",
            "is not the sex the citizen number tells",
        );
    }
    if died_on.is_some_and(|died| died < born_on) {
        form.refuse(
            format!("{field}.died_on"),
            "死亡日期早于出生日期",
            "is before the birth date",
        );
    }
    Some(Entered {
        person: Person {
            person: blind(&deps.vault, &number),
            sex,
            born_on,
            died_on,
        },
        name: name.to_owned(),
        number,
        field,
    })
}

fn read_hukou(form: &mut Form, deps: &Deps, records: &[pb::HukouRecord]) -> Periods {
    let mut periods = Periods::new();
    for (i, record) in records.iter().enumerate() {
        let field = format!("hukou[{i}]");
        let person = person(
            form,
            &deps.vault,
            &format!("{field}.person"),
            &record.person,
        );
        let division = read_division(form, &format!("{field}.division"), &record.division);
        let period = form.period(&field, &record.from_on, &record.to_on);
        let (Some(person), Some(division), Some((from_on, to_on))) = (person, division, period)
        else {
            continue;
        };
        let hukou = Hukou {
            person: person.clone(),
            from_on,
            to_on,
            division,
        };
        periods.insert((person, from_on), (Some(field), hukou));
    }
    periods
}

/// A county or a place inside one, of Baotou or not (三(一)1(1)).
fn read_division(form: &mut Form, field: &str, text: &str) -> Option<DivisionCode> {
    let division: DivisionCode = match text.parse() {
        Ok(division) => division,
        Err(error) => {
            form.refuse(field, "不是有效的行政区划代码", error.to_string());
            return None;
        }
    };
    // Elsewhere a city may have no counties (东莞 441900); whoever is in Baotou is in one of its own.
    if division.level() == DivisionLevel::Province || division.contains(&CITY) {
        form.refuse(
            field,
            "户籍须登记到旗县区或以下",
            "must be a county or lie inside one",
        );
        return None;
    }
    Some(division)
}

/// What only the registers themselves can tell: nobody is born on two days,
/// has a hukou before birth, without being known, or in two places at once.
async fn check(
    form: &mut Form,
    registers: &Registers<'_>,
    persons: &BTreeMap<PersonRef, Entered>,
    hukou: &Periods,
) -> Result<()> {
    let movers: BTreeSet<_> = hukou.keys().map(|(person, _)| person.clone()).collect();
    let mut everybody: BTreeSet<_> = persons.keys().cloned().collect();
    let born = registers.born(&everybody).await?;
    everybody.extend(movers.iter().cloned());
    let mut birth_dates = registers.birth_dates(&everybody).await?;

    for (person, entered) in persons {
        let known = [birth_dates.get(person), born.get(person).map(|(_, on)| on)];
        let stated = entered.person.born_on;
        if known.into_iter().flatten().any(|known| *known != stated) {
            two_birth_dates(form, &entered.field);
        }
        birth_dates.insert(person.clone(), stated);
    }

    let mut all: Periods = registers
        .hukou(&movers)
        .await?
        .into_iter()
        .map(|it| ((it.person.clone(), it.from_on), (None, it)))
        .collect();
    all.extend(hukou.clone());
    for ((person, from_on), (field, _)) in &all {
        let Some(field) = field else { continue };
        match birth_dates.get(person) {
            None => form.refuse(
                format!("{field}.person"),
                "登记中查无此人",
                "names somebody no register knows",
            ),
            Some(born) if from_on < born => form.refuse(
                format!("{field}.from_on"),
                "早于出生日期",
                "is before the birth date",
            ),
            Some(_) => {}
        }
    }
    for ((_, (field, earlier)), (_, (next, later))) in all.iter().zip(all.iter().skip(1)) {
        let apart = earlier.to_on.is_some_and(|to| to < later.from_on);
        if earlier.person == later.person
            && !apart
            && let Some(field) = next.as_ref().or(field.as_ref())
        {
            form.refuse(
                field,
                "与同一人的另一户籍期间重叠",
                "overlaps another hukou period of the same person",
            );
        }
    }
    Ok(())
}

fn two_birth_dates(form: &mut Form, field: &str) {
    form.refuse(
        format!("{field}.born_on"),
        "与登记的出生日期不一致",
        "the person is registered with another birth date",
    );
}
