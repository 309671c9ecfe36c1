//! The departments bring their registers up to date. A
//! whole import is taken or none of it, and what is wrong is told record by
//! record.

mod aliases;
pub mod births;
pub mod civil_affairs;
pub mod national_payments;
mod people;
mod plausible;
pub mod population;

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;
use sha2::{Digest as _, Sha256};
use yuhui_kernel::Tenant;
use yuhui_platform::{Result, act::OpenAct, audit, form::Form};

use crate::{
    domain::{Identities, NamesPersons, PersonRef, Register},
    store::{Registers, states},
};

/// Records who imported how many records, and the digest of the import: the
/// record holds no personal data, and yet proves what was sent.
async fn record(
    act: &OpenAct<'_>,
    register: Register,
    ask: &impl Message,
    written: i32,
) -> Result<()> {
    let object = object(act.tx.tenant()?, register);
    let after = serde_json::json!({
        "written": written,
        "sha256": hex::encode(Sha256::digest(ask.encode_to_vec())),
    });
    let entry = audit::Entry::new("registry.import", object).after(&after);
    states::fed(&act.tx, register, act.clock.today()).await?;
    act.record(entry).await
}

fn object(tenant: Tenant, register: Register) -> String {
    format!("counties/{tenant}/registers/{}", register.as_str())
}

/// References to people, with the fields that name them.
#[derive(Default)]
struct Mentions(Vec<(String, PersonRef)>);

impl Mentions {
    fn add(&mut self, field: impl Into<String>, person: &PersonRef) {
        self.0.push((field.into(), person.clone()));
    }

    fn add_all(&mut self, field: &str, persons: &[PersonRef]) {
        for person in persons {
            self.add(field, person);
        }
    }

    /// Refuses those whom neither public security nor maternity care knows; answers under which
    /// references the others stand in the registers.
    async fn check(&self, form: &mut Form, registers: &Registers<'_>) -> Result<Identities> {
        let ids = registers
            .identities(self.0.iter().map(|(_, person)| person))
            .await?;
        let named: BTreeSet<_> = self.0.iter().map(|(_, person)| ids.of(person)).collect();
        let mut known: BTreeSet<_> = registers.birth_dates(&named).await?.into_keys().collect();
        if known.len() < named.len() {
            known.extend(registers.born(&named).await?.into_keys());
        }
        for (field, person) in &self.0 {
            if !known.contains(&ids.of(person)) {
                form.refuse(field, "登记中查无此人", "names somebody no register knows");
            }
        }
        Ok(ids)
    }
}

/// The records with everybody under the reference at which the registers keep them. Of records
/// with the same key the last one counts, as if they had come one import after another.
fn last_of_each<R: NamesPersons, K: Ord>(
    ids: &Identities,
    records: Vec<R>,
    key: impl Fn(&R) -> K,
) -> Vec<R> {
    let renamed = records.into_iter().map(|it| ids.rename(it));
    let keyed = renamed.map(|record| (key(&record), record));
    keyed.collect::<BTreeMap<_, _>>().into_values().collect()
}

/// How many records were written, as the contract counts.
fn count(records: usize) -> i32 {
    i32::try_from(records).unwrap_or(i32::MAX)
}
