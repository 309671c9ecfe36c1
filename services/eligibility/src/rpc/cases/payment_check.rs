//! The check before payment (F20, R-TER): every funded case of a round, with the rules of the day.

use futures::{StreamExt, TryStreamExt, stream};
use yuhui_platform::{Result, caller::Caller, idempotency::Key};
use yuhui_policy::Decision;
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    desk::{self, Desk},
    domain::{Case, Proposal, ProposalKind, State, Step},
    evaluation::{Moment, Verdict},
    store::{
        self,
        cases::{Filter, Stored},
    },
};

/// Cases whose registers are asked at the same time.
const IN_FLIGHT: usize = 8;
/// Cases read and written at a time.
const BATCH: u64 = 200;

/// Runs the check. Running it twice on a day changes nothing the second time.
pub(super) async fn run(
    desk: &Desk,
    caller: &Caller,
    ask: pb::RunPrePaymentCheckRequest,
) -> Result<pb::RunPrePaymentCheckResponse> {
    let tenant = desk::parse_parent(caller, &ask.parent)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let mut filter = Filter {
        states: vec![State::Funded, State::Hold],
        round: ask.round,
        ..Filter::default()
    };
    let mut reply = pb::RunPrePaymentCheckResponse::default();
    loop {
        let tx = desk.db.read(tenant).await?;
        let batch = store::cases::list(&tx, &filter, BATCH).await?;
        tx.rollback().await?;
        let Some(last) = batch.last() else { break };
        filter.after = Some(last.case.id.to_string());
        check(desk, caller, batch, &mut reply).await?;
    }
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    key.remember(&tx, &reply).await?;
    tx.commit().await?;
    Ok(reply)
}

async fn check(
    desk: &Desk,
    caller: &Caller,
    batch: Vec<Stored>,
    reply: &mut pb::RunPrePaymentCheckResponse,
) -> Result<()> {
    let today = desk.today();
    let mut due = Vec::new();
    for stored in batch {
        if stored.case.state == State::Hold {
            reply.held.push(stored.case.name());
        } else if stored.case.cleared_on == Some(today) {
            reply.cleared += 1;
        } else {
            due.push(stored);
        }
    }
    let judged: Vec<(Stored, Verdict)> = stream::iter(due)
        .map(|stored| async move {
            let moment = Moment {
                confirmed_on: stored.case.confirmed_on,
                paid_on: Some(today),
                ..Moment::default()
            };
            let verdict = desk.judge(caller, &stored.case, moment).await?;
            Ok::<_, yuhui_platform::Error>((stored, verdict))
        })
        .buffered(IN_FLIGHT)
        .try_collect()
        .await?;
    let Some((first, _)) = judged.first() else {
        return Ok(());
    };
    let tx = desk.db.begin(first.case.tenant).await?;
    for (stored, verdict) in judged {
        let before = stored.case;
        let mut case = before.clone();
        let action = settle(caller, &mut case, &verdict, today, reply);
        let reason = verdict.outcome.reason.clone();
        desk::save(
            &tx,
            caller,
            &before,
            &mut case,
            stored.sealed,
            Some(&verdict),
            desk.clock.now(),
            action,
            &reason,
        )
        .await?;
    }
    tx.commit().await
}

/// Clears the case for today, or puts a termination before the checker.
fn settle(
    caller: &Caller,
    case: &mut Case,
    verdict: &Verdict,
    today: time::Date,
    reply: &mut pb::RunPrePaymentCheckResponse,
) -> &'static str {
    let waiting = case.proposal.is_some();
    if verdict.outcome.pays() && !waiting && case.step(Step::Clear).is_ok() {
        case.outcome = Some(verdict.outcome.clone());
        case.cleared_on = Some(today);
        reply.cleared += 1;
        return "case.clear";
    }
    case.cleared_on = None;
    reply.proposed_terminations.push(case.name());
    if !waiting {
        case.proposal = Some(Proposal {
            kind: ProposalKind::Termination,
            by: caller.account.clone(),
            reason: verdict.outcome.reason.clone(),
            note: Decision::parse(&verdict.outcome.decision)
                .map_or(String::new(), |it| it.chinese().to_owned()),
        });
    }
    "case.propose_termination"
}
