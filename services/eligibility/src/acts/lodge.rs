//! Lodging: F1, I1.

use time::Date;
use yuhui_platform::{Result, caller::Caller, refusal, unless_answered};
use yuhui_policy::{Reason, rules::dates as rounds};
use yuhui_proto::eligibility::v1 as pb;

use super::{form, public_codes::give};
use crate::{
    clients::facts,
    context::Context,
    domain::{Case, Step},
    evaluation::{self, Moment},
    gate::Deed,
    ritual::Command,
};

/// Lodges a draft: everything must be there; the registers are asked, the rules say what they
/// think.
pub(crate) async fn lodge(
    context: &Context,
    caller: &Caller,
    ask: pb::LodgeCaseRequest,
) -> Result<pb::LodgeCaseResponse> {
    let command = Command::new(
        (caller, Deed::Lodge),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let registered = facts::registered_name(context, caller, &stored.case).await?;
    let private = context.open(&stored)?;
    form::complete(&stored.case, &private, registered.as_deref())?;
    let pack = context.pack_of(&stored.case).await?;
    let verdict = context.judge(caller, &stored, Moment::default()).await?;
    let revision = stored.case.revision;
    let mut act = unless_answered!(context.begin_lodging(command, revision));
    act.step(Step::Lodge)?;
    let outcome = act.attach(verdict).await?;
    let today = act.today();
    // Judged before midnight and lodged after it, the version might be another's.
    if outcome.evaluated_on != today || outcome.found.pack_version != pack.version() {
        return Err(refusal::aborted().into());
    }
    let found = outcome.found.round;
    let place = act.place_in_line().await?;
    let contradicted = outcome.found.reason.filter(|_| outcome.is_contradicted());
    let case = &mut act.case;
    case.outcome = Some(outcome);
    case.round = found.unwrap_or_else(|| {
        let claim = evaluation::claim(case, today);
        rounds::round_of(&pack, context.calendar, &claim)
    });
    pack.version().clone_into(&mut case.pack_version);
    case.lodged_on = Some(today);
    case.lodged_order = place;
    case.receipt_number = receipt(case, today);
    let (number, id) = (case.receipt_number.clone(), case.id);
    let status_code = give(context, &act.open.tx, &number, id).await?;
    act.state_account().await?;
    if contradicted.is_some() {
        // R-PRC-7: lodged with its day and receipt, and looked into before anybody takes it up.
        act.step(Step::Object)?;
    }
    let why = contradicted.map_or("", Reason::code);
    act.finish_with("case.lodge", why, |case| pb::LodgeCaseResponse {
        case: Some(case),
        status_code,
    })
    .await
}

/// Receipt number (R-PRC-1): county, programme, day, and a part of the id nobody can guess.
fn receipt(case: &Case, today: Date) -> String {
    let tail: String = case.id.simple().to_string().chars().skip(20).collect();
    format!(
        "{}{}{:04}{:02}{:02}{}",
        case.tenant.as_str(),
        case.programme.code(),
        today.year(),
        u8::from(today.month()),
        today.day(),
        tail.to_uppercase()
    )
}
