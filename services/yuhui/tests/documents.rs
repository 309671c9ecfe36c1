//! The largest document there may be, through the gateway and back.

use crc::{CRC_32_ISCSI, Crc};
use sha2::{Digest as _, Sha256};
use time::macros::date;
use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    documents::v1::{
        DocumentKind, DownloadDocumentRequest, FinishUploadRequest, ListDocumentsRequest,
        StartUploadRequest, UploadChunkRequest, document_service_client::DocumentServiceClient,
    },
};

use town::{Town, at, call, key, refused};

#[expect(dead_code, reason = "one file needs little of the town")]
mod town;

/// Longest piece, and the largest document.
const PIECE: usize = 512 << 10;
const LARGEST: usize = 20 << 20;

impl Town {
    async fn download(&self, login: String, name: &str, offset: i64) -> Result<Vec<u8>, Status> {
        let ask = DownloadDocumentRequest {
            name: name.into(),
            offset,
        };
        let mut pieces = call!(self, login, DocumentServiceClient.download_document, ask)?;
        let mut read = Vec::new();
        while let Some(piece) = pieces.message().await? {
            read.extend(piece.data);
        }
        Ok(read)
    }
}

#[tokio::test]
async fn twenty_mebibytes_come_in_by_the_gateway_and_go_out() {
    let town = Town::start(date!(2025 - 03 - 10)).await;
    let case = town.lodge(&town.family(1).await).await;
    let clerk = || at(Role::VillageClerk);
    let mut content = b"%PDF-1.7\n".to_vec();
    content.resize(LARGEST, 7);
    let ask = StartUploadRequest {
        parent: case.clone(),
        kind: DocumentKind::PremisesTitle.into(),
        title: "产权证".into(),
        size_bytes: i64::try_from(LARGEST).expect("a size"),
        sha256: hex::encode(Sha256::digest(&content)),
        request_id: key(),
    };
    let begun = call!(town, clerk(), DocumentServiceClient.start_upload, ask).expect("begun");
    let upload = begun.upload.expect("an upload").name;
    for (number, piece) in content.chunks(PIECE).enumerate() {
        let ask = UploadChunkRequest {
            name: upload.clone(),
            offset: i64::try_from(number * PIECE).expect("an offset"),
            data: piece.to_vec(),
            crc32c: Crc::<u32>::new(&CRC_32_ISCSI).checksum(piece),
        };
        call!(town, clerk(), DocumentServiceClient.upload_chunk, ask).expect("sent");
    }
    let ask = FinishUploadRequest {
        name: upload,
        request_id: key(),
    };
    let finished = call!(town, clerk(), DocumentServiceClient.finish_upload, ask);
    let name = finished.expect("finished").document.expect("it").name;

    let read = town.download(at(Role::TownshipReviewer), &name, 0).await;
    assert!(read.expect("read") == content);
    let offset = LARGEST - 5;
    let rest = i64::try_from(offset).expect("an offset");
    let read = town.download(at(Role::TownshipReviewer), &name, rest).await;
    assert_eq!(read.expect("read"), content[offset..]);
    let read = town.download(at(Role::CountyFinanceMaker), &name, 0).await;
    assert_eq!(refused(read).0, Code::PermissionDenied);
    let ask = ListDocumentsRequest {
        parent: case.replace("150203", "150204"),
        ..Default::default()
    };
    let other = call!(town, clerk(), DocumentServiceClient.list_documents, ask);
    assert_eq!(refused(other).0, Code::NotFound);
}
