//! Drafting: F1, I1.

use yuhui_platform::{
    Result, caller::Caller, clock, idempotency::Key, refusal, relatives::Relatives, unless_answered,
};
use yuhui_proto::{authz::v1::Power, eligibility::v1 as pb};

use super::form::Filling;
use crate::{
    context::Context,
    convert,
    domain::{Case, Step, private::Private},
    gate::Deed,
    names,
    refusal::required,
    ritual::{Change, Command, Writer},
    separation::{conflict, own_counter},
};

/// Opens a draft.
pub(crate) async fn create(
    context: &Context,
    caller: &Caller,
    ask: pb::CreateCaseRequest,
) -> Result<pb::Case> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let claim = ask.claim.unwrap_or_default();
    let programme = convert::domain_programme(claim.programme())
        .ok_or_else(|| refusal::invalid(vec![required("claim.programme")]))?;
    let relatives = context.relatives(caller, tenant).await;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    // A draft is before nobody yet. Where the registers are silent it is kept, and whose relative
    // the clerk is keeps him from lodging it.
    let relatives = match relatives {
        Err(error) if error.is_silence() => Relatives::default(),
        other => other?,
    };
    let now = context.clock.now();
    let unit = caller.unit.unwrap_or_else(|| tenant.code());
    let mut case = Case::draft(clock::fresh_id(), tenant, unit, programme, now);
    let mut private = Private::default();
    fill(context, caller, &mut case, &mut private, (&claim, &[]))?;
    conflict(caller, &relatives, &case)?;
    let sealed = context.seal(&case, &private)?;
    let change = Change {
        sealed: Some(sealed),
        ..Change::of(case)
    };
    let law = context.law();
    let writer = Writer {
        tx: &act.tx,
        caller,
        now,
        year: law.year(),
        action: "case.create",
        operation: "",
    };
    let case = writer.write_one(change, Vec::new()).await?;
    act.finish(convert::case(caller, &case, &private)?).await
}

/// Changes a draft, or a case returned for correction.
pub(crate) async fn update(
    context: &Context,
    caller: &Caller,
    ask: pb::UpdateCaseRequest,
) -> Result<pb::Case> {
    let asked = ask.case.clone().unwrap_or_default();
    let command = Command::new(
        (caller, Deed::Update),
        &asked.name,
        &asked.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    act.step(Step::Update)?;
    let claim = asked.claim.unwrap_or_default();
    let paths = ask.update_mask.map(|it| it.paths).unwrap_or_default();
    fill(
        context,
        caller,
        &mut act.case,
        &mut act.private,
        (&claim, &paths),
    )?;
    conflict(caller, act.relatives(), &act.case)?;
    act.finish("case.update", paths.join(" ")).await
}

/// Fills in a claim. It stays the caller's to bring forward, whatever is filled in.
fn fill(
    context: &Context,
    caller: &Caller,
    case: &mut Case,
    private: &mut Private,
    (claim, paths): (&pb::Claim, &[String]),
) -> Result<()> {
    let by_claimant = caller.power() == Power::Claimant;
    Filling {
        context,
        by_claimant,
        case,
        private,
    }
    .fill(claim, paths)?;
    Ok(own_counter(caller, case)?)
}
