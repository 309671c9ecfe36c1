//! The check before payment (F20, F23, R-TER): every case of a round that waits for its money, for the
//! first time or after the bank returned it, with the rules of the day.

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use yuhui_platform::{
    Error, Result, audit, caller::Caller, idempotency::Key, relatives::Relatives, unless_answered,
};
use yuhui_policy::{Decision, Reason};
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    context::Context,
    domain::{Case, Hand, Proposal, ProposalKind, State, Step, waiting},
    evaluation::{self, Moment, Verdict},
    names,
    refusal::fits,
    ritual::{Change, Writer},
    separation::{conflict, hand},
    store::{
        self,
        cases::{Filter, Stored},
    },
};

/// Cases whose registers are asked at the same time.
const IN_FLIGHT: usize = 8;
/// Cases read and written at a time: what each rests on is locked by name meanwhile, and PostgreSQL has
/// room for some thousand locks in all.
const BATCH: u64 = 100;

/// Runs the check, batch by batch. What was checked today is not checked again, so that a run that
/// was interrupted can be taken up.
pub(crate) async fn run(
    context: &Context,
    caller: &Caller,
    ask: pb::RunPrePaymentCheckRequest,
) -> Result<pb::RunPrePaymentCheckResponse> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let mut filter = Filter {
        states: vec![
            State::Funded,
            State::PayFailed,
            State::Hold,
            State::Inquiry,
            State::Referred,
        ],
        round: ask.round,
        ..Filter::default()
    };
    let mut reply = pb::RunPrePaymentCheckResponse::default();
    loop {
        let tx = context.db.read(tenant).await?;
        if filter.after.is_none()
            && let Some(answer) = key.answered(&tx).await?
        {
            return Ok(answer);
        }
        let batch = store::cases::list(&tx, &filter, Some(BATCH)).await?;
        drop(tx);
        let Some(last) = batch.last() else { break };
        filter.after = Some(last.case.id.to_string());
        let relatives = context.relatives(caller, tenant).await?;
        check(
            (context, caller, &relatives),
            &ask.parent,
            batch,
            &mut reply,
        )
        .await?;
    }
    unless_answered!(context.open_act(caller, tenant, key))
        .finish(reply)
        .await
}

async fn check(
    (context, caller, relatives): (&Context, &Caller, &Relatives),
    parent: &str,
    batch: Vec<Stored>,
    reply: &mut pb::RunPrePaymentCheckResponse,
) -> Result<()> {
    let today = context.today();
    let mut due = Vec::new();
    for stored in batch {
        let case = &stored.case;
        if !waits_for_money(case) {
            continue;
        }
        let waiting = case.proposal.as_ref();
        let is_open = waiting.is_none_or(Proposal::rests_on_the_rules);
        let is_stopped = waiting.is_some_and(|it| it.kind == ProposalKind::Termination);
        let is_away = case.state() != case.stage() && !case.is_held_by_silence();
        if is_away || conflict(caller, relatives, case).is_err() {
            reply.held.push(case.name());
        } else if case.cleared_on == Some(today) {
            reply.cleared += 1;
        } else if is_open {
            due.push(stored);
        } else if is_stopped {
            reply.proposed_terminations.push(case.name());
        } else {
            reply.held.push(case.name());
        }
    }
    let judged: Vec<(Case, Verdict)> = stream::iter(due)
        .map(|stored| async move {
            let moment = Moment {
                confirmed_on: stored.case.confirmed_on,
                paid_on: Some(today),
                ..Moment::default()
            };
            let verdict = context.judge(caller, &stored, moment).await?;
            Ok::<_, Error>((stored.case, verdict))
        })
        .buffered(IN_FLIGHT)
        .try_collect()
        .await?;
    let Some((first, _)) = judged.first() else {
        return Ok(());
    };

    let tx = context.db.begin(first.tenant).await?;
    let ids = judged.iter().map(|(case, _)| case.id).collect();
    store::cases::lock_all(&tx, ids).await?;
    evaluation::hold(&tx, judged.iter().map(|(case, verdict)| (case, verdict))).await?;
    let mut results = Results::default();
    let me = hand(caller);
    for (case, verdict) in judged {
        let verdict = context.renew(&tx, &case, verdict).await?;
        results.sort(Change::of(case), verdict, today, &me, reply)?;
    }
    for (action, changes) in [
        ("case.clear", results.cleared),
        ("case.propose_termination", results.proposed),
        ("case.refer", results.referred),
        ("case.object", results.contradicted),
        ("case.hold", results.waiting),
    ] {
        if !changes.is_empty() {
            let writer = Writer {
                tx: &tx,
                caller,
                now: context.clock.now(),
                action,
            };
            let entry = audit::Entry::new(action, parent);
            writer
                .write_all(entry, json!({ "checked_on": today }), changes, Vec::new())
                .await?;
        }
    }
    tx.commit().await
}

/// Whether its payment is next: both shares arrived, or the bank returned it and the account was
/// corrected.
fn waits_for_money(case: &Case) -> bool {
    match case.stage() {
        State::Funded => true,
        State::PayFailed => !case.awaits_account,
        _ => false,
    }
}

/// What a batch comes to.
#[derive(Default)]
struct Results {
    cleared: Vec<Change>,
    proposed: Vec<Change>,
    referred: Vec<Change>,
    contradicted: Vec<Change>,
    waiting: Vec<Change>,
}

impl Results {
    /// Clears a case for today, puts a termination before the checker, or refers it: also when its
    /// institution has closed or is affordable no more (I8). A termination that was proposed by the
    /// rules falls when they no longer say so. A name that is not the number's is looked into
    /// (R-PRC-7).
    fn sort(
        &mut self,
        mut change: Change,
        verdict: Verdict,
        today: time::Date,
        me: &Hand,
        reply: &mut pb::RunPrePaymentCheckResponse,
    ) -> Result<()> {
        let case = &mut change.after;
        let outcome = verdict.outcome.clone();
        let name = case.name();
        let was_silent = case.is_held_by_silence();
        case.wait_for(verdict.waiting.clone());
        if was_silent && outcome.waits() && case.waiting_for == change.before.waiting_for {
            // What it waits for, and since when, is on record.
            reply.held.push(name);
            return Ok(());
        }
        if was_silent {
            fits(case.step(Step::Release, me), &change.before)?;
        }
        let reason = verdict.lapsed.or(outcome.found.reason);
        let told = reason.map_or("", Reason::code);
        let refer = match outcome.found.decision {
            Decision::Refer => true,
            Decision::Terminate | Decision::Clawback | Decision::Wait => false,
            _ => verdict.lapsed.is_some(),
        };
        let waiting = case.proposal.take();
        // What an earlier check said counts no more.
        case.cleared_on = None;
        if waiting.as_ref().is_some_and(|it| it.repeats(&outcome)) && !refer {
            reply.proposed_terminations.push(name);
            return Ok(());
        }
        if waiting.is_some() {
            change.reason = "原提议终止的情形已变化".into();
        }
        if outcome.waits() {
            // F28: held until the register answers, and never terminated for its silence.
            fits(case.step(Step::Hold, me), &change.before)?;
            case.hold_until = None;
            change.reason = waiting::told(&case.waiting_for);
            change.verdict = Some(verdict);
            reply.held.push(name);
            self.waiting.push(change);
        } else if outcome.is_contradicted() {
            fits(case.step(Step::Object, me), &change.before)?;
            change.reason = told.into();
            change.verdict = Some(verdict);
            reply.held.push(name);
            self.contradicted.push(change);
        } else if refer {
            fits(case.step(Step::Refer, me), &change.before)?;
            change.reason = told.into();
            change.verdict = Some(verdict);
            reply.held.push(name);
            self.referred.push(change);
        } else if outcome.pays() {
            fits(case.step(Step::Clear, me), &change.before)?;
            // The sum on the sealed roster stands, whatever the registers have learned since.
            if case
                .outcome
                .as_ref()
                .is_some_and(|it| it.same_result(&outcome))
            {
                case.outcome = Some(outcome);
            } else {
                change.reason = "核查金额与花名册不一致，以花名册为准".into();
            }
            case.cleared_on = Some(today);
            reply.cleared += 1;
            change.verdict = Some(verdict);
            self.cleared.push(change);
        } else {
            fits(case.step(Step::ProposeTermination, me), &change.before)?;
            case.proposal = Some(Proposal {
                kind: ProposalKind::Termination,
                by: me.clone(),
                reason: None,
                note: String::new(),
                outcome: Some(outcome),
            });
            change.reason = told.into();
            change.verdict = Some(verdict);
            reply.proposed_terminations.push(name);
            self.proposed.push(change);
        }
        Ok(())
    }
}
