//! Fraud established by an inquiry with a hearing: 六2, 五(三)3 (R-TER-3, R-FRD-1, R-FRD-2, F29).

use yuhui_kernel::Money;
use yuhui_platform::{Result, caller::Caller, refusal};
use yuhui_policy::{Decision, Reason, pack::RecoveryScope};
use yuhui_proto::{
    eligibility::v1 as pb,
    events::v1::{RecoveryDecided, event::Payload},
};

use super::{look, rejection, seat, termination};
use crate::{
    desk::{Command, Desk, unmoved},
    domain::{Case, Outcome, ProposalKind, State, Step},
    evaluation::{Moment, Verdict},
    record::Change,
    rpc::{
        events::{LEDGER, event},
        text,
    },
    separation::conflict,
    sitting::{Other, Sitting},
    store::{
        self,
        cases::{Filter, Stored},
    },
};

/// Archived without a payment, or with one that was recovered, there is nothing left to find.
fn must_be_open(case: &Case) -> Result<()> {
    if case.state() == State::Closed && !is_paid(case) {
        let refused = crate::domain::NotAllowed {
            state: State::Closed,
            allowed: Vec::new(),
        };
        return super::fits(Err(refused), case);
    }
    Ok(())
}

/// Whether money was paid on it that nobody has demanded back.
pub(in crate::rpc) fn is_paid(case: &Case) -> bool {
    let demanded = |it: &Outcome| it.found.decision == Decision::Clawback;
    matches!(case.state(), State::Paid | State::Closed)
        && case.paid_on.is_some()
        && !case.outcome.as_ref().is_some_and(demanded)
}

/// County maker records what the inquiry established.
pub(super) async fn propose(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposeFraudFindingRequest,
) -> Result<pb::Case> {
    let note = text::needed("note", &ask.note)?;
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut sitting = seat!(desk, command);
    sitting.step(Step::ProposeFraudFinding)?;
    must_be_open(&sitting.case)?;
    sitting.propose(ProposalKind::FraudFinding, Some(Reason::Fraud), &note, None)?;
    sitting.finish("case.propose_fraud_finding", note).await
}

/// County checker approves: refused before confirmation, terminated before payment, recovered after
/// it. The finding stands against the claimant in every county from now on. Where the parameters
/// recover everything, so are the claimant's other paid cases of this county; those of others are
/// theirs to recover.
pub(super) async fn approve(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ApproveFraudFindingRequest,
) -> Result<pb::Case> {
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::ProposeFraudFinding);
    must_be_open(&looked.case)?;
    let was_paid = is_paid(&looked.case);
    let moment = Moment {
        confirmed_on: looked.case.confirmed_on,
        paid_on: looked.case.paid_on,
        paid: was_paid,
        fraud_on: Some(&looked.case),
    };
    let verdict = desk.judge(caller, &looked, moment).await?;
    let others = others_paid(desk, caller, &looked.case).await?;
    let mut sitting = seat!(desk, command, looked);
    // Rows before claims: see `Tx::lock`.
    let ids = others.iter().map(|(other, _)| other.id).collect();
    store::cases::lock_all(&sitting.tx, ids).await?;
    let proposal = sitting.approve(ProposalKind::FraudFinding)?;
    let note = proposal.note;
    sitting.adopt(verdict).await?;
    if was_paid {
        recover(&mut sitting, Reason::Fraud, &note)?;
    } else if sitting.case.stage().is_before_confirmation() {
        let reason = reason_of_refusal(sitting.case.outcome.as_ref());
        rejection::reject(&mut sitting, reason, &note)?;
    } else {
        termination::terminate(&mut sitting, Some(Reason::Fraud), &note)?;
    }
    sitting.put_fraud().await?;
    recover_others(&mut sitting, others, &note).await?;
    sitting.finish("case.fraud_found", note).await
}

/// B.2: the first step that fails gives the primary reason, and fraud is one of the last. What only
/// a person could have decided is decided by the fraud.
fn reason_of_refusal(outcome: Option<&Outcome>) -> Option<Reason> {
    let refused =
        |it: &&Outcome| matches!(it.found.decision, Decision::Reject | Decision::NotAccepted);
    match outcome.filter(refused) {
        Some(_) => None,
        None => Some(Reason::Fraud),
    }
}

/// F29: everything paid on the claim is demanded back.
pub(in crate::rpc) fn recover(sitting: &mut Sitting<'_>, reason: Reason, note: &str) -> Result<()> {
    sitting.step(Step::Recover)?;
    let paid = paid(&sitting.case);
    sitting.decide(|outcome| outcome.recover(reason, paid, note));
    let demand = demand(&sitting.case);
    sitting.tell(LEDGER, demand);
    Ok(())
}

fn paid(case: &Case) -> Money {
    case.rostered.unwrap_or(Money::ZERO)
}

fn demand(case: &Case) -> Payload {
    Payload::RecoveryDecided(RecoveryDecided {
        case: case.name(),
        round: case.round,
        amount_fen: paid(case).fen(),
    })
}

/// Cases of this county that were paid to the claimant and are recovered with the tainted one, by
/// the parameters of their own lodging day.
async fn others_paid(desk: &Desk, caller: &Caller, tainted: &Case) -> Result<Vec<(Case, Verdict)>> {
    let tx = desk.db.read(tainted.tenant).await?;
    let candidates = paid_cases(&tx, &tainted.claimant_ref).await?;
    drop(tx);
    let mut others = Vec::new();
    for stored in candidates {
        let case = &stored.case;
        if case.id == tainted.id || !recovers_everything(desk, case).await? {
            continue;
        }
        let moment = Moment {
            confirmed_on: case.confirmed_on,
            paid_on: case.paid_on,
            paid: true,
            fraud_on: Some(tainted),
        };
        let verdict = desk.judge(caller, &stored, moment).await?;
        others.push((stored.case, verdict));
    }
    Ok(others)
}

/// Whether fraud on one claim takes back what was paid on this one (AMB-43).
pub(in crate::rpc) async fn recovers_everything(desk: &Desk, case: &Case) -> Result<bool> {
    let pack = desk.pack_of(case).await?;
    Ok(pack.parameters.fraud_recovery_scope == RecoveryScope::AllPaid)
}

/// Paid cases of a claimant in the county of the transaction.
pub(in crate::rpc) async fn paid_cases(
    tx: &yuhui_platform::db::Tx,
    claimant: &str,
) -> Result<Vec<Stored>> {
    let filter = Filter {
        states: vec![State::Paid, State::Closed],
        claimant_ref: Some(claimant.into()),
        ..Filter::default()
    };
    let cases = store::cases::list(tx, &filter, None).await?;
    let cases = cases.into_iter();
    Ok(cases.filter(|it| is_paid(&it.case)).collect())
}

/// Each with a demand, an entry and a letter of its own. What has moved since it was looked at is a
/// lost race; whoever may not act on one of them cannot approve the finding (DYN-3).
async fn recover_others(
    sitting: &mut Sitting<'_>,
    others: Vec<(Case, Verdict)>,
    note: &str,
) -> Result<()> {
    let ids: Vec<_> = others.iter().map(|(case, _)| case.id).collect();
    let now = store::cases::named(&sitting.tx, &ids).await?;
    if now.len() != others.len() {
        return Err(refusal::aborted().into());
    }
    let (by, today) = (sitting.hand(), sitting.today());
    let ground = format!("因申请 {} 骗取补贴：{note}", sitting.case.name());
    for (looked, verdict) in others {
        let stored = now.iter().find(|it| it.case.id == looked.id);
        let case = stored.map_or(&looked, |it| &it.case);
        unmoved(case, looked.revision)?;
        conflict(sitting.caller(), sitting.relatives(), case)?;
        let mut change = Change::of(looked);
        let case = &mut change.after;
        super::fits(case.step(Step::Recover, &by), &change.before)?;
        let mut outcome = verdict.outcome.clone();
        outcome.recover(Reason::FraudCancelled, paid(case), &ground);
        case.related.clone_from(&verdict.related);
        case.parties.clone_from(&verdict.parties);
        case.outcome = Some(outcome);
        case.decided_on = Some(today);
        case.proposal = None;
        change.reason.clone_from(&ground);
        change.verdict = Some(verdict);
        let letter = event(today, demand(&change.after));
        sitting.also(Other {
            action: "case.recover",
            change,
            letters: vec![(LEDGER, letter)],
        });
    }
    Ok(())
}
