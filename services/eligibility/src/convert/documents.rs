//! Documents and uploads as callers see them.

use crc::{CRC_32_ISCSI, Crc};
use yuhui_platform::caller::actor;
use yuhui_proto::documents::v1::{self as pb, checklist_item};

use super::timestamp;
use crate::domain::documents::{
    checklist::{Item, Standing},
    filed::Filed,
    kind::DocumentKind,
    media::Media,
    upload::Upload,
};

/// CRC-32C of Castagnoli.
const CASTAGNOLI: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
/// What every value of the contract's enum begins with.
const PREFIX: &str = "DOCUMENT_KIND_";

/// CRC-32C of a piece.
pub(crate) fn crc32c(data: &[u8]) -> u32 {
    CASTAGNOLI.checksum(data)
}

/// The kind in the contract.
pub(crate) fn kind(name: &str) -> pb::DocumentKind {
    pb::DocumentKind::from_str_name(&format!("{PREFIX}{name}")).unwrap_or_default()
}

/// The kind of the contract; none if it is not stated.
pub(crate) fn domain_kind(kind: pb::DocumentKind) -> Option<DocumentKind> {
    DocumentKind::parse(kind.as_str_name().strip_prefix(PREFIX)?)
}

fn media(media: Media) -> pb::MediaType {
    match media {
        Media::Pdf => pb::MediaType::Pdf,
        Media::Jpeg => pb::MediaType::Jpeg,
        Media::Png => pb::MediaType::Png,
        Media::Heic => pb::MediaType::Heic,
        Media::Ofd => pb::MediaType::Ofd,
    }
}

/// An upload, and the name of the document it became.
pub(crate) fn upload(upload: &Upload) -> pb::Upload {
    let parent = upload.parent.name(upload.tenant);
    let document = upload.document.map(|it| format!("{parent}/documents/{it}"));
    pb::Upload {
        name: upload.name(),
        parent,
        kind: kind(upload.kind.as_str()).into(),
        size_bytes: upload.size,
        committed: upload.committed,
        create_time: Some(timestamp(upload.begun_at)),
        document: document.unwrap_or_default(),
    }
}

/// A document with its title.
pub(crate) fn document(filed: &Filed, title: String) -> pb::Document {
    let named = |id: Option<_>| id.map_or_else(String::new, |it| filed.named(it));
    let seen = filed.original_seen.as_ref();
    pb::Document {
        name: filed.name(),
        kind: kind(filed.kind.as_str()).into(),
        title,
        size_bytes: filed.size,
        sha256: filed.sha256.clone(),
        media_type: media(filed.media).into(),
        create_time: Some(timestamp(filed.filed_at)),
        brought_by: actor(&filed.by.account),
        brought_by_unit: filed.by.unit.map(|it| it.to_string()).unwrap_or_default(),
        replaces: named(filed.replaces),
        replaced_by: named(filed.replaced_by),
        reason: filed.reason.clone(),
        original_seen_time: seen.map(|it| timestamp(it.at)),
        original_seen_by: seen.map_or_else(String::new, |it| actor(&it.by.account)),
    }
}

/// A document that a claim needs, and how it is there.
pub(crate) fn item(item: &Item<'_>) -> pb::ChecklistItem {
    let needed = item.needed;
    let standing = match item.standing {
        Standing::Uploaded => checklist_item::Standing::Uploaded,
        Standing::Declared => checklist_item::Standing::Declared,
        Standing::Register => checklist_item::Standing::Register,
        Standing::Missing => checklist_item::Standing::Missing,
    };
    pb::ChecklistItem {
        kind: kind(needed.kind).into(),
        name_zh: needed.zh.into(),
        name_en: needed.en.into(),
        standing: standing.into(),
        documents: item.uploaded.iter().map(|it| it.name()).collect(),
        needs_original: needed.manner.original(),
        original_seen: item.original_seen,
        clause: needed.clause.map_or("", |it| it.as_str()).into(),
        remark_zh: needed.remark.into(),
        copies: needed.copies,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_castagnolis() {
        // The check value of CRC-32/ISCSI.
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn every_kind_of_the_contract_is_a_kind_of_the_law_and_the_other_way_round() {
        assert_eq!(domain_kind(pb::DocumentKind::Unspecified), None);
        for number in 1.. {
            let Ok(stated) = pb::DocumentKind::try_from(number) else {
                assert_eq!(number, 28);
                break;
            };
            let known = domain_kind(stated).map(|it| kind(it.as_str()));
            assert_eq!(known, Some(stated));
        }
    }
}
