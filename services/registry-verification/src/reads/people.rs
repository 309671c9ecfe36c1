//! What others ask of the people in the registers.

use std::collections::BTreeSet;

use yuhui_platform::{Caller, Result, form::Form};
use yuhui_proto::internal::v1 as pb;

use crate::{Deps, convert, store::Registers};

/// Nobody born earlier is a child.
const EARLIEST_YEAR: i32 = 2000;

/// Most persons whose aliases are asked for at once: the children of the largest nursery.
const PERSONS: usize = 10_000;

/// The relatives of a person, by reference (DYN-3).
pub async fn relatives(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListRelativesRequest,
) -> Result<pb::ListRelativesResponse> {
    let tenant = convert::county(caller, &ask.parent)?;
    let person = convert::person_ref("person_ref", &ask.person_ref)?;
    let tx = deps.db.read(tenant).await?;
    let registers = Registers::of(&tx)?;
    let relatives = registers.relatives(&person, deps.clock.today()).await?;
    let references = relatives.iter().map(|it| it.as_str().to_owned());
    Ok(pb::ListRelativesResponse {
        person_refs: references.collect(),
    })
}

/// The other references of some persons.
pub async fn aliases(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListAliasesRequest,
) -> Result<pb::ListAliasesResponse> {
    let tenant = convert::county(caller, &ask.parent)?;
    let mut form = Form::default();
    form.limit("person_refs", &ask.person_refs, PERSONS);
    form.finish()?;
    let mut persons = BTreeSet::new();
    for (i, text) in ask.person_refs.iter().enumerate() {
        persons.insert(convert::person_ref(&format!("person_refs[{i}]"), text)?);
    }
    let tx = deps.db.read(tenant).await?;
    let others = Registers::of(&tx)?.other_references(&persons).await?;
    Ok(pb::ListAliasesResponse {
        aliases: others.into_iter().map(convert::alias).collect(),
    })
}

/// How many children live in a county, by year of birth.
pub async fn count(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::CountChildrenRequest,
) -> Result<pb::CountChildrenResponse> {
    let tenant = convert::county(caller, &ask.parent)?;
    let today = deps.clock.today();
    if !(EARLIEST_YEAR..=today.year()).contains(&ask.from_year) {
        return Err(
            convert::malformed("from_year", "须为过去的年份", "must be a year past").into(),
        );
    }
    let tx = deps.db.read(tenant).await?;
    let registers = Registers::of(&tx)?;
    let years = registers.children(tenant, ask.from_year, today).await?;
    let years = years.into_iter();
    Ok(pb::CountChildrenResponse {
        years: years
            .map(|(year, children)| pb::count_children_response::BirthYear { year, children })
            .collect(),
    })
}
