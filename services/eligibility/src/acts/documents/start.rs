//! The beginning of an upload.

use serde_json::json;
use yuhui_platform::{
    Result,
    act::OpenAct,
    audit::Entry,
    caller::Caller,
    clock::{self, real_millis},
    idempotency::Key,
    refusal, unless_answered,
};
use yuhui_proto::documents::v1 as pb;

use super::{has_room, takes};
use crate::{
    context::Context,
    convert::{documents, text},
    domain::documents::upload::{OPEN_AT_ONCE, Upload},
    names,
    reads::documents::file,
    refusal::{documents::NotTaken, required},
    separation::hand,
    store,
};

/// What is announced here is what must come.
pub(crate) async fn start(
    context: &Context,
    caller: &Caller,
    ask: pb::StartUploadRequest,
) -> Result<pb::Upload> {
    let kind = documents::domain_kind(ask.kind());
    let kind = kind.ok_or_else(|| refusal::invalid(vec![required("kind")]))?;
    let title = text::remark("title", &ask.title)?;
    let (tenant, parent) = names::parse_file(caller, &ask.parent)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let relatives = context.relatives(caller, tenant).await;
    let act: OpenAct<'_> = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let file = file(tx, caller, parent, &ask.parent).await?;
    takes(&file, caller, &relatives?, kind)?;
    has_room(tx, tenant, parent, ask.size_bytes).await?;
    // Two that begin at once count one another.
    let account = &caller.account;
    tx.lock(&format!("uploads/{tenant}/{account}")).await?;
    if store::uploads::open_of(tx, account).await? >= OPEN_AT_ONCE {
        return Err(NotTaken::TooMany.into());
    }
    let upload = Upload {
        id: clock::fresh_id(),
        tenant,
        parent,
        kind,
        size: ask.size_bytes,
        sha256: ask.sha256.to_lowercase(),
        committed: 0,
        by: hand(caller),
        begun_at: context.clock.now(),
        document: None,
    };
    let sealed = context.seal_upload(&upload, &title)?;
    store::uploads::insert(tx, &upload, sealed, real_millis()).await?;
    let announced = json!({
        "parent": ask.parent,
        "kind": kind,
        "size_bytes": upload.size,
        "sha256": upload.sha256,
    });
    act.record(Entry::new("upload.start", upload.name()).after(&announced))
        .await?;
    act.finish(documents::upload(&upload)).await
}
