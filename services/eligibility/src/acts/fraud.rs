//! Fraud established by an inquiry with a hearing: 六2, 五(三)3 (R-TER-3, R-FRD-1, R-FRD-2, F29).

use yuhui_kernel::Money;
use yuhui_platform::{Result, caller::Caller, refusal, unless_answered};
use yuhui_policy::{Decision, Reason};
use yuhui_proto::{
    eligibility::v1 as pb,
    internal::v1::{RecoveryDecided, event::Payload},
};

use super::{rejection, termination};
use crate::{
    context::Context,
    convert::text,
    domain::{Case, Outcome, ProposalKind, Step},
    evaluation::{Moment, Verdict},
    events::outgoing::event,
    gate::Deed,
    names::LEDGER,
    reads::recoveries::{paid_cases, recovers_everything},
    refusal::fits,
    ritual::{CaseAct, Change, Command, Other, unmoved},
    separation::conflict,
    store,
};

/// County maker records what the inquiry established.
pub(crate) async fn propose(
    context: &Context,
    caller: &Caller,
    ask: pb::ProposeFraudFindingRequest,
) -> Result<pb::Case> {
    let note = text::needed("note", &ask.note)?;
    let command = Command::new(
        (caller, Deed::ProposeFraud),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    act.step(Step::ProposeFraudFinding)?;
    act.propose(ProposalKind::FraudFinding, Some(Reason::Fraud), &note, None);
    act.finish("case.propose_fraud_finding", note).await
}

/// County checker approves: refused before confirmation, terminated before payment, recovered after
/// it. The finding stands against the claimant in every county from now on. Where the parameters
/// recover everything, so are the claimant's other paid cases of this county; those of others are
/// theirs to recover.
pub(crate) async fn approve(
    context: &Context,
    caller: &Caller,
    ask: pb::ApproveFraudFindingRequest,
) -> Result<pb::Case> {
    let command = Command::new(
        (caller, Deed::ApproveFraud),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let was_paid = stored.case.is_paid();
    let moment = Moment {
        confirmed_on: stored.case.confirmed_on,
        paid_on: stored.case.paid_on,
        paid: was_paid,
        fraud_on: Some(&stored.case),
    };
    let verdict = context.judge(caller, &stored, moment).await?;
    let others = others_paid(context, caller, &stored.case).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    // Rows before claims: see `Tx::lock`.
    let ids = others.iter().map(|(other, _)| other.id).collect();
    store::cases::lock_all(&act.open.tx, ids).await?;
    let proposal = act.take_proposal()?;
    let note = proposal.note;
    act.adopt(verdict).await?;
    if was_paid {
        recover(&mut act, Reason::Fraud, &note)?;
    } else if act.case.stage().is_before_confirmation() {
        let reason = reason_of_refusal(act.case.outcome.as_ref());
        rejection::reject(&mut act, reason, &note)?;
    } else {
        termination::terminate(&mut act, Some(Reason::Fraud), &note)?;
    }
    act.put_fraud().await?;
    recover_others(&mut act, others, &note).await?;
    act.finish("case.fraud_found", note).await
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
pub(crate) fn recover(act: &mut CaseAct<'_>, reason: Reason, note: &str) -> Result<()> {
    act.step(Step::Recover)?;
    let paid = paid(&act.case);
    act.decide(|outcome| outcome.recover(reason, paid, note));
    let demand = demand(&act.case);
    act.publish(LEDGER, demand);
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
async fn others_paid(
    context: &Context,
    caller: &Caller,
    tainted: &Case,
) -> Result<Vec<(Case, Verdict)>> {
    let tx = context.db.read(tainted.tenant).await?;
    let candidates = paid_cases(&tx, &tainted.claimant_ref).await?;
    drop(tx);
    let mut others = Vec::new();
    for stored in candidates {
        let case = &stored.case;
        if case.id == tainted.id || !recovers_everything(context, case).await? {
            continue;
        }
        let moment = Moment {
            confirmed_on: case.confirmed_on,
            paid_on: case.paid_on,
            paid: true,
            fraud_on: Some(tainted),
        };
        let verdict = context.judge(caller, &stored, moment).await?;
        others.push((stored.case, verdict));
    }
    Ok(others)
}

/// Each with a demand, an entry and an event of its own. What has moved since it was read is a
/// lost race; whoever may not act on one of them cannot approve the finding (DYN-3).
async fn recover_others(
    act: &mut CaseAct<'_>,
    others: Vec<(Case, Verdict)>,
    note: &str,
) -> Result<()> {
    let ids: Vec<_> = others.iter().map(|(case, _)| case.id).collect();
    let now = store::cases::named(&act.open.tx, &ids).await?;
    if now.len() != others.len() {
        return Err(refusal::aborted().into());
    }
    let (by, today) = (act.hand(), act.today());
    let ground = format!("因申请 {} 骗取补贴：{note}", act.case.name());
    for (judged, verdict) in others {
        let stored = now.iter().find(|it| it.case.id == judged.id);
        let case = stored.map_or(&judged, |it| &it.case);
        unmoved(case, judged.revision)?;
        conflict(act.caller(), act.relatives(), case)?;
        let mut change = Change::of(judged);
        let case = &mut change.after;
        fits(case.step(Step::Recover, &by), &change.before)?;
        let mut outcome = verdict.outcome.clone();
        outcome.recover(Reason::FraudCancelled, paid(case), &ground);
        case.related.clone_from(&verdict.related);
        case.parties.clone_from(&verdict.parties);
        case.outcome = Some(outcome);
        case.decided_on = Some(today);
        case.proposal = None;
        change.reason.clone_from(&ground);
        change.verdict = Some(verdict);
        let demanded = event(today, demand(&change.after));
        act.also(Other {
            action: "case.recover",
            change,
            events: vec![(LEDGER, demanded)],
        });
    }
    Ok(())
}
