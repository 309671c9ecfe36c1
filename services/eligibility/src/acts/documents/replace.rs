//! A document in the place of another, which stays.

use yuhui_platform::{
    Result, act::OpenAct, caller::Caller, idempotency::Key, refusal::not_found, unless_answered,
};
use yuhui_proto::documents::v1 as pb;

use super::{
    finish::{file_new, whole},
    has_room, takes, touch,
};
use crate::{
    context::Context, convert::text, names, reads::documents::locked, refusal::documents::NotTaken,
    store,
};

/// What is shown of a kind is what stands; what stood before is kept, and says by what it was replaced.
pub(crate) async fn replace(
    context: &Context,
    caller: &Caller,
    ask: pb::ReplaceDocumentRequest,
) -> Result<pb::Document> {
    let reason = text::needed("reason", &ask.reason)?;
    let (tenant, parent, id) = names::parse_document(caller, &ask.name)?;
    let (of, upload) = names::parse_own(caller, &ask.upload, "uploads")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    if of != tenant {
        return Err(not_found(ask.upload).into());
    }
    let whole = unless_answered!(whole(context, caller, &key, (tenant, upload), &ask.upload));
    let relatives = context.relatives(caller, tenant).await;
    let act: OpenAct<'_> = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let file = locked(tx, caller, parent, &ask.name).await?;
    let old = store::documents::get(tx, parent, id).await?;
    let mut old = old.ok_or_else(|| not_found(&ask.name))?.filed;
    takes(&file, caller, &relatives?, old.kind)?;
    let document = ask.name;
    if let Some(by) = old.replaced_by {
        let by = old.named(by);
        return Err(NotTaken::Replaced { document, by }.into());
    }
    if (whole.upload.parent, whole.upload.kind) != (parent, old.kind) {
        let upload = ask.upload;
        return Err(NotTaken::OtherPlace { upload, document }.into());
    }
    if whole.upload.sha256 == old.sha256 {
        return Err(NotTaken::Unchanged { document }.into());
    }
    has_room(tx, tenant, parent, whole.upload.size).await?;
    let same = store::documents::same(tx, parent, &whole.upload.sha256).await?;
    let stored = file_new(context, &act, &whole, &same, Some((&old, &reason))).await?;
    old.replaced_by = Some(stored.filed.id);
    store::documents::update(tx, &old).await?;
    let answer = context.show_document(&stored)?;
    touch(context, &act, file, ("case.replace_document", &answer.name)).await?;
    act.finish(answer).await
}
