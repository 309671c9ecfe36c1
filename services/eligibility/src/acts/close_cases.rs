//! The county archives what is over of a round, slice by slice (归档, F31).

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use yuhui_platform::{
    Error, Result, audit,
    caller::Caller,
    db::Tx,
    idempotency::Key,
    operations::{At, Item, Next, Outcome, Slice, Work, next_after},
    relatives::Relatives,
    unless_answered,
};
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    context::Context,
    domain::{State, Step},
    events::outgoing::{contestable, event},
    gate::{is_over, may_close},
    names::{self, LEDGER},
    refusal::fits,
    ritual::{Change, Writer},
    separation::{conflict, hand},
    store::{self, cases::Filter},
};

/// Where a case may stand that is over.
const FINISHED: [State; 8] = [
    State::Paid,
    State::Rejected,
    State::NotAccepted,
    State::Withdrawn,
    State::Terminated,
    State::Recovered,
    State::WrittenOff,
    State::Confirmed,
];

/// Answers with the operation; what may not be archived yet is told as its items, with the reason.
pub(crate) async fn run(
    context: &Context,
    caller: &Caller,
    ask: pb::CloseCasesRequest,
) -> Result<pb::CloseCasesResponse> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let round = Round {
        parent: ask.parent.clone(),
        round: ask.round,
    };
    let work = CloseCases(context.clone());
    let operations = &context.operations;
    let begun = unless_answered!(operations.begin(&work, (caller, tenant), key, round, ask.parent));
    let operation = Some(begun.operation.clone());
    begun.finish(pb::CloseCasesResponse { operation }).await
}

/// The work of [`run`].
pub(crate) struct CloseCases(pub(crate) Context);

#[derive(Serialize, Deserialize)]
pub(crate) struct Round {
    parent: String,
    round: i32,
}

#[async_trait::async_trait]
impl Work for CloseCases {
    type Ask = Round;
    /// The last case that was looked at.
    type Place = Option<Uuid>;
    type Ready = Relatives;
    const METHOD: &'static str = "CloseCases";

    async fn prepare(&self, at: &At<'_, Self>) -> Result<Relatives> {
        self.0.relatives(at.caller, at.tenant).await
    }

    async fn apply(
        &self,
        at: &At<'_, Self>,
        tx: &Tx,
        relatives: Relatives,
    ) -> Result<Slice<Self::Place>> {
        if at.is_cancelling {
            return Ok(Next::Cancelled.into());
        }
        let Self(context) = self;
        let filter = Filter {
            states: FINISHED.to_vec(),
            round: at.ask.round,
            after: at.place.map(|it| it.to_string()),
            ..Filter::default()
        };
        let cases = store::cases::list(tx, &filter, Some(at.slice)).await?;
        let more = next_after(&cases, at.slice, |it| it.case.id);
        let ids: Vec<Uuid> = cases.iter().map(|it| it.case.id).collect();
        let reviews = store::review_requests::pending(tx, &ids).await?;
        let today = context.today();
        let (mut changes, mut events, mut items) = (Vec::new(), Vec::new(), Vec::new());
        for stored in cases {
            let case = &stored.case;
            if !is_over(case) {
                continue;
            }
            let open = may_close(case, &reviews, context.calendar, today);
            let barred = conflict(at.caller, &relatives, case).map_err(Error::from);
            if let Err(refused) = barred.and(open) {
                items.push(Item {
                    name: case.name(),
                    outcome: Outcome::Skipped,
                    reason: refused.told(),
                });
                continue;
            }
            let mut change = Change::of(stored.case);
            let me = hand(at.caller);
            fits(change.after.step(Step::Close, &me), &change.before)?;
            let told = contestable(&change.after, Some(today));
            events.extend(told.map(|it| (LEDGER, event(today, it))));
            changes.push(change);
        }
        let done = i64::try_from(changes.len()).unwrap_or(i64::MAX);
        if done > 0 {
            let law = context.law();
            let writer = Writer {
                tx,
                caller: at.caller,
                now: context.clock.now(),
                year: law.year(),
                action: "case.close",
                operation: at.operation,
            };
            let entry = audit::Entry::new("case.close", &*at.ask.parent);
            let of = json!({ "round": at.ask.round });
            writer.write_all(entry, of, changes, events).await?;
        }
        Ok(Slice {
            total: None,
            done,
            items,
            next: more.map_or(Next::Done, |it| Next::More(Some(it))),
        })
    }
}
