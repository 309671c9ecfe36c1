//! How contents are kept: sealed, each piece in its own place, and gone when nobody finishes them.

use std::{collections::BTreeMap, fs, path::PathBuf};

use tonic::Code;
use yuhui_proto::documents::v1::{self as pb, DocumentKind, checklist_item::Standing};

use crate::{
    books::Family,
    documents::{PIECE, pdf},
    harness::{Office, World, on_every_world, refused},
};

impl World {
    /// Files of the pieces.
    pub fn kept_files(&self) -> Vec<PathBuf> {
        let (mut found, mut folders) = (Vec::new(), vec![self.files.path().join("documents")]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => found.push(path),
                }
            }
        }
        found.sort();
        found
    }

    /// How each document that a claim needs is there.
    pub async fn checklist(&self, office: &Office, case: &str) -> BTreeMap<DocumentKind, Standing> {
        let ask = pb::GetChecklistRequest {
            parent: case.into(),
        };
        let listed = office.documents().get_checklist(ask).await.expect("listed");
        let items = listed.into_inner().items.into_iter();
        items.map(|it| (it.kind(), it.standing())).collect()
    }
}

#[tokio::test]
async fn nothing_of_a_content_is_kept_in_clear() {
    on_every_world(async |world| {
        let (mother, case) = world.own_draft(&Family::of(1)).await;
        let secret = "父亲张三与母亲李四".as_bytes();
        let mut content = pdf(PIECE, 9);
        content.extend(secret);
        let kind = DocumentKind::DivorcePapers;
        let document = world.add(&mother, &case, kind, &content).await;
        let document = document.expect("a document");
        let title = document.title.as_bytes();
        let files = world.kept_files();
        assert_eq!(files.len(), 2);
        for file in &files {
            let bytes = fs::read(file).expect("read");
            for clear in [secret, b"%PDF", title] {
                assert!(!bytes.windows(clear.len()).any(|it| it == clear));
            }
            let name = file.to_string_lossy();
            assert!(!name.contains(&document.sha256), "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_piece_that_is_moved_changed_or_gone_is_told() {
    on_every_world(async |world| {
        let (mother, case) = world.own_draft(&Family::of(1)).await;
        let hukou = DocumentKind::HukouBook;
        let one = world.add(&mother, &case, hukou, &pdf(1000, 10)).await;
        let one = one.expect("a document").name;
        let first = world.kept_files();
        let card = DocumentKind::IdentityCard;
        let two = world.add(&mother, &case, card, &pdf(1000, 11)).await;
        let two = two.expect("a document").name;
        let second = world.kept_files();
        let second = second.iter().find(|it| !first.contains(it)).expect("new");
        let (first, lost) = (&first[0], (Code::DataLoss, "DOCUMENT_LOST".to_owned()));
        let kept = fs::read(first).expect("read");

        fs::copy(second, first).expect("moved");
        let moved = world.read_from(&mother, &one, 0).await;
        assert_eq!(refused(moved), lost);
        let mut changed = kept.clone();
        changed[500] ^= 1;
        fs::write(first, changed).expect("changed");
        assert_eq!(refused(world.read_from(&mother, &one, 0).await), lost);
        fs::remove_file(first).expect("removed");
        assert_eq!(refused(world.read_from(&mother, &one, 0).await), lost);
        fs::write(first, kept).expect("restored");
        let restored = world.read_from(&mother, &one, 0).await;
        assert_eq!(restored.expect("read"), pdf(1000, 10));
        let other = world.read_from(&mother, &two, 0).await;
        assert_eq!(other.expect("untouched"), pdf(1000, 11));
    })
    .await;
}

#[tokio::test]
async fn what_nobody_finishes_is_removed_and_nobody_begins_too_many() {
    on_every_world(async |world| {
        let (mother, case) = world.own_draft(&Family::of(1)).await;
        let (kind, content) = (DocumentKind::HukouBook, pdf(PIECE + 1, 12));
        let kept = world.add(&mother, &case, kind, &pdf(1000, 13)).await;
        let kept = kept.expect("a document").name;
        let half = world.start_upload(&mother, &case, kind, &content).await;
        let half = half.expect("begun").name;
        let sent = world.send(&mother, &half, 0, &content[..PIECE]).await;
        sent.expect("sent");
        for _ in 1..16 {
            let begun = world.start_upload(&mother, &case, kind, &content).await;
            begun.expect("begun");
        }
        let more = world.start_upload(&mother, &case, kind, &content).await;
        let too_many = (Code::ResourceExhausted, "TOO_MANY_UPLOADS".to_owned());
        assert_eq!(refused(more), too_many);
        // Somebody else has a number of his own.
        let (father, other) = world.own_draft(&Family::of(2)).await;
        let begun = world.start_upload(&father, &other, kind, &content).await;
        begun.expect("begun");

        assert_eq!(world.kept_files().len(), 2);
        assert_eq!(world.sweep().await, 17);
        assert_eq!(world.kept_files().len(), 1);
        let ask = pb::GetUploadRequest { name: half.clone() };
        let gone = mother.documents().get_upload(ask).await;
        assert_eq!(refused(gone).0, Code::NotFound);
        let gone = world.send(&mother, &half, PIECE, &content[PIECE..]).await;
        assert_eq!(refused(gone).0, Code::NotFound);
        let begun = world.start_upload(&mother, &case, kind, &content).await;
        begun.expect("there is room again");
        let read = world.read_from(&mother, &kept, 0).await;
        assert_eq!(read.expect("kept"), pdf(1000, 13));
    })
    .await;
}

#[tokio::test]
async fn a_file_has_its_size() {
    on_every_world(async |world| {
        let (mother, case) = world.own_draft(&Family::of(1)).await;
        let kind = DocumentKind::HukouBook;
        for number in 0..200 {
            let one = world.add(&mother, &case, kind, &pdf(100 + number, 5)).await;
            one.expect("a document");
        }
        let more = world.add(&mother, &case, kind, &pdf(300, 5)).await;
        assert_eq!(refused(more), (Code::ResourceExhausted, "FILE_FULL".into()));
    })
    .await;
}
