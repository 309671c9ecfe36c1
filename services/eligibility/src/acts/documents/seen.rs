//! 原件已核: an original was shown and compared with its document.

use yuhui_platform::{
    Result, act::OpenAct, audit::Entry, caller::Caller, idempotency::Key, refusal::not_found,
    unless_answered,
};
use yuhui_proto::documents::v1 as pb;

use super::{takes, touch};
use crate::{
    context::Context,
    domain::documents::{filed::Seen, kind::Belongs},
    names,
    reads::documents::locked,
    refusal::documents::NotTaken,
    separation::hand,
    store,
};

/// Who compared it first, and when, is kept.
pub(crate) async fn mark(
    context: &Context,
    caller: &Caller,
    ask: pb::MarkOriginalSeenRequest,
) -> Result<pb::Document> {
    let (tenant, parent, id) = names::parse_document(caller, &ask.name)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let relatives = context.relatives(caller, tenant).await;
    let act: OpenAct<'_> = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let file = locked(tx, caller, parent, &ask.name).await?;
    let stored = store::documents::get(tx, parent, id).await?;
    let mut stored = stored.ok_or_else(|| not_found(&ask.name))?;
    let filed = &mut stored.filed;
    takes(&file, caller, &relatives?, filed.kind)?;
    if filed.kind.belongs() != Belongs::Claim {
        let (kind, parent) = (filed.kind.as_str(), parent.name(tenant));
        return Err(NotTaken::WrongKind { kind, parent }.into());
    }
    if let Some(by) = filed.replaced_by {
        let (document, by) = (ask.name, filed.named(by));
        return Err(NotTaken::Replaced { document, by }.into());
    }
    if filed.original_seen.is_none() {
        filed.original_seen = Some(Seen {
            by: hand(caller),
            at: context.clock.now(),
        });
        store::documents::update(tx, filed).await?;
        act.record(Entry::new("document.original_seen", &ask.name))
            .await?;
        touch(context, &act, file, ("case.see_original", &ask.name)).await?;
    }
    let answer = context.show_document(&stored)?;
    act.finish(answer).await
}
