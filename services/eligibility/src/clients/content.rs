//! Contents of documents: sealed piece by piece, each piece an object of its own. What an object is called tells
//! nothing to who has no key: it is a keyed hash of county, upload, place and content.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Result,
    vault::{ContentKey, Piece as Place},
};

use crate::{
    context::Context,
    domain::documents::upload::Upload,
    store::uploads::{PRIVATE, Piece, Stored},
};

/// What is sealed with an upload.
#[derive(Serialize, Deserialize)]
struct Private {
    key: String,
    title: String,
}

/// The content of an upload, and what it is called.
pub(crate) struct Content {
    tenant: Tenant,
    id: Uuid,
    key: ContentKey,
    pub(crate) title: String,
}

impl Context {
    /// Seals what belongs to a new upload: a key of its own, and its title.
    pub(crate) fn seal_upload(&self, upload: &Upload, title: &str) -> Result<Vec<u8>> {
        let private = Private {
            key: ContentKey::generate()?.text().to_owned(),
            title: title.to_owned(),
        };
        let text = serde_json::to_string(&private)?;
        Ok(self
            .vault
            .seal(&PRIVATE.at(upload.tenant, upload.id), &text)?)
    }

    /// The content of an upload.
    pub(crate) fn content(&self, stored: &Stored) -> Result<Content> {
        let (tenant, id) = (stored.upload.tenant, stored.upload.id);
        let text = self.vault.unseal(&PRIVATE.at(tenant, id), &stored.sealed)?;
        let private: Private = serde_json::from_str(&text)?;
        Ok(Content {
            tenant,
            id,
            key: ContentKey::parse(&private.key)?,
            title: private.title,
        })
    }

    /// Keeps a piece; it counts once its row is written.
    pub(crate) async fn keep(&self, content: &Content, start: i64, data: &[u8]) -> Result<Piece> {
        let object = self.object(content, start, data);
        let id = content.id.to_string();
        let sealed = content.key.seal(content.place(&id, start), data)?;
        self.objects.put(&content.path(&object), sealed).await?;
        Ok(Piece {
            start,
            length: i64::try_from(data.len()).unwrap_or(i64::MAX),
            object,
        })
    }

    /// A piece as it was kept; none if it is gone, or is not what was kept.
    pub(crate) async fn fetch(&self, content: &Content, piece: &Piece) -> Result<Option<Vec<u8>>> {
        let path = content.path(&piece.object);
        let Some(sealed) = self.objects.get(&path).await? else {
            tracing::error!(path, "a piece of a document is gone");
            return Ok(None);
        };
        let id = content.id.to_string();
        let opened = content.key.open(content.place(&id, piece.start), &sealed);
        let is_whole = |it: &Vec<u8>| self.object(content, piece.start, it) == piece.object;
        let opened = opened.ok().filter(is_whole);
        if opened.is_none() {
            tracing::error!(path, "a piece of a document is not what was kept");
        }
        Ok(opened)
    }

    /// Removes every piece of an upload.
    pub(crate) async fn remove(&self, tenant: Tenant, upload: Uuid) -> Result<u64> {
        self.objects.remove_below(&folder(tenant, upload)).await
    }

    /// Name of the object that holds such a piece.
    pub(crate) fn object(&self, content: &Content, start: i64, data: &[u8]) -> String {
        let digest = hex::encode(Sha256::digest(data));
        let domain = format!("piece of a document of {}", content.tenant);
        self.vault
            .blind(&domain, &format!("{} {start} {digest}", content.id))
    }
}

impl Content {
    fn place<'a>(&self, id: &'a str, start: i64) -> Place<'a> {
        Place {
            tenant: self.tenant.into(),
            content: id,
            start,
        }
    }

    fn path(&self, object: &str) -> String {
        format!("{}/{object}", folder(self.tenant, self.id))
    }
}

fn folder(tenant: Tenant, upload: Uuid) -> String {
    format!("{}/{upload}", tenant.as_str())
}
