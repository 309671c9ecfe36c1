//! The end of an upload: what came is what was announced, and is of a kind that is kept.

use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Error, Result,
    act::{self, Begun, OpenAct},
    audit::Entry,
    caller::Caller,
    clock,
    db::Tx,
    idempotency::Key,
    refusal::unavailable,
    unless_answered,
};
use yuhui_proto::documents::v1 as pb;

use super::{has_room, takes, touch};
use crate::{
    context::Context,
    domain::documents::{filed::Filed, media::Media, upload::Upload},
    names,
    reads::documents::{locked, own},
    refusal::documents::NotTaken,
    separation::hand,
    store::{
        self,
        documents::{Stored, TITLE},
        uploads::{self, Stage},
    },
};

/// Contents that are looked at in memory at a time: each may have 20 MiB.
static LOOKED_AT: Semaphore = Semaphore::const_new(2);

/// An upload that is whole, and what its content is.
pub(super) struct Whole {
    pub(super) upload: Upload,
    pub(super) title: String,
    media: Media,
}

/// A document of an upload. The same content under the same kind is the document that is there.
pub(crate) async fn finish(
    context: &Context,
    caller: &Caller,
    ask: pb::FinishUploadRequest,
) -> Result<pb::Document> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "uploads")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let whole = unless_answered!(whole(context, caller, &key, (tenant, id), &ask.name));
    let relatives = context.relatives(caller, tenant).await;
    let act: OpenAct<'_> = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let upload = &whole.upload;
    let parent = upload.parent;
    let file = locked(tx, caller, parent, &parent.name(tenant)).await?;
    takes(&file, caller, &relatives?, upload.kind)?;
    let there = store::documents::same(tx, parent, &upload.sha256).await?;
    let stands = |it: &&Stored| it.filed.kind == upload.kind && it.filed.replaced_by.is_none();
    if let Some(there) = there.iter().find(stands) {
        let document = context.show_document(there)?;
        end(tx, upload, there.filed.id, Stage::Dropped).await?;
        act.record(Entry::new("document.file_again", &document.name))
            .await?;
        return act.finish(document).await;
    }
    has_room(tx, tenant, parent, upload.size).await?;
    let stored = file_new(context, &act, &whole, &there, None).await?;
    let document = context.show_document(&stored)?;
    touch(context, &act, file, ("case.file_document", &document.name)).await?;
    act.finish(document).await
}

/// The upload, once everything about it is as it was announced; not for a repetition.
pub(super) async fn whole(
    context: &Context,
    caller: &Caller,
    key: &Key,
    (tenant, id): (Tenant, Uuid),
    name: &str,
) -> Result<Begun<pb::Document, Whole>> {
    let tx = match act::look(&context.db, tenant, key).await? {
        Begun::Answered(answer) => return Ok(Begun::Answered(answer)),
        Begun::Open(tx) => tx,
    };
    let stored = own(caller, uploads::get(&tx, id).await?, name)?;
    let pieces = uploads::pieces(&tx, id).await?;
    drop(tx);
    let upload = stored.upload.clone();
    if stored.stage != Stage::Open {
        return Err(NotTaken::Ended {
            upload: name.into(),
        }
        .into());
    }
    if !upload.is_whole() {
        return Err(NotTaken::NotWhole {
            upload: name.into(),
            committed: upload.committed,
            size: upload.size,
        }
        .into());
    }
    let opened = context.content(&stored)?;
    let place = LOOKED_AT.acquire().await;
    let place = place.map_err(|_| Error::from(unavailable("documents")))?;
    let mut content = Vec::with_capacity(usize::try_from(upload.size).unwrap_or_default());
    for piece in &pieces {
        let lost = || NotTaken::Lost {
            document: name.into(),
        };
        let data = context.fetch(&opened, piece).await?;
        content.extend(data.ok_or_else(lost)?);
    }
    let sha256 = hex::encode(Sha256::digest(&content));
    let media = match Media::of(&content) {
        _ if sha256 != upload.sha256 => {
            let upload = name.into();
            Err(NotTaken::OtherContent { upload, sha256 })
        }
        Ok(media) => Ok(media),
        Err(found) => Err(NotTaken::WrongType {
            upload: name.into(),
            found: found.as_str().into(),
        }),
    };
    drop((content, place));
    let media = match media {
        Ok(media) => media,
        // It will not become another content: nothing is looked at twice, and its place is free again.
        Err(refused) => {
            let tx = context.db.begin(tenant).await?;
            uploads::end(&tx, &upload, Stage::Dropped).await?;
            tx.commit().await?;
            return Err(refused.into());
        }
    };
    Ok(Begun::Open(Whole {
        upload,
        title: opened.title,
        media,
    }))
}

/// A new document of an upload that is whole; `same` are those of the file with the same content, which is kept
/// once.
pub(super) async fn file_new(
    context: &Context,
    act: &OpenAct<'_>,
    whole: &Whole,
    same: &[Stored],
    replacing: Option<(&Filed, &str)>,
) -> Result<Stored> {
    let (tx, upload) = (&act.tx, &whole.upload);
    let kept = same.first().map(|it| it.filed.content);
    let (replaces, reason) = replacing.unzip();
    let filed = Filed {
        id: clock::fresh_id(),
        tenant: upload.tenant,
        parent: upload.parent,
        kind: upload.kind,
        size: upload.size,
        sha256: upload.sha256.clone(),
        media: whole.media,
        content: kept.unwrap_or(upload.id),
        by: hand(act.caller),
        filed_at: context.clock.now(),
        replaces: replaces.map(|it| it.id),
        replaced_by: None,
        reason: reason.unwrap_or_default().to_owned(),
        original_seen: None,
    };
    let place = TITLE.at(filed.tenant, filed.id);
    let title = context.vault.seal(&place, &whole.title)?;
    store::documents::insert(tx, &filed, title.clone()).await?;
    let stage = match kept {
        Some(_) => Stage::Dropped,
        None => Stage::Finished,
    };
    end(tx, upload, filed.id, stage).await?;
    let taken = json!({
        "kind": filed.kind,
        "size_bytes": filed.size,
        "sha256": filed.sha256,
        "media_type": filed.media,
        "replaces": replaces.map(Filed::name),
    });
    let entry = Entry::new("document.file", filed.name()).after(&taken);
    act.record(entry.reason(&*filed.reason)).await?;
    Ok(Stored { filed, title })
}

async fn end(tx: &Tx, upload: &Upload, document: Uuid, stage: Stage) -> Result<()> {
    let ended = Upload {
        document: Some(document),
        ..upload.clone()
    };
    uploads::end(tx, &ended, stage).await
}
