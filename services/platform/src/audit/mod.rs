//! The audit record: who did what to what, when, from where, why, and how it
//! was before and after. Written in the transaction of the act; each entry
//! holds the hash of the one before it, so that nothing can be changed, left
//! out or put in between unnoticed.

mod acknowledged;
pub mod entry;
mod head;
mod trail;

use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use yuhui_proto::authz::v1::Role;

pub use acknowledged::{Kept, forgotten, missing};
pub use entry::Model as Record;
pub use trail::Trail;

use crate::{
    Error, Result,
    caller::Caller,
    db::{Tenancy, Tx},
    refusal::Common,
};

/// Hash before the first entry.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Entries read at a time when a chain is verified.
const BATCH: u64 = 1000;

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    action: String,
    object: String,
    before: Option<String>,
    after: Option<String>,
    reason: String,
    note: String,
}

impl Entry {
    /// `action` (e.g. `case.confirm`) on `object` (a resource name).
    pub fn new(action: impl Into<String>, object: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            object: object.into(),
            ..Self::default()
        }
    }

    /// The state before. Must hold no personal data in clear.
    #[must_use]
    pub fn before(mut self, state: &impl Serialize) -> Self {
        self.before = Some(json(state));
        self
    }

    /// The state after. Must hold no personal data in clear.
    #[must_use]
    pub fn after(mut self, state: &impl Serialize) -> Self {
        self.after = Some(json(state));
        self
    }

    /// Why.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }

    /// Anything else worth keeping.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

/// States are plain structures; should one not be JSON, that is recorded.
fn json(state: &impl Serialize) -> String {
    serde_json::to_string(state).unwrap_or_else(|error| format!("\"{error}\""))
}

/// Adds `entry` to the tenant's chain. Holds the head of the chain until the
/// transaction ends: acts of one tenant are recorded one after another.
pub async fn record(tx: &Tx, caller: &Caller, at: OffsetDateTime, entry: Entry) -> Result<()> {
    if tx.tenancy() == Tenancy::All {
        return Err(Common::NoTenant.into());
    }
    let head = locked_head(tx).await?;
    let row = chained(tx.scope(), &head, caller, &timestamp(at)?, entry);
    tx.update(head::ActiveModel {
        tenant: Set(row.tenant.clone()),
        seq: Set(row.seq),
        hash: Set(row.hash.clone()),
    })
    .await?;
    tx.insert(entry::ActiveModel::from(row)).await?;
    Ok(())
}

/// The head of the chain, locked; made if this is the tenant's first act.
async fn locked_head(tx: &Tx) -> Result<head::Model> {
    let locked = || {
        tx.find::<head::Entity>()
            .lock_exclusive()
            .one(tx.connection())
    };
    if let Some(head) = locked().await? {
        return Ok(head);
    }
    let first = head::ActiveModel {
        tenant: Set(tx.scope().to_owned()),
        seq: Set(0),
        hash: Set(GENESIS.to_owned()),
    };
    head::Entity::insert(first)
        .on_conflict_do_nothing()
        .exec_without_returning(tx.connection())
        .await?;
    locked()
        .await?
        .ok_or_else(|| Error::fault("the head of the audit chain is missing"))
}

/// Officials answer by name for what they do, without a key to look it up with; what a claimant did
/// is his account's, whose name is sealed.
fn name_of(caller: &Caller) -> String {
    match caller.role {
        Role::Applicant | Role::Institution => String::new(),
        _ => caller.name.clone(),
    }
}

fn chained(scope: &str, head: &head::Model, caller: &Caller, at: &str, entry: Entry) -> Record {
    let mut row = Record {
        tenant: scope.into(),
        seq: head.seq + 1,
        at: at.into(),
        actor: caller.account.clone(),
        name: name_of(caller),
        role: caller.role.as_str_name().into(),
        unit: caller.unit.map(|it| it.to_string()).unwrap_or_default(),
        via: caller.via.clone(),
        remote: caller.remote.clone(),
        session: caller.session.clone(),
        request_id: caller.request_id.clone(),
        method: caller.method.clone(),
        action: entry.action,
        object: entry.object,
        before: entry.before,
        after: entry.after,
        reason: entry.reason,
        note: entry.note,
        previous: head.hash.clone(),
        hash: String::new(),
    };
    row.hash = row.computed_hash();
    row
}

fn timestamp(at: OffsetDateTime) -> Result<String> {
    let whole = at.nanosecond() / 1000 * 1000;
    at.replace_nanosecond(whole)
        .map_err(anyhow::Error::from)
        .and_then(|at| Ok(at.format(&Rfc3339)?))
        .map_err(Error::Fault)
}

/// Entries of the tenant's chain after `seq`, oldest first.
pub async fn list(tx: &Tx, after: i64, limit: u64) -> Result<Vec<Record>> {
    Ok(tx
        .find::<entry::Entity>()
        .filter(entry::Column::Seq.gt(after))
        .order_by_asc(entry::Column::Seq)
        .limit(limit)
        .all(tx.connection())
        .await?)
}

/// What recomputing a chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainReport {
    /// Tenant whose chain it is; `150200` for what belongs to no county.
    pub scope: String,
    /// Entries read.
    pub entries: i64,
    /// Hash of the last entry.
    pub head: String,
    /// The first place where the chain does not hold; none if it is whole.
    pub broken: Option<Break>,
}

/// Where and how a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Break {
    /// Sequence number of the entry.
    pub seq: i64,
    /// What does not fit.
    pub what: &'static str,
}

/// Recomputes the chain of the tenant `tx` is bound to.
pub async fn verify(tx: &Tx) -> Result<ChainReport> {
    let mut report = ChainReport {
        scope: tx.scope().into(),
        entries: 0,
        head: GENESIS.into(),
        broken: None,
    };
    loop {
        let rows = list(tx, report.entries, BATCH).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            if let Some(what) = row.fault_after(report.entries, &report.head) {
                report.broken = Some(Break { seq: row.seq, what });
                return Ok(report);
            }
            report.entries = row.seq;
            report.head.clone_from(&row.hash);
        }
    }
    let head = tx.find::<head::Entity>().one(tx.connection()).await?;
    let (seq, hash) = head.map_or((0, GENESIS.into()), |head| (head.seq, head.hash));
    if (seq, &hash) != (report.entries, &report.head) {
        report.broken = Some(Break {
            seq: report.entries + 1,
            what: "entries at the end are missing",
        });
    }
    Ok(report)
}

#[cfg(test)]
mod tests;
