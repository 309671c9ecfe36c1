//! Stays, as the county checks and reads them.

use yuhui_platform::{Caller, Result, audit, form::Form, idempotency, paging::Page, refusal};
use yuhui_proto::institution::v1 as pb;

use super::{names, shown};
use crate::{Deps, domain::digest, persons::none_heads, store::enrolments};

/// Longest note of a check, in characters.
const NOTE: usize = 2000;

/// Marks what was reported so far as checked (I4): what the checker saw, and nothing that was
/// reported since.
pub async fn check(
    deps: &Deps,
    caller: &Caller,
    ask: pb::CheckEnrolmentsRequest,
) -> Result<pb::CheckEnrolmentsResponse> {
    let (named, id) = names::read_institution("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let mut form = Form::default();
    if ask.note.chars().count() > NOTE {
        form.refuse(
            "note",
            format!("最多{NOTE}个字符"),
            format!("has more than {NOTE} characters"),
        );
    }
    form.finish()?;
    let relatives = deps
        .peers
        .relatives(caller, tenant, deps.clock.today())
        .await;

    let tx = deps.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let stored = names::reach_locked(&tx, caller, id, &ask.parent).await?;
    let today = deps.clock.today();
    none_heads(&relatives?, &stored.institution.record, today)?;
    if digest(enrolments::waiting(&tx, id).await?) != ask.digest {
        return Err(refusal::aborted().into());
    }
    let checked = enrolments::check(&tx, caller, id, today).await?;
    let object = names::institution(&stored.institution);
    let entry = audit::Entry::new("institution.enrolments.check", object)
        .after(&serde_json::json!({ "checked": checked, "digest": ask.digest }))
        .note(&ask.note);
    audit::record(&tx, caller, deps.clock.now(), entry).await?;
    let answer = pb::CheckEnrolmentsResponse {
        checked: i32::try_from(checked).unwrap_or(i32::MAX),
    };
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// A page of an institution's stays.
pub async fn list(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ListEnrolmentsRequest,
) -> Result<pb::ListEnrolmentsResponse> {
    let (named, id) = names::read_institution("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = deps.db.read(tenant).await?;
    let stored = names::reach(&tx, caller, id, &ask.parent).await?;
    let reference = &stored.institution.institution_ref;
    let (stays, next_page_token) = enrolments::list(&tx, id, &page).await?;
    let stays = stays.into_iter().map(|it| shown::enrolment(it, reference));
    Ok(pb::ListEnrolmentsResponse {
        enrolments: stays.collect(),
        next_page_token,
        digest: digest(enrolments::waiting(&tx, id).await?),
    })
}
