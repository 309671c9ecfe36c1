//! Codes of receipts: given when a claim is lodged, and anew to whoever has lost it (R-PRC-1).

use uuid::Uuid;
use yuhui_platform::{
    Result, audit, caller::Caller, db::Tx, idempotency::Key, refusal::not_found, unless_answered,
};
use yuhui_proto::portal::v1 as pb;

use crate::{
    context::{CODES, Context},
    domain::public_code::PublicCode,
    names,
    refusal::portal::NotHeard,
    separation::{conflict, reaches},
    store,
};

/// Gives a number a code, which replaces the one it had; answers it as it is printed.
pub(super) async fn give(context: &Context, tx: &Tx, number: &str, object: Uuid) -> Result<String> {
    let code = PublicCode::of(context.vault.random()?);
    let digest = context.vault.blind(CODES, &code.beside(number));
    store::public_codes::put(tx, number, object, digest).await?;
    Ok(code.printed())
}

/// A new code for the receipt of a claim.
pub(crate) async fn issue(
    context: &Context,
    caller: &Caller,
    ask: pb::IssueStatusCodeRequest,
) -> Result<pb::IssueStatusCodeResponse> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "cases")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let relatives = context.relatives(caller, tenant).await;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let stored = store::cases::locked(&act.tx, id).await?;
    let stored = stored.filter(|it| reaches(caller, &it.case));
    let case = stored.ok_or_else(|| not_found(&ask.name))?.case;
    conflict(caller, &relatives?, &case)?;
    let number = case.receipt_number.as_str();
    if number.is_empty() {
        return Err(NotHeard::NotLodged { case: ask.name }.into());
    }
    let code = give(context, &act.tx, number, id).await?;
    act.record(audit::Entry::new("case.issue_code", case.name()))
        .await?;
    let receipt_number = number.to_owned();
    act.finish(pb::IssueStatusCodeResponse {
        receipt_number,
        code,
    })
    .await
}
