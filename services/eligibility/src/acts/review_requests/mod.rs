//! Reviews of decisions, and reopening by order: C.8, F32, R-PRC-5.

pub(crate) mod decide;
pub(crate) mod request;

use serde_json::json;
use time::Date;
use yuhui_platform::{Result, act::OpenAct, audit, db::Tx};

use crate::{
    context::Context,
    domain::{Case, review_request::ReviewRequest},
    events::outgoing::{contestable, event},
    names::LEDGER,
    ritual::{Change, Writer},
    store,
};

/// Until when a case may be contested if no review of it is pending: while one is, nobody knows (C.8).
async fn unless_pending(tx: &Tx, case: &Case, until: Option<Date>) -> Result<Option<Date>> {
    let known = store::review_requests::of_case(tx, case.id).await?;
    let waits = known.iter().any(|it| it.state.is_pending());
    Ok(until.filter(|_| !waits))
}

/// Writes what became of the case, which may be contested until that day, or until its review is over
/// (C.8). Its revision goes up even if its state stays, so that of two acts on one case one loses the
/// race.
async fn write_case(
    (context, act): (&Context, &OpenAct<'_>),
    action: &str,
    (before, after): (Case, Case),
    reason: String,
    until: Option<Date>,
) -> Result<Case> {
    let told = contestable(&after, until);
    let events = told.map(|it| (LEDGER, event(act.clock.today(), it)));
    let change = Change {
        reason,
        after,
        ..Change::of(before)
    };
    let law = context.law();
    Writer::within(act, law.year(), action)
        .write_one(change, events.into_iter().collect())
        .await
}

/// Puts what became of the review on record.
async fn record(
    act: &OpenAct<'_>,
    action: &str,
    review: &ReviewRequest,
    reason: &str,
) -> Result<()> {
    let after = json!({
        "case": review.case,
        "state": review.state,
        "contested": review.contested.as_ref().map(|it| &it.evidence_hash),
        "order": review.order,
    });
    let entry = audit::Entry::new(action, review.name())
        .after(&after)
        .reason(reason);
    act.record(entry).await
}
