//! C.7: the claimant has died since he lodged, and the other parent or the guardian takes the case over. It is
//! the same case, with its day and its place in line; who it is that may, the rules say on the day he asks.

use time::Date;
use yuhui_platform::{
    Result,
    caller::Caller,
    form::Form,
    refusal::{self, Violation},
    unless_answered,
};
use yuhui_policy::{Decision, Reason};
use yuhui_proto::{
    eligibility::v1 as pb,
    internal::v1::{AccountCorrected, event::Payload},
};

use super::{because, form};
use crate::{
    context::Context,
    convert::{particulars, text},
    domain::{
        Case, Outcome, ProposalKind, State, Step,
        documents::{kind::DocumentKind, upload::Parent},
        private::Successor,
        waiting,
    },
    evaluation::{Moment, Verdict},
    gate::Deed,
    names::DISBURSEMENT,
    refusal::Refused,
    ritual::{CaseAct, Command},
    separation::conflict,
    store::{self, cases::Stored},
};

/// The paper that shows a death, or who is guardian.
const CERTIFICATE: &str = "DEATH_OR_GUARDIANSHIP_CERTIFICATE";

/// Village clerk at the counter, or county maker.
pub(crate) async fn propose(
    context: &Context,
    caller: &Caller,
    ask: pb::ProposeTakeoverRequest,
) -> Result<pb::Case> {
    let note = text::remark("note", &ask.note)?;
    let command = Command::new(
        (caller, Deed::ProposeTakeover),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let successor = read(&stored.case, &ask)?;
    let taken = as_taken(context, &stored, &successor, context.today())?;
    let verdict = judge(context, caller, &taken).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    act.step(Step::TakeOver)?;
    conflict(caller, act.relatives(), &taken.case)?;
    is_shown(&act, &verdict).await?;
    let outcome = stands(&mut act, &taken.case, verdict).await?;
    let told = because(&successor.certificate, &note);
    act.private.successor = Some(successor);
    act.propose(ProposalKind::Takeover, None, &note, Some(outcome));
    act.finish("case.propose_takeover", told).await
}

/// County checker; the rules must still say what they said to the maker.
pub(crate) async fn approve(
    context: &Context,
    caller: &Caller,
    ask: pb::ApproveTakeoverRequest,
) -> Result<pb::Case> {
    let command = Command::new(
        (caller, Deed::ApproveTakeover),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let proposed = stored.case.proposal.as_ref();
    let private = context.open(&stored)?;
    let (Some(proposed), Some(successor)) = (proposed, private.successor) else {
        return Err(Refused::NoProposal {
            case: ask.name,
            kind: ProposalKind::Takeover.as_str(),
        }
        .into());
    };
    let on = proposed.on.unwrap_or_else(|| context.today());
    let taken = as_taken(context, &stored, &successor, on)?;
    let verdict = judge(context, caller, &taken).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    act.step(Step::TakeOver)?;
    let proposal = act.take_proposal()?;
    conflict(caller, act.relatives(), &taken.case)?;
    let outcome = stands(&mut act, &taken.case, verdict).await?;
    if !proposal.repeats(&outcome) {
        return Err(Refused::proposal_outdated(&act.case.name(), &outcome).into());
    }
    take(&mut act, taken.case, successor, outcome)?;
    act.state_account().await?;
    act.finish("case.take_over", proposal.note).await
}

/// Who is to take over, with an account of his own.
fn read(case: &Case, ask: &pb::ProposeTakeoverRequest) -> Result<Successor> {
    let mut checked = Form::default();
    if !ask.original_seen {
        let (zh, en) = ("须核对证明原件", "the original must have been compared");
        checked.refuse("original_seen", zh, en);
    }
    let number = checked.identity_number("claimant_number", &ask.claimant_number);
    let name = ask.claimant_name.trim();
    let account = form::account(&mut checked, "account", ask.account.as_ref());
    form::account_complete(&mut checked, "account", &account, case.kind(), name);
    checked.finish()?;
    Ok(Successor {
        claimant_name: name.into(),
        claimant_number: number.map(|it| it.expose()).unwrap_or_default(),
        account,
        certificate: ask.certificate.trim().into(),
    })
}

/// The case as it would be.
fn as_taken(context: &Context, stored: &Stored, by: &Successor, on: Date) -> Result<Stored> {
    let mut case = stored.case.clone();
    case.claimant_ref = context.vault.person(&by.claimant_number);
    if [&stored.case.claimant_ref, &case.subject_ref].contains(&&case.claimant_ref) {
        let (zh, en) = (
            "须为另一父母或监护人",
            "must be another than claimant and child",
        );
        let fault = Violation::new("claimant_number", zh, en);
        return Err(refusal::invalid(vec![fault]).into());
    }
    case.account_masked = by.account.masked();
    case.taken_over_on = Some(on);
    let mut private = context.open(stored)?;
    private.claimant_name.clone_from(&by.claimant_name);
    let sealed = context.seal(&case, &private)?;
    Ok(Stored { case, sealed })
}

/// The rules, for the stage at which the case stands.
async fn judge(context: &Context, caller: &Caller, taken: &Stored) -> Result<Verdict> {
    let case = &taken.case;
    let moment = Moment {
        confirmed_on: case.confirmed_on,
        paid_on: case.stage().awaits_payment().then(|| context.today()),
        ..Moment::default()
    };
    context.judge(caller, taken, moment).await
}

/// The death is shown: by a register, or by a certificate in the file (C.3).
async fn is_shown(act: &CaseAct<'_>, verdict: &Verdict) -> Result<()> {
    let case = &act.case;
    if verdict.knows_dead(&case.claimant_ref) {
        return Ok(());
    }
    let parent = Parent::Case(case.id);
    let filed = store::documents::list(&act.open.tx, parent, (false, &[]), None, None).await?;
    let kind = DocumentKind::parse(CERTIFICATE);
    if filed.iter().any(|it| Some(it.filed.kind) == kind) {
        return Ok(());
    }
    Err(Refused::DeathNotShown { case: case.name() }.into())
}

/// What the rules say of the case in other hands. Who has no standing does not take it over; what is not known
/// is waited for; and what is confirmed is not decided anew by it.
async fn stands(act: &mut CaseAct<'_>, taken: &Case, verdict: Verdict) -> Result<Outcome> {
    if verdict.outcome.waits() {
        return Err(Refused::Waiting {
            case: act.case.name(),
            reason: verdict.outcome.found.reason.map_or("", Reason::code).into(),
            awaited: waiting::told(&verdict.waiting),
        }
        .into());
    }
    let outcome = act.attach_as(taken, verdict).await?;
    let found = &outcome.found;
    let is_nobody =
        found.decision == Decision::NotAccepted || found.reason == Some(Reason::NoStanding);
    let was = act.case.outcome.as_ref();
    let is_another = act.case.stage().awaits_payment()
        && !(outcome.pays() && was.is_some_and(|it| it.same_result(&outcome)));
    // R-PRC-7: nor one whose name is not his number's.
    if outcome.is_contradicted() || is_nobody || is_another {
        return Err(Refused::rules_disagree(&act.case.name(), &outcome).into());
    }
    Ok(outcome)
}

/// Claimant, account and letters follow; of what is on a sealed roster disbursement is told who is paid.
fn take(act: &mut CaseAct<'_>, taken: Case, by: Successor, outcome: Outcome) -> Result<()> {
    let former = std::mem::replace(&mut act.case.claimant_ref, taken.claimant_ref);
    act.case.account_masked = taken.account_masked;
    act.case.taken_over_on = taken.taken_over_on;
    act.case.outcome = Some(outcome);
    act.private.particulars = particulars::without_applicant(&act.case, &act.private)?;
    act.private.claimant_name = by.claimant_name;
    act.private.claimant_number = by.claimant_number;
    act.private.account = by.account;
    act.private.successor = None;
    if act.case.state() == State::PayFailed {
        act.case.awaits_account = false;
    }
    if act.case.stage().is_in_ledger() && act.case.rostered.is_some() {
        let corrected = AccountCorrected {
            case: act.case.name(),
            payee_ref: act.case.claimant_ref.clone(),
            former_payee_ref: former,
        };
        act.publish(DISBURSEMENT, Payload::AccountCorrected(corrected));
    }
    Ok(())
}
