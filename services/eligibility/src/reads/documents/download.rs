//! The content of a document, piece by piece.

use std::time::Duration;

use futures::{Stream, stream};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use tonic::Status;
use yuhui_platform::{
    Result, audit,
    caller::Caller,
    context as call,
    refusal::{self, Violation},
};
use yuhui_proto::documents::v1 as pb;

use super::{document, note};
use crate::{
    clients::content::Content,
    context::Context,
    convert::documents::crc32c,
    names,
    refusal::documents::NotTaken,
    store::uploads::{self, Piece},
};

/// How long a content is sent at most, and how long that is over before the call must be.
const LONGEST: Duration = Duration::from_secs(30);
const BEFORE_THE_END: Duration = Duration::from_millis(500);

/// What is left to send.
struct Rest {
    context: Context,
    name: String,
    content: Content,
    pieces: std::vec::IntoIter<Piece>,
    offset: i64,
    size: i64,
    /// Of what was sent, if that began at the beginning; and what it must come to.
    digest: Option<Sha256>,
    sha256: String,
    until: Instant,
}

/// The content from `offset` on. Who reads it is on record before the first byte leaves.
pub(crate) async fn run(
    context: &Context,
    caller: &Caller,
    ask: pb::DownloadDocumentRequest,
) -> Result<impl Stream<Item = Result<pb::DownloadDocumentResponse, Status>> + Send + 'static> {
    let (tenant, parent, id) = names::parse_document(caller, &ask.name)?;
    let tx = context.db.read(tenant).await?;
    let filed = document(&tx, caller, (parent, id), &ask.name).await?.filed;
    if ask.offset > filed.size {
        let what = Violation::new("offset", "超出内容长度", "is behind the end of the content");
        return Err(refusal::invalid(vec![what]).into());
    }
    let lost = || NotTaken::Lost {
        document: ask.name.clone(),
    };
    let stored = uploads::get(&tx, filed.content).await?.ok_or_else(lost)?;
    let mut pieces = uploads::pieces(&tx, filed.content).await?;
    pieces.retain(|it| it.start + it.length > ask.offset);
    drop(tx);
    let tx = context.db.begin(tenant).await?;
    let entry = audit::Entry::new("document.read", &ask.name)
        .note(format!("offset {}", ask.offset))
        .aside();
    audit::record(&tx, caller, context.clock.now(), entry).await?;
    tx.commit().await?;
    note(context, caller, tenant, parent).await?;
    let left = call::time_left().unwrap_or(LONGEST).min(LONGEST);
    let rest = Rest {
        content: context.content(&stored)?,
        context: context.clone(),
        name: ask.name,
        pieces: pieces.into_iter(),
        offset: ask.offset,
        size: filed.size,
        digest: (ask.offset == 0).then(Sha256::new),
        sha256: filed.sha256,
        until: Instant::now() + left.saturating_sub(BEFORE_THE_END),
    };
    Ok(stream::try_unfold(rest, |rest| async move {
        rest.next().await.map_err(Status::from)
    }))
}

impl Rest {
    /// The next piece. What was sent whole and is not what was kept ends in an error, not in silence.
    async fn next(mut self) -> Result<Option<(pb::DownloadDocumentResponse, Self)>> {
        let lost = NotTaken::Lost {
            document: self.name.clone(),
        };
        if self.offset == self.size {
            let is_other = |it: Sha256| hex::encode(it.finalize()) != self.sha256;
            return match self.digest.is_some_and(is_other) {
                true => Err(lost.into()),
                false => Ok(None),
            };
        }
        if Instant::now() >= self.until {
            return Ok(None);
        }
        let piece = self.pieces.next().ok_or_else(|| lost.clone())?;
        let data = self.context.fetch(&self.content, &piece).await?;
        let mut data = data.ok_or_else(|| lost.clone())?;
        // The first one may be asked for from its middle on.
        let before = usize::try_from(self.offset - piece.start).map_err(|_| lost.clone())?;
        if before > data.len() || piece.start + piece.length > self.size {
            return Err(lost.into());
        }
        data.drain(..before);
        if let Some(digest) = &mut self.digest {
            digest.update(&data);
        }
        let sent = pb::DownloadDocumentResponse {
            offset: self.offset,
            crc32c: crc32c(&data),
            data,
            size_bytes: self.size,
        };
        self.offset = piece.start + piece.length;
        Ok(Some((sent, self)))
    }
}
