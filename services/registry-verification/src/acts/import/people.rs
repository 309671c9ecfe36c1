//! People named by identity number, read as the references by which every
//! service knows them.

use yuhui_kernel::IdentityNumber;
use yuhui_platform::{form::Form, vault::Vault};

use crate::domain::PersonRef;

/// Most records of one kind in one import.
pub const RECORDS: usize = 1000;

/// The reference of the person with that number.
pub fn blind(vault: &Vault, number: &IdentityNumber) -> PersonRef {
    PersonRef::trusted(vault.blind("identity-number", &number.expose()))
}

/// A person.
pub fn person(form: &mut Form, vault: &Vault, field: &str, text: &str) -> Option<PersonRef> {
    Some(blind(vault, &form.identity_number(field, text)?))
}

/// Several different persons, in the order of their references.
pub fn persons(
    form: &mut Form,
    vault: &Vault,
    field: &str,
    texts: &[String],
) -> Option<Vec<PersonRef>> {
    let numbered = texts.iter().enumerate();
    let read: Vec<_> = numbered
        .map(|(i, text)| person(form, vault, &format!("{field}[{i}]"), text))
        .collect();
    let mut persons: Vec<_> = read.into_iter().collect::<Option<_>>()?;
    persons.sort();
    persons.dedup();
    if persons.len() < texts.len() {
        form.refuse(field, "同一人出现两次", "names somebody twice");
        return None;
    }
    Some(persons)
}
