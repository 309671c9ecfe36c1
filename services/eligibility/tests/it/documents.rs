//! Documents from the first piece to the last byte read: broken off and gone on with, refused for what they are not.

use crc::{CRC_32_ISCSI, Crc};
use sha2::{Digest as _, Sha256};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use yuhui_proto::{
    documents::v1::{self as pb, DocumentKind, MediaType, checklist_item::Standing},
    eligibility::v1::case::State,
};

use crate::{
    books::Family,
    harness::{Office, World, at_fault, on_every_world, refused},
};

/// Longest piece.
pub const PIECE: usize = 512 << 10;

/// A PDF of that many bytes, unlike any other with another seed.
pub fn pdf(length: usize, seed: u8) -> Vec<u8> {
    let mut content = b"%PDF-1.7\n".to_vec();
    content
        .extend((content.len()..length).map(|it| u8::try_from(it % 251).expect("a byte") ^ seed));
    content
}

pub fn sha256(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

pub fn crc32c(data: &[u8]) -> u32 {
    Crc::<u32>::new(&CRC_32_ISCSI).checksum(data)
}

/// Metadata of a refusal.
pub fn told<T: std::fmt::Debug>(answer: Result<T, Status>, key: &str) -> String {
    let status = answer.expect_err("a refusal");
    let info = status.get_details_error_info().expect("details");
    info.metadata.get(key).cloned().unwrap_or_default()
}

impl World {
    pub async fn start_upload(
        &self,
        office: &Office,
        parent: &str,
        kind: DocumentKind,
        content: &[u8],
    ) -> Result<pb::Upload, Status> {
        let ask = pb::StartUploadRequest {
            parent: parent.into(),
            kind: kind.into(),
            title: "结婚证扫描件".into(),
            size_bytes: i64::try_from(content.len()).expect("a size"),
            sha256: sha256(content),
            request_id: self.fresh(),
        };
        let answer = office.documents().start_upload(ask).await?;
        Ok(answer.into_inner().upload.expect("an upload"))
    }

    pub async fn send(
        &self,
        office: &Office,
        upload: &str,
        offset: usize,
        data: &[u8],
    ) -> Result<i64, Status> {
        let ask = pb::UploadChunkRequest {
            name: upload.into(),
            offset: i64::try_from(offset).expect("an offset"),
            data: data.to_vec(),
            crc32c: crc32c(data),
        };
        let answer = office.documents().upload_chunk(ask).await?;
        Ok(answer.into_inner().upload.expect("an upload").committed)
    }

    /// Everything but the end of an upload.
    pub async fn bring_whole(
        &self,
        office: &Office,
        parent: &str,
        kind: DocumentKind,
        content: &[u8],
    ) -> Result<String, Status> {
        let name = self.start_upload(office, parent, kind, content).await?.name;
        for (number, piece) in content.chunks(PIECE).enumerate() {
            self.send(office, &name, number * PIECE, piece).await?;
        }
        Ok(name)
    }

    pub async fn finish(&self, office: &Office, upload: &str) -> Result<pb::Document, Status> {
        let ask = pb::FinishUploadRequest {
            name: upload.into(),
            request_id: self.fresh(),
        };
        let answer = office.documents().finish_upload(ask).await?;
        Ok(answer.into_inner().document.expect("a document"))
    }

    pub async fn add(
        &self,
        office: &Office,
        parent: &str,
        kind: DocumentKind,
        content: &[u8],
    ) -> Result<pb::Document, Status> {
        let upload = self.bring_whole(office, parent, kind, content).await?;
        self.finish(office, &upload).await
    }

    pub async fn read_from(
        &self,
        office: &Office,
        name: &str,
        offset: i64,
    ) -> Result<Vec<u8>, Status> {
        let ask = pb::DownloadDocumentRequest {
            name: name.into(),
            offset,
        };
        let mut stream = office
            .documents()
            .download_document(ask)
            .await?
            .into_inner();
        let (mut read, mut next) = (Vec::new(), offset);
        while let Some(piece) = stream.message().await? {
            assert_eq!((piece.offset, piece.crc32c), (next, crc32c(&piece.data)));
            next += i64::try_from(piece.data.len()).expect("a length");
            assert!(next <= piece.size_bytes);
            read.extend(piece.data);
        }
        Ok(read)
    }

    pub async fn documents_of(
        &self,
        office: &Office,
        parent: &str,
        include_replaced: bool,
    ) -> Result<Vec<pb::Document>, Status> {
        let ask = pb::ListDocumentsRequest {
            parent: parent.into(),
            include_replaced,
            ..Default::default()
        };
        let answer = office.documents().list_documents(ask).await?;
        Ok(answer.into_inner().documents)
    }

    /// A draft of the family's own, and its claimant.
    pub async fn own_draft(&self, family: &Family) -> (Office, String) {
        let mother = self.applicant(&family.mother);
        let draft = self.draft(&mother, family.register(self).claim()).await;
        (mother, draft.expect("a draft").name)
    }
}

#[tokio::test]
async fn an_upload_that_broke_off_goes_on_where_it_was() {
    on_every_world(async |world| {
        let (mother, case) = world.own_draft(&Family::of(1)).await;
        let content = pdf(PIECE * 2 + 1000, 1);
        let kind = DocumentKind::MarriageCertificate;
        let upload = world.start_upload(&mother, &case, kind, &content).await;
        let upload = upload.expect("begun");
        assert_eq!((upload.committed, upload.parent), (0, case.clone()));
        let name = upload.name.as_str();
        let first = i64::try_from(PIECE).expect("a length");
        assert_eq!(
            world.send(&mother, name, 0, &content[..PIECE]).await.ok(),
            Some(first)
        );

        // Broken off: nobody knows what has come, and the server says it.
        let early = world
            .send(&mother, name, PIECE * 2, &content[PIECE * 2..])
            .await;
        assert_eq!(told(early.clone(), "committed"), first.to_string());
        assert_eq!(refused(early), (Code::OutOfRange, "OFFSET".into()));
        let ask = pb::GetUploadRequest { name: name.into() };
        let got = mother.documents().get_upload(ask).await.expect("there");
        assert_eq!(got.into_inner().upload.expect("it").committed, first);

        // The same piece again changes nothing; another in its place is refused.
        let again = world.send(&mother, name, 0, &content[..PIECE]).await;
        assert_eq!(again.ok(), Some(first));
        let other = world.send(&mother, name, 0, &content[1..PIECE]).await;
        assert_eq!(refused(other), (Code::OutOfRange, "OFFSET".into()));
        let whole = world.finish(&mother, name).await;
        assert_eq!(told(whole.clone(), "committed"), first.to_string());
        assert_eq!(refused(whole).1, "UPLOAD_NOT_WHOLE");

        for (number, piece) in content.chunks(PIECE).enumerate().skip(1) {
            let sent = world.send(&mother, name, number * PIECE, piece).await;
            sent.expect("sent");
        }
        let ask = pb::FinishUploadRequest {
            name: name.into(),
            request_id: world.fresh(),
        };
        let finish = async || mother.documents().finish_upload(ask.clone()).await;
        let document = finish().await.expect("finished").into_inner().document;
        assert_eq!(
            finish().await.expect("the same").into_inner().document,
            document
        );
        let document = document.expect("a document");
        assert_eq!(document.media_type(), MediaType::Pdf);
        assert_eq!((document.kind(), &*document.title), (kind, "结婚证扫描件"));
        assert_eq!(document.sha256, sha256(&content));
        assert!(document.name.starts_with(&format!("{case}/documents/")));
        let late = world.finish(&mother, name).await;
        assert_eq!(refused(late).1, "UPLOAD_ENDED");

        let read = world.read_from(&mother, &document.name, 0).await;
        assert_eq!(read.expect("read"), content);
        for offset in [1, PIECE - 1, PIECE, PIECE + 7, content.len()] {
            let from = i64::try_from(offset).expect("an offset");
            let read = world.read_from(&mother, &document.name, from).await;
            assert_eq!(read.expect("read"), content[offset..], "{offset}");
        }
        let behind = i64::try_from(content.len() + 1).expect("an offset");
        let behind = world.read_from(&mother, &document.name, behind).await;
        assert_eq!(at_fault(behind), ["offset"]);
        let entries = world.audited().await;
        let of = |action: &str| entries.iter().filter(|it| it.action == action).count();
        assert_eq!((of("document.file"), of("document.read")), (1, 6));
        let filed = entries.iter().find(|it| it.action == "document.file");
        let after = filed
            .and_then(|it| it.after.clone())
            .expect("what was filed");
        assert!(after.contains(&document.sha256), "{after}");
    })
    .await;
}

#[tokio::test]
async fn what_came_is_not_what_was_said() {
    on_every_world(async |world| {
        let (mother, case) = world.own_draft(&Family::of(1)).await;
        let (kind, content) = (DocumentKind::HukouBook, pdf(1000, 2));
        let upload = world.start_upload(&mother, &case, kind, &content).await;
        let name = upload.expect("begun").name;
        let garbled = pb::UploadChunkRequest {
            name: name.clone(),
            offset: 0,
            data: content.clone(),
            crc32c: crc32c(&content) ^ 1,
        };
        let garbled = mother.documents().upload_chunk(garbled).await.map(drop);
        assert_eq!(told(garbled.clone(), "came"), crc32c(&content).to_string());
        assert_eq!(at_fault(garbled.clone()), ["crc32c"]);
        assert_eq!(refused(garbled).1, "CRC32C");
        let short = world.send(&mother, &name, 0, &content[..10]).await;
        assert_eq!(at_fault(short.clone()), ["data"]);
        assert_eq!(refused(short).1, "PIECE_LENGTH");
        let long = world.send(&mother, &name, 0, &pdf(1001, 2)).await;
        assert_eq!(refused(long), (Code::OutOfRange, "BEYOND_THE_END".into()));
        let huge = world.send(&mother, &name, 0, &pdf(PIECE + 1, 2)).await;
        assert_eq!(at_fault(huge), ["data"]);

        // As long as was announced, and another content.
        world
            .send(&mother, &name, 0, &pdf(1000, 3))
            .await
            .expect("sent");
        let other = world.finish(&mother, &name).await;
        assert_eq!(told(other.clone(), "sha256"), sha256(&pdf(1000, 3)));
        assert_eq!(refused(other), (Code::FailedPrecondition, "SHA256".into()));

        let start = |size_bytes| pb::StartUploadRequest {
            parent: case.clone(),
            kind: kind.into(),
            size_bytes,
            sha256: sha256(b""),
            request_id: world.fresh(),
            ..Default::default()
        };
        for size in [0, (20 << 20) + 1] {
            let started = mother.documents().start_upload(start(size)).await;
            assert_eq!(at_fault(started), ["size_bytes"]);
        }
        let nothing = pb::StartUploadRequest {
            kind: 0,
            ..start(1)
        };
        let nothing = mother.documents().start_upload(nothing).await;
        assert_eq!(at_fault(nothing), ["kind"]);
        let notice = DocumentKind::NoticePosting;
        let notice = world.start_upload(&mother, &case, notice, &content).await;
        assert_eq!(at_fault(notice.clone()), ["kind"]);
        assert_eq!(refused(notice).1, "DOCUMENT_KIND");
        let office = DocumentKind::Delivery;
        let office = world.start_upload(&mother, &case, office, &content).await;
        assert_eq!(at_fault(office), ["kind"]);
    })
    .await;
}

#[tokio::test]
async fn a_content_is_taken_for_what_it_is() {
    on_every_world(async |world| {
        let (mother, case) = world.own_draft(&Family::of(1)).await;
        let kind = DocumentKind::IdentityCard;
        for (content, found) in [
            (
                &b"MZ\x90\0\x03\0\0\0\x04 This is called certificate.pdf"[..],
                "application/vnd.microsoft.portable-executable",
            ),
            (&zipped("photographs/one.jpg"), "application/zip"),
            (b"a text", "unknown"),
        ] {
            let refused_ = world.add(&mother, &case, kind, content).await;
            assert_eq!(told(refused_.clone(), "found"), found);
            assert_eq!(refused(refused_).1, "MEDIA_TYPE");
        }
        let ofd = world.add(&mother, &case, kind, &zipped("OFD.xml")).await;
        assert_eq!(ofd.expect("an OFD").media_type(), MediaType::Ofd);
    })
    .await;
}

fn zipped(name: &str) -> Vec<u8> {
    use std::io::Write as _;
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(name, stored).expect("an entry");
    archive.write_all(b"<xml/>").expect("written");
    archive.finish().expect("an archive").into_inner()
}

#[tokio::test]
async fn one_content_is_one_document_of_its_kind() {
    on_every_world(async |world| {
        let (mother, case) = world.own_draft(&Family::of(1)).await;
        let (hukou, content) = (DocumentKind::HukouBook, pdf(PIECE + 5, 4));
        let first = world.add(&mother, &case, hukou, &content).await;
        let first = first.expect("a document");
        let again = world.add(&mother, &case, hukou, &content).await;
        assert_eq!(again.expect("the same"), first);
        let card = DocumentKind::IdentityCard;
        let other = world.add(&mother, &case, card, &content).await;
        let other = other.expect("another kind");
        assert_ne!(other.name, first.name);
        // Of the two pieces there is one copy, once what nobody needs is removed.
        assert_eq!(world.sweep().await, 2);
        assert_eq!(world.kept_files().len(), 2);
        for document in [&first, &other] {
            let read = world.read_from(&mother, &document.name, 0).await;
            assert_eq!(read.expect("read"), content);
        }
        // Another claim has its own copy.
        let (father, elsewhere) = world.own_draft(&Family::of(2)).await;
        let there = world.add(&father, &elsewhere, hukou, &content).await;
        there.expect("a document");
        assert_eq!(world.kept_files().len(), 4);
    })
    .await;
}

#[tokio::test]
async fn what_was_replaced_stays_and_the_checklist_shows_what_stands() {
    on_every_world(async |world| {
        let (mother, case) = world.own_draft(&Family::of(1)).await;
        let kind = DocumentKind::HukouBook;
        let old = world.add(&mother, &case, kind, &pdf(100, 5)).await;
        let old = old.expect("a document");
        let replace = async |upload: String, reason: &str| {
            let ask = pb::ReplaceDocumentRequest {
                name: old.name.clone(),
                upload,
                reason: reason.into(),
                request_id: world.fresh(),
            };
            let answer = mother.documents().replace_document(ask).await?;
            Ok::<_, Status>(answer.into_inner().document.expect("a document"))
        };
        let same = world.bring_whole(&mother, &case, kind, &pdf(100, 5)).await;
        let same = replace(same.expect("there"), "更清楚").await;
        assert_eq!(refused(same).1, "DOCUMENT_UNCHANGED");
        let card = DocumentKind::IdentityCard;
        let other = world.bring_whole(&mother, &case, card, &pdf(100, 6)).await;
        let other = replace(other.expect("there"), "更清楚").await;
        assert_eq!(refused(other).1, "UPLOAD_OF_ANOTHER");
        let new = world.bring_whole(&mother, &case, kind, &pdf(200, 7)).await;
        let new = new.expect("there");
        assert_eq!(at_fault(replace(new.clone(), "").await), ["reason"]);
        let new = replace(new, "原件模糊").await.expect("replaced");
        assert_eq!((&*new.replaces, &*new.reason), (&*old.name, "原件模糊"));
        let third = world.bring_whole(&mother, &case, kind, &pdf(300, 8)).await;
        let third = replace(third.expect("there"), "再换").await;
        assert_eq!(told(third.clone(), "by"), new.name);
        assert_eq!(refused(third).1, "DOCUMENT_REPLACED");

        let stands = world.documents_of(&mother, &case, false).await;
        assert_eq!(stands.expect("listed"), std::slice::from_ref(&new));
        let all = world.documents_of(&mother, &case, true).await.expect("all");
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].replaced_by, new.name);
        let read = world.read_from(&mother, &old.name, 0).await;
        assert_eq!(read.expect("kept"), pdf(100, 5));

        let listed = world.checklist(&mother, &case).await;
        assert_eq!(listed[&DocumentKind::HukouBook], Standing::Uploaded);
        assert_eq!(listed[&DocumentKind::BankCard], Standing::Missing);
        let ask = yuhui_proto::eligibility::v1::LodgeCaseRequest {
            name: case.clone(),
            request_id: world.fresh(),
            ..Default::default()
        };
        mother.cases().lodge_case(ask).await.expect("lodged");
        // The registers have answered now, and the claim declares one paper.
        let listed = world.checklist(&mother, &case).await;
        assert_eq!(listed[&DocumentKind::HukouBook], Standing::Uploaded);
        assert_eq!(
            listed[&DocumentKind::MarriageCertificate],
            Standing::Declared
        );
        assert_eq!(listed[&DocumentKind::BirthCertificate], Standing::Register);
        assert_eq!(listed[&DocumentKind::BankCard], Standing::Missing);
        assert_eq!(world.look(&case).await.state(), State::Lodged);
    })
    .await;
}
