//! Names that a claim states: compared with those of public security, answered with yes or no, and
//! forgotten.

use std::collections::BTreeSet;

use yuhui_kernel::Tenant;
use yuhui_platform::{Result, form::Form, refusal::Common, vault::Vault};
use yuhui_proto::registry::v1 as pb;

use crate::{
    convert,
    domain::{NameAnswer, PersonRef, compare_names},
    store::{self, Registers},
};

/// Most names of one question.
const NAMES: usize = 10;
/// Longest name of a person, in characters.
const NAME: usize = 100;

/// Whose name is stated how.
pub(super) type Stated = Vec<(PersonRef, String)>;

/// Reads the question.
pub(super) fn read(stated: &[pb::StatedName]) -> Result<Stated, Common> {
    let mut form = Form::default();
    form.limit("stated_names", stated, NAMES);
    form.finish()?;
    let mut read = Vec::with_capacity(stated.len());
    for (i, it) in stated.iter().enumerate() {
        let field = format!("stated_names[{i}]");
        let person = convert::person_ref(&format!("{field}.person_ref"), &it.person_ref)?;
        let name = form.text(&format!("{field}.display_name"), &it.display_name, NAME);
        read.extend(name.map(|name| (person, name.to_owned())));
    }
    form.finish()?;
    Ok(read)
}

/// The register does not answer.
pub(super) fn unanswered(stated: Stated) -> Vec<(PersonRef, NameAnswer)> {
    let stated = stated.into_iter();
    stated
        .map(|(person, _)| (person, NameAnswer::Unavailable))
        .collect()
}

/// Asks the register.
pub(super) async fn compare(
    registers: &Registers<'_>,
    vault: &Vault,
    stated: Stated,
) -> Result<Vec<(PersonRef, NameAnswer)>> {
    if stated.is_empty() {
        return Ok(Vec::new());
    }
    let ids = registers
        .identities(stated.iter().map(|(person, _)| person))
        .await?;
    let persons: BTreeSet<_> = stated.iter().map(|(person, _)| ids.of(person)).collect();
    let sealed = registers.sealed_names(&persons).await?;
    let unknown = persons.iter().filter(|it| !sealed.contains_key(it));
    let born = registers.born(&unknown.cloned().collect()).await?;
    let answer = |(person, name): (PersonRef, String)| {
        let oldest = ids.of(&person);
        let answer = match sealed.get(&oldest) {
            Some((keeper, sealed)) => unsealed(vault, *keeper, &oldest, sealed)
                .map_or(NameAnswer::CannotCompare, |it| compare_names(&it, &name)),
            // Known to the hospital alone, which keeps no names.
            None if born.contains_key(&oldest) => NameAnswer::CannotCompare,
            None => NameAnswer::NoSuchNumber,
        };
        (person, answer)
    };
    Ok(stated.into_iter().map(answer).collect())
}

/// A name that cannot be opened cannot be compared; the case waits for a person, not for a repair.
fn unsealed(vault: &Vault, keeper: Tenant, person: &PersonRef, sealed: &[u8]) -> Option<String> {
    let name = vault.unseal(&store::NAME.at(keeper, person.as_str()), sealed);
    name.inspect_err(|error| tracing::error!(%keeper, %error, "a name of the register is sealed"))
        .ok()
}
