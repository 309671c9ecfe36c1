//! Public security: persons, deaths, hukou.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;
use yuhui_kernel::{DivisionCode, DivisionLevel, IdentityNumber, Sex, city};
use yuhui_platform::{Caller, Result, act::OpenAct, form::Form, idempotency, unless_answered};
use yuhui_proto::registry::v1 as pb;

use super::{
    aliases, count,
    people::{RECORDS, blind, person},
    plausible::{Known, Told},
    record,
};
use crate::{
    Deps,
    domain::{Hukou, Identities, Person, PersonRef, Register},
    store::{self, Registers, SealedPerson},
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

/// Hukou periods by person and first day, with the place where they stand.
type Periods = BTreeMap<(PersonRef, Date), (String, Hukou)>;

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

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let registers = Registers::of(&act.tx)?;
    registers.lock_registers().await?;
    let movers = hukou.keys().map(|(person, _)| person);
    let ids = registers.identities(persons.keys().chain(movers)).await?;
    let persons = under_oldest_numbers(&mut form, &ids, persons);
    let hukou = rename_periods(&ids, hukou);
    let today = deps.clock.today();
    let warnings = check(&mut form, &registers, today, &persons, &hukou).await?;
    form.finish()?;

    let answer = pb::ImportPopulationResponse {
        written: count(persons.len() + hukou.len() + aliases.len()),
        warnings,
    };
    let seal = |it: Entered| {
        Ok(SealedPerson {
            number: deps.vault.seal(
                &store::NUMBER.at(tenant, it.person.person.as_str()),
                &it.number.expose(),
            )?,
            name: deps
                .vault
                .seal(&store::NAME.at(tenant, it.person.person.as_str()), &it.name)?,
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
    record(&act, Register::PublicSecurity, &ask, answer.written).await?;
    act.finish(answer).await
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
        if let Some(earlier) = persons.get(&entered.person.person) {
            tells_the_same(form, earlier, &entered);
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
        if let Some(earlier) = renamed.get(&entered.person.person) {
            tells_the_same(form, earlier, &entered);
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
        let earlier = periods.get(&(person.clone(), from_on));
        if earlier.is_some_and(|(_, it)| *it != hukou) {
            form.refuse(
                &field,
                "同一人同日起的户籍两次填写的内容不一致",
                "tells otherwise of a period that stands in the import already",
            );
        }
        periods.insert((person, from_on), (field, hukou));
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
    if division.level() == DivisionLevel::Province || division.contains(&city()) {
        form.refuse(
            field,
            "户籍须登记到旗县区或以下",
            "must be a county or lie inside one",
        );
        return None;
    }
    Some(division)
}

/// What only the registers themselves can tell: who is unknown, and what cannot be true of those
/// who are known. Answers what hardly can.
async fn check(
    form: &mut Form,
    registers: &Registers<'_>,
    today: Date,
    persons: &BTreeMap<PersonRef, Entered>,
    hukou: &Periods,
) -> Result<Vec<pb::ImportWarning>> {
    let mut everybody: BTreeSet<_> = persons.keys().cloned().collect();
    everybody.extend(hukou.keys().map(|(person, _)| person.clone()));
    let known = Known::of(registers, &everybody).await?;
    let registered = known.registered();
    for ((person, _), (field, _)) in hukou {
        if !persons.contains_key(person) && !registered.contains(person) {
            form.refuse(
                format!("{field}.person"),
                "登记中查无此人",
                "names somebody no register knows",
            );
        }
    }
    let told = Told {
        persons: { persons.values() }
            .map(|it| (it.field.clone(), &it.person))
            .collect(),
        hukou: hukou
            .values()
            .map(|(field, it)| (field.clone(), it))
            .collect(),
        ..Told::default()
    };
    Ok(told.check(&known, today, form))
}

/// One person is told in one way.
fn tells_the_same(form: &mut Form, earlier: &Entered, entered: &Entered) {
    let parts = [
        ("born_on", earlier.person.born_on != entered.person.born_on),
        ("sex", earlier.person.sex != entered.person.sex),
        ("died_on", earlier.person.died_on != entered.person.died_on),
        ("display_name", earlier.name != entered.name),
    ];
    for (part, differs) in parts {
        if differs {
            form.refuse(
                format!("{}.{part}", entered.field),
                format!("与{}为同一人，内容不一致", earlier.field),
                format!("tells otherwise than {} of the same person", earlier.field),
            );
        }
    }
}
