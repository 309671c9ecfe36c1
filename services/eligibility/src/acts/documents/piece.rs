//! A piece of an upload. Whether the document comes about is decided when it is finished; of the pieces nothing is
//! on record.

use yuhui_platform::{Result, caller::Caller};
use yuhui_proto::documents::v1 as pb;

use crate::{
    clients::content::Content,
    context::Context,
    convert::documents::{self, crc32c},
    domain::documents::upload::{NoFit, Upload},
    names,
    reads::documents::own,
    refusal::documents::NotTaken,
    store::uploads::{self, Stage},
};

/// The next piece; one that is there already, in its place, changes nothing.
pub(crate) async fn add(
    context: &Context,
    caller: &Caller,
    ask: pb::UploadChunkRequest,
) -> Result<pb::Upload> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "uploads")?;
    let tx = context.db.read(tenant).await?;
    let stored = own(caller, uploads::get(&tx, id).await?, &ask.name)?;
    let there = uploads::piece_at(&tx, id, ask.offset).await?;
    drop(tx);
    let (stated, came) = (ask.crc32c, crc32c(&ask.data));
    if came != stated {
        return Err(NotTaken::Garbled { stated, came }.into());
    }
    let content = context.content(&stored)?;
    let is_there = |it: uploads::Piece| it.object == context.object(&content, it.start, &ask.data);
    if there.is_some_and(is_there) {
        return Ok(documents::upload(&stored.upload));
    }
    if stored.stage != Stage::Open {
        return Err(NotTaken::Ended { upload: ask.name }.into());
    }
    let upload = advanced(context, stored.upload, &content, &ask).await?;
    Ok(documents::upload(&upload))
}

/// The upload with the piece. What is kept before its row is written counts for nothing until then.
async fn advanced(
    context: &Context,
    mut upload: Upload,
    content: &Content,
    ask: &pb::UploadChunkRequest,
) -> Result<Upload> {
    let before = upload.committed;
    upload.committed = upload
        .with(ask.offset, ask.data.len())
        .map_err(|fault| refused(fault, &upload))?;
    let piece = context.keep(content, ask.offset, &ask.data).await?;
    let tx = context.db.begin(upload.tenant).await?;
    uploads::advance(&tx, before, &upload, &piece).await?;
    tx.commit().await?;
    Ok(upload)
}

fn refused(fault: NoFit, upload: &Upload) -> NotTaken {
    let (committed, size) = (upload.committed, upload.size);
    let upload = upload.name();
    match fault {
        NoFit::Elsewhere => NotTaken::Elsewhere { upload, committed },
        NoFit::Length => NotTaken::Length { upload },
        NoFit::BeyondTheEnd => NotTaken::BeyondTheEnd { upload, size },
    }
}
