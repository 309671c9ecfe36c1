//! Rosters: built and sealed by the county, recorded and returned by the city (F16–F18).

pub(crate) mod city;
pub(crate) mod county;
pub(crate) mod returns;

use serde_json::{Value, json};
use uuid::Uuid;
use yuhui_platform::{Result, act::OpenAct, audit, db::Tx, refusal::not_found};
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    convert,
    domain::roster::{Roster, RosterState},
    refusal::Refused,
    ritual::{Change, OutgoingEvent, Writer},
    store,
};

/// The roster, locked, in one of the states that the step needs.
pub(super) async fn in_state(
    tx: &Tx,
    name: &str,
    id: Uuid,
    states: &[RosterState],
) -> Result<Roster> {
    let roster = store::rosters::locked(tx, id).await?;
    let roster = roster.ok_or_else(|| not_found(name))?;
    if states.contains(&roster.state) {
        return Ok(roster);
    }
    let state = roster.state.as_str();
    let allowed = states.first().map_or("", |it| it.as_str());
    Err(Refused::RosterState {
        roster: name.into(),
        state,
        allowed,
    }
    .into())
}

/// Writes an act on one roster on record, with what it does to cases, and answers.
async fn finish(
    act: OpenAct<'_>,
    roster: &Roster,
    (action, case_action, reason): (&str, &str, &str),
    changes: Vec<Change>,
    events: Vec<OutgoingEvent>,
) -> Result<pb::Roster> {
    let entry = audit::Entry::new(action, roster.name()).reason(reason);
    Writer::within(&act, case_action)
        .write_all(entry, snapshot(roster), changes, events)
        .await?;
    act.finish(convert::roster(roster)).await
}

fn snapshot(roster: &Roster) -> Value {
    json!({
        "state": roster.state,
        "lines": roster.line_count,
        "total_fen": roster.total.fen(),
        "hash": roster.hash,
    })
}
