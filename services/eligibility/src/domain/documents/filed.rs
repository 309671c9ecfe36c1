//! Documents as they are kept with their case or notice.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;
use yuhui_kernel::Tenant;

use super::{kind::DocumentKind, media::Media, upload::Parent};
use crate::domain::Hand;

/// A document. It is never removed: another may stand in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    /// Id inside the tenant.
    pub id: Uuid,
    /// County.
    pub tenant: Tenant,
    /// What it belongs to.
    pub parent: Parent,
    /// What it proves.
    pub kind: DocumentKind,
    /// Bytes of its content.
    pub size: i64,
    /// SHA-256 of its content, hex.
    pub sha256: String,
    /// What its content is.
    pub media: Media,
    /// The upload whose pieces are its content.
    pub content: Uuid,
    /// Who brought it.
    pub by: Hand,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub filed_at: OffsetDateTime,
    /// The document in whose place it was put.
    pub replaces: Option<Uuid>,
    /// The document that was put in its place.
    pub replaced_by: Option<Uuid>,
    /// Why it was put in the place of the other.
    pub reason: String,
    /// 原件已核: who compared the original, and when.
    pub original_seen: Option<Seen>,
}

/// Who compared an original, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Who.
    pub by: Hand,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

impl Filed {
    /// Resource name.
    pub fn name(&self) -> String {
        self.named(self.id)
    }

    /// Resource name of another document of the same case or notice.
    pub fn named(&self, id: Uuid) -> String {
        format!("{}/documents/{id}", self.parent.name(self.tenant))
    }
}
