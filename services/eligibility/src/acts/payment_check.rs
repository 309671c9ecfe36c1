//! The check before payment (F20, F23, R-TER): every case of a round that waits for its money, for the
//! first time or after the bank returned it, with the rules of the day.

use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::Date;
use uuid::Uuid;
use yuhui_platform::{
    Result, audit,
    caller::Caller,
    db::Tx,
    idempotency::Key,
    operations::{At, Item, Next, Outcome, Slice, Work, next_after},
    refusal::aborted,
    relatives::Relatives,
    unless_answered,
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
/// Cases of a slice: what each rests on is locked by name meanwhile, and PostgreSQL has room for some
/// thousand locks in all. While a register hangs each takes its patience of three seconds, in which a slice
/// must be done all the same.
const BATCH: u64 = 64;
/// Those of the first slice, which somebody waits for.
const FIRST: u64 = 16;

/// Why an item of the operation is held.
const HELD: &str = "HELD";
/// What came of an item of the operation that is to be stopped.
const PROPOSED: &str = "PROPOSED_TERMINATION";

/// Runs the check, slice by slice. What was checked today is not checked again. Answers with what the
/// first slice came to; the operation tells the rest.
pub(crate) async fn run(
    context: &Context,
    caller: &Caller,
    ask: pb::RunPrePaymentCheckRequest,
) -> Result<pb::RunPrePaymentCheckResponse> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let round = Round {
        parent: ask.parent.clone(),
        round: ask.round,
    };
    let check = Check(context.clone());
    let operations = &context.operations;
    let begun =
        unless_answered!(operations.begin(&check, (caller, tenant), key, round, ask.parent));
    let named = |reason| {
        let items = begun.items.iter().filter(|it| it.reason == reason);
        items.map(|it| it.name.clone()).collect()
    };
    let answer = pb::RunPrePaymentCheckResponse {
        cleared: i32::try_from(begun.operation.done).unwrap_or(i32::MAX),
        proposed_terminations: named(PROPOSED),
        held: named(HELD),
        operation: Some(begun.operation.clone()),
    };
    begun.finish(answer).await
}

/// The work of [`run`].
pub(crate) struct Check(pub(crate) Context);

#[derive(Serialize, Deserialize)]
pub(crate) struct Round {
    parent: String,
    round: i32,
}

/// Cases of a slice, and what the rules of the day say of those that are to be decided.
#[derive(Default)]
pub(crate) struct Judged {
    /// The business day; none if the work is to end.
    on: Option<Date>,
    more: Option<Uuid>,
    sorted: Sorted,
    verdicts: Vec<(Case, Verdict)>,
}

#[async_trait::async_trait]
impl Work for Check {
    type Ask = Round;
    /// The last case that was looked at.
    type Place = Option<Uuid>;
    type Ready = Judged;
    const METHOD: &'static str = "RunPrePaymentCheck";

    async fn prepare(&self, at: &At<'_, Self>) -> Result<Judged> {
        let Self(context) = self;
        if at.is_cancelling {
            return Ok(Judged::default());
        }
        let today = context.today();
        let filter = Filter {
            states: vec![
                State::Funded,
                State::PayFailed,
                State::Hold,
                State::Inquiry,
                State::Referred,
            ],
            round: at.ask.round,
            after: at.place.map(|it| it.to_string()),
            ..Filter::default()
        };
        let most = at.place.map_or(FIRST, |_| BATCH);
        let size = at.slice.min(most);
        let tx = context.db.read(at.tenant).await?;
        let batch = store::cases::list(&tx, &filter, Some(size)).await?;
        drop(tx);
        let more = next_after(&batch, size, |it| it.case.id);
        let relatives = match batch.is_empty() {
            true => Relatives::default(),
            false => context.relatives(at.caller, at.tenant).await?,
        };
        let (mut sorted, due) = sort(at.caller, &relatives, batch, today);
        let verdicts = judge(context, at.caller, due, &mut sorted).await?;
        Ok(Judged {
            on: Some(today),
            more,
            sorted,
            verdicts,
        })
    }

    async fn apply(&self, at: &At<'_, Self>, tx: &Tx, ready: Judged) -> Result<Slice<Self::Place>> {
        let Some(on) = ready.on else {
            return Ok(Next::Cancelled.into());
        };
        if on != self.0.today() {
            // What was judged yesterday clears nothing today.
            return Err(aborted().into());
        }
        let mut sorted = ready.sorted;
        decide((&self.0, at, tx), ready.verdicts, (&mut sorted, on)).await?;
        Ok(Slice {
            total: None,
            done: sorted.cleared,
            items: sorted.items,
            next: ready.more.map_or(Next::Done, |it| Next::More(Some(it))),
        })
    }
}

/// What becomes of the cases of a slice.
#[derive(Default)]
struct Sorted {
    cleared: i64,
    items: Vec<Item>,
}

impl Sorted {
    fn hold(&mut self, name: String) {
        self.item(name, Outcome::Skipped, HELD.into());
    }

    fn stop(&mut self, name: String) {
        self.item(name, Outcome::Skipped, PROPOSED.into());
    }

    fn item(&mut self, name: String, outcome: Outcome, reason: String) {
        self.items.push(Item {
            name,
            outcome,
            reason,
        });
    }
}

/// What is known without the rules, and the cases that are to be decided by them.
fn sort(
    caller: &Caller,
    relatives: &Relatives,
    batch: Vec<Stored>,
    today: Date,
) -> (Sorted, Vec<Stored>) {
    let (mut sorted, mut due) = (Sorted::default(), Vec::new());
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
            sorted.hold(case.name());
        } else if case.cleared_on == Some(today) {
            sorted.cleared += 1;
        } else if is_open {
            due.push(stored);
        } else if is_stopped {
            sorted.stop(case.name());
        } else {
            sorted.hold(case.name());
        }
    }
    (sorted, due)
}

/// What the rules say. A case that cannot be judged is told with its reason and not paid; the others go
/// on. What only did not answer is asked again with the whole slice.
async fn judge(
    context: &Context,
    caller: &Caller,
    due: Vec<Stored>,
    sorted: &mut Sorted,
) -> Result<Vec<(Case, Verdict)>> {
    let today = context.today();
    let judged: Vec<(Case, Result<Verdict>)> = stream::iter(due)
        .map(|stored| async move {
            let moment = Moment {
                confirmed_on: stored.case.confirmed_on,
                paid_on: Some(today),
                ..Moment::default()
            };
            let verdict = context.judge(caller, &stored, moment).await;
            (stored.case, verdict)
        })
        .buffered(IN_FLIGHT)
        .collect()
        .await;
    let mut verdicts = Vec::with_capacity(judged.len());
    for (case, verdict) in judged {
        match verdict {
            Ok(verdict) => verdicts.push((case, verdict)),
            Err(error) if error.may_pass() => return Err(error),
            Err(error) => {
                let (name, reason) = (case.name(), error.told());
                tracing::error!(case = name, %error, "a case cannot be judged before it is paid");
                sorted.item(name, Outcome::Failed, reason);
            }
        }
    }
    Ok(verdicts)
}

/// Writes what the rules say of the cases of a slice.
async fn decide(
    (context, at, tx): (&Context, &At<'_, Check>, &Tx),
    judged: Vec<(Case, Verdict)>,
    (sorted, today): (&mut Sorted, Date),
) -> Result<()> {
    if judged.is_empty() {
        return Ok(());
    }
    let ids = judged.iter().map(|(case, _)| case.id).collect();
    store::cases::lock_all(tx, ids).await?;
    evaluation::hold(tx, judged.iter().map(|(case, verdict)| (case, verdict))).await?;
    let mut results = Results::default();
    let me = hand(at.caller);
    for (case, verdict) in judged {
        let verdict = context.renew(tx, &case, verdict).await?;
        results.sort(Change::of(case), verdict, today, &me, sorted)?;
    }
    for (action, changes) in [
        ("case.clear", results.cleared),
        ("case.propose_termination", results.proposed),
        ("case.refer", results.referred),
        ("case.object", results.contradicted),
        ("case.hold", results.waiting),
    ] {
        if !changes.is_empty() {
            let law = context.law();
            let writer = Writer {
                tx,
                caller: at.caller,
                now: context.clock.now(),
                year: law.year(),
                action,
                operation: at.operation,
            };
            let entry = audit::Entry::new(action, &*at.ask.parent);
            writer
                .write_all(entry, json!({ "checked_on": today }), changes, Vec::new())
                .await?;
        }
    }
    Ok(())
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
        today: Date,
        me: &Hand,
        sorted: &mut Sorted,
    ) -> Result<()> {
        let case = &mut change.after;
        let outcome = verdict.outcome.clone();
        let name = case.name();
        let was_silent = case.is_held_by_silence();
        case.wait_for(verdict.waiting.clone());
        if was_silent && outcome.waits() && case.waiting_for == change.before.waiting_for {
            // What it waits for, and since when, is on record.
            sorted.hold(name);
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
            sorted.stop(name);
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
            sorted.hold(name);
            self.waiting.push(change);
        } else if outcome.is_contradicted() {
            fits(case.step(Step::Object, me), &change.before)?;
            change.reason = told.into();
            change.verdict = Some(verdict);
            sorted.hold(name);
            self.contradicted.push(change);
        } else if refer {
            fits(case.step(Step::Refer, me), &change.before)?;
            change.reason = told.into();
            change.verdict = Some(verdict);
            sorted.hold(name);
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
            sorted.cleared += 1;
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
                on: Some(today),
            });
            change.reason = told.into();
            change.verdict = Some(verdict);
            sorted.stop(name);
            self.proposed.push(change);
        }
        Ok(())
    }
}
