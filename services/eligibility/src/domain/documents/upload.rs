//! Documents on their way: pieces in order, each from where the last one ended.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;
use yuhui_kernel::Tenant;

use super::kind::DocumentKind;
use crate::domain::{Hand, case, notice};

/// Longest piece, in bytes.
pub const LONGEST_PIECE: usize = 512 << 10;
/// Shortest piece but the last: what one document may cost in pieces has a limit.
pub const SHORTEST_PIECE: usize = 64 << 10;
/// Uploads of one account that are not finished, at most.
pub const OPEN_AT_ONCE: u64 = 16;

/// Documents of one case or notice, at most, what was replaced included.
pub const MOST_DOCUMENTS: usize = 200;
/// Bytes of one case or notice, at most.
pub const MOST_BYTES: i64 = 512 << 20;

/// To what documents belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Parent {
    /// A case.
    Case(Uuid),
    /// A notice.
    Notice(Uuid),
}

/// A document on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Id inside the tenant.
    pub id: Uuid,
    /// County.
    pub tenant: Tenant,
    /// What it is for.
    pub parent: Parent,
    /// What it proves.
    pub kind: DocumentKind,
    /// Bytes that were announced.
    pub size: i64,
    /// SHA-256 that was announced, hex.
    pub sha256: String,
    /// Bytes that are there.
    pub committed: i64,
    /// Who brings it.
    pub by: Hand,
    /// When it was begun.
    #[serde(with = "time::serde::rfc3339")]
    pub begun_at: OffsetDateTime,
    /// The document it became.
    pub document: Option<Uuid>,
}

/// Why a piece does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFit {
    /// The next piece begins elsewhere.
    Elsewhere,
    /// It is empty, too long, or too short and not the last.
    Length,
    /// More would come than was announced.
    BeyondTheEnd,
}

impl Parent {
    /// As it is stored: `cases/{id}` or `notices/{id}`.
    pub fn key(self) -> String {
        match self {
            Self::Case(id) => format!("cases/{id}"),
            Self::Notice(id) => format!("notices/{id}"),
        }
    }

    /// Resource name.
    pub fn name(self, tenant: Tenant) -> String {
        match self {
            Self::Case(id) => case::name(tenant, id),
            Self::Notice(id) => notice::name(tenant, id),
        }
    }
}

impl Upload {
    /// Resource name.
    pub fn name(&self) -> String {
        format!("counties/{}/uploads/{}", self.tenant.as_str(), self.id)
    }

    /// Whether everything that was announced is there.
    pub fn is_whole(&self) -> bool {
        self.committed == self.size
    }

    /// What is there once a piece of that length at `offset` is; or why it does not fit.
    pub fn with(&self, offset: i64, length: usize) -> Result<i64, NoFit> {
        if offset != self.committed || self.is_whole() {
            return Err(NoFit::Elsewhere);
        }
        let end = i64::try_from(length)
            .ok()
            .and_then(|it| offset.checked_add(it));
        match end.filter(|_| (1..=LONGEST_PIECE).contains(&length)) {
            None => Err(NoFit::Length),
            Some(end) if end > self.size => Err(NoFit::BeyondTheEnd),
            Some(end) if end < self.size && length < SHORTEST_PIECE => Err(NoFit::Length),
            Some(end) => Ok(end),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn upload(size: i64, committed: i64) -> Upload {
        Upload {
            id: Uuid::nil(),
            tenant: Tenant::parse("150203").expect("a county"),
            parent: Parent::Case(Uuid::nil()),
            kind: DocumentKind::parse("HUKOU_BOOK").expect("a kind"),
            size,
            sha256: String::new(),
            committed,
            by: Hand {
                account: "a".into(),
                person: None,
                unit: None,
            },
            begun_at: datetime!(2025-03-10 09:00 +8),
            document: None,
        }
    }

    #[test]
    fn pieces_follow_one_another_and_end_where_was_announced() {
        let (piece, size) = (LONGEST_PIECE, 700 << 10);
        assert_eq!(upload(size, 0).with(0, piece), Ok(512 << 10));
        let rest = (700 - 512) << 10;
        assert_eq!(upload(size, 512 << 10).with(512 << 10, rest), Ok(size));
        assert_eq!(upload(5, 0).with(0, 5), Ok(5));
        for (upload, offset, length, refused) in [
            (upload(size, 0), 512 << 10, piece, NoFit::Elsewhere),
            (upload(size, 512 << 10), 0, piece, NoFit::Elsewhere),
            (upload(5, 5), 5, 1, NoFit::Elsewhere),
            (upload(size, 0), 0, 0, NoFit::Length),
            (upload(size, 0), 0, piece + 1, NoFit::Length),
            (upload(size, 0), 0, SHORTEST_PIECE - 1, NoFit::Length),
            (upload(5, 0), 0, 6, NoFit::BeyondTheEnd),
        ] {
            assert_eq!(upload.with(offset, length), Err(refused));
        }
    }
}
