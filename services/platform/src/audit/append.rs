//! Entries on their way into their chains. They are gathered while the
//! transaction acts, and linked and written when it commits: the heads of the
//! chains are locked for its end only, and acts of one tenant do not wait for
//! each other before that.

use std::collections::BTreeMap;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use yuhui_proto::authz::v1::Role;

use super::{Entry, Record, entry, head};
use crate::{
    Error, Result,
    caller::Caller,
    db::{Tenancy, Tx},
    refusal::Common,
};

/// Records what `caller` did, if this transaction commits.
pub async fn record(tx: &Tx, caller: &Caller, at: OffsetDateTime, entry: Entry) -> Result<()> {
    if tx.tenancy() == Tenancy::All {
        return Err(Common::NoTenant.into());
    }
    if !tx.writes() {
        return Err(Error::fault(
            "a transaction that only reads records nothing",
        ));
    }
    let row = unlinked(tx.scope(), caller, timestamp(at)?, entry);
    tx.recorded().push(row);
    Ok(())
}

/// Writes what was recorded, many entries in one statement.
pub(crate) async fn write(tx: &Tx) -> Result<()> {
    let recorded = std::mem::take(&mut *tx.recorded());
    let mut chains: BTreeMap<i16, Vec<Record>> = BTreeMap::new();
    for row in recorded {
        chains.entry(row.chain).or_default().push(row);
    }
    // By number: one order for everybody.
    for (chain, mut rows) in chains {
        let head = head::lock(tx, chain).await?;
        let (mut seq, mut hash) = (head.seq, head.hash);
        for row in &mut rows {
            seq += 1;
            row.seq = seq;
            row.previous = hash;
            row.hash = row.computed_hash();
            hash = row.hash.clone();
        }
        let rows = rows.into_iter().map(entry::ActiveModel::from);
        tx.insert_all(rows.collect()).await?;
    }
    Ok(())
}

/// The entry without its place in its chain.
fn unlinked(scope: &str, caller: &Caller, at: String, entry: Entry) -> Record {
    Record {
        tenant: scope.into(),
        chain: entry.chain,
        seq: 0,
        at,
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
        previous: String::new(),
        hash: String::new(),
    }
}

fn timestamp(at: OffsetDateTime) -> Result<String> {
    let whole = at.nanosecond() / 1000 * 1000;
    at.replace_nanosecond(whole)
        .map_err(anyhow::Error::from)
        .and_then(|at| Ok(at.format(&Rfc3339)?))
        .map_err(Error::Fault)
}

/// Officials answer by name for what they do, without a key to look it up with; what a claimant did
/// is his account's, whose name is sealed.
fn name_of(caller: &Caller) -> String {
    match caller.role {
        Role::Applicant | Role::Institution => String::new(),
        _ => caller.full_name(),
    }
}
