//! Who brings documents, who sees them, and who compares their originals.

use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    documents::v1::{self as pb, DocumentKind},
    eligibility::v1::{self as eligibility, case::State},
    types::v1::Programme,
};

use crate::{
    books::Family,
    documents::pdf,
    harness::{
        CITY, COUNTY, OTHER_COUNTY, Office, TOWNSHIP, VILLAGE, World, at_fault, denied,
        on_every_world, refused,
    },
};

impl World {
    pub async fn see_original(
        &self,
        office: &Office,
        document: &str,
    ) -> Result<pb::Document, Status> {
        let ask = pb::MarkOriginalSeenRequest {
            name: document.into(),
            request_id: self.fresh(),
        };
        let answer = office.documents().mark_original_seen(ask).await?;
        Ok(answer.into_inner().document.expect("a document"))
    }

    async fn close_with(
        &self,
        notice: &str,
        proof: &str,
        documents: &[&str],
    ) -> Result<i32, Status> {
        let ask = eligibility::CloseNoticeRequest {
            name: notice.into(),
            proof: proof.into(),
            documents: documents.iter().map(|it| (*it).to_owned()).collect(),
            request_id: self.fresh(),
        };
        let answer = self.clerk().notices().close_notice(ask).await?;
        Ok(answer.into_inner().moved)
    }
}

#[tokio::test]
async fn a_document_is_reached_as_its_case_is() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let (mother, case) = world.own_draft(&family).await;
        let (kind, content) = (DocumentKind::HukouBook, pdf(900, 1));
        let document = world.add(&mother, &case, kind, &content).await;
        let document = document.expect("a document").name;
        let upload = world.start_upload(&mother, &case, kind, &pdf(900, 2)).await;
        let upload = upload.expect("begun").name;

        let stranger = world.applicant(&Family::of(2).mother);
        let strangers = [
            world.at(Role::VillageClerk, "150203002002"),
            world.at(Role::TownshipReviewer, "150203003"),
            world.at(Role::CountyHealthReviewer, OTHER_COUNTY),
            world.at(Role::CountyDisciplineInspector, OTHER_COUNTY),
            stranger,
        ];
        for who in &strangers {
            let read = world.read_from(who, &document, 0).await;
            assert_eq!(refused(read).0, Code::NotFound);
            let listed = world.documents_of(who, &case, true).await;
            assert_eq!(refused(listed).0, Code::NotFound);
            let ask = pb::GetDocumentRequest {
                name: document.clone(),
            };
            let got = who.documents().get_document(ask).await;
            assert_eq!(refused(got).0, Code::NotFound);
        }
        // An upload is its account's alone.
        let clerk = world.clerk();
        let sent = world.send(&clerk, &upload, 0, &pdf(900, 2)).await;
        assert_eq!(refused(sent).0, Code::NotFound);
        assert_eq!(
            refused(world.finish(&clerk, &upload).await).0,
            Code::NotFound
        );
        for who in [
            world.clerk(),
            world.head(),
            world.reviewer(),
            world.lead(),
            world.maker(),
            world.checker(),
            world.at(Role::CityAuditor, CITY),
            world.recorder(),
        ] {
            let read = world.read_from(&who, &document, 0).await;
            assert_eq!(read.expect("read"), content);
        }
        // Papers are open to discipline inspection while a matter is (D.2).
        let inspector = world.inspector();
        let closed = world.read_from(&inspector, &document, 0).await;
        assert_eq!(refused(closed).0, Code::NotFound);
        let case = document.split("/documents/").next().expect("a case");
        world.open_matter(&inspector, case).await.expect("opened");
        let read = world.read_from(&inspector, &document, 0).await;
        assert_eq!(read.expect("on a matter"), content);
        for (role, unit) in [
            (Role::CountyFinanceMaker, COUNTY),
            (Role::EducationOfficer, COUNTY),
            (Role::PublicityOfficer, CITY),
        ] {
            let read = world.read_from(&world.at(role, unit), &document, 0).await;
            assert_eq!(refused(read).0, Code::PermissionDenied);
        }
        let anybody = world.read_from(&world.anybody(), &document, 0).await;
        assert_eq!(refused(anybody).0, Code::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn documents_are_brought_by_whose_turn_it_is() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let (mother, case) = world.own_draft(&family).await;
        let (kind, clerk) = (DocumentKind::HukouBook, world.clerk());
        let late = world.bring_whole(&mother, &case, kind, &pdf(900, 1)).await;
        let late = late.expect("in time");
        let kept = world.add(&mother, &case, kind, &pdf(900, 2)).await;
        let kept = kept.expect("a draft takes it").name;
        let ask = eligibility::LodgeCaseRequest {
            name: case.clone(),
            request_id: world.fresh(),
            ..Default::default()
        };
        mother.cases().lodge_case(ask).await.expect("lodged");
        // Brought forward: begun in time is not finished in time.
        let lodged = (Code::FailedPrecondition, "CASE_BROUGHT_FORWARD".to_owned());
        assert_eq!(refused(world.finish(&mother, &late).await), lodged);
        let more = world.start_upload(&mother, &case, kind, &pdf(900, 3)).await;
        assert_eq!(refused(more), lodged);

        let before = world.look(&case).await;
        let seen = world.see_original(&clerk, &kept).await.expect("seen");
        assert!(seen.original_seen_by.starts_with("accounts/"));
        assert!(seen.original_seen_time.is_some());
        assert_ne!(world.look(&case).await.etag, before.etag);
        let again = world.see_original(&clerk, &kept).await;
        assert_eq!(again.expect("kept"), seen);
        assert_eq!(
            refused(world.see_original(&mother, &kept).await).0,
            Code::PermissionDenied
        );
        assert_eq!(
            denied(world.see_original(&world.maker(), &kept).await),
            "STAGE"
        );
        let added = world.add(&clerk, &case, kind, &pdf(900, 4)).await;
        added.expect("at the village");

        // DYN-2: who acted at the village acts nowhere else; DYN-3: nobody on a relative's.
        let person = format!("person-of-ROLE_VILLAGE_CLERK@{VILLAGE}");
        world.bring(&case, Programme::P1, State::TReview).await;
        let himself = world.known_as(Role::TownshipReviewer, TOWNSHIP, "other", Some(&person));
        let added = world.add(&himself, &case, kind, &pdf(900, 5)).await;
        assert_eq!(denied(added), "DYN-2");
        let person = world.vault.person(&family.father);
        let father = world.known_as(Role::TownshipReviewer, TOWNSHIP, "father", Some(&person));
        let added = world.add(&father, &case, kind, &pdf(900, 5)).await;
        assert_eq!(denied(added), "DYN-3");
        let added = world.add(&clerk, &case, kind, &pdf(900, 5)).await;
        assert_eq!(denied(added), "STAGE");
        let inspection = DocumentKind::Inspection;
        let added = world
            .add(&world.reviewer(), &case, inspection, &pdf(900, 6))
            .await;
        added.expect("at the township");
        let inquiry = DocumentKind::Inquiry;
        let added = world
            .add(&world.maker(), &case, inquiry, &pdf(900, 7))
            .await;
        let added = added.expect("the county's at every stage").name;
        let seen = world.see_original(&world.maker(), &added).await;
        assert_eq!(at_fault(seen), ["kind"]);
    })
    .await;
}

#[tokio::test]
async fn the_city_registrar_reads_what_was_sampled() {
    on_every_world(async |world| {
        let mut documents = Vec::new();
        for serial in 1..3 {
            let (mother, case) = world.own_draft(&Family::of(serial)).await;
            let kind = DocumentKind::HukouBook;
            let document = world.add(&mother, &case, kind, &pdf(900, 1)).await;
            documents.push((mother, case, document.expect("a document").name));
        }
        let registrar = world.registrar();
        for (mother, case, document) in &documents {
            let read = world.read_from(&registrar, document, 0).await;
            assert_eq!(refused(read).0, Code::NotFound);
            let ask = eligibility::LodgeCaseRequest {
                name: case.clone(),
                request_id: world.fresh(),
                ..Default::default()
            };
            mother.cases().lodge_case(ask).await.expect("lodged");
        }
        world
            .bring(&documents[0].1, Programme::P1, State::Rostered)
            .await;
        let roster = world.look(&documents[0].1).await.roster;
        let sample = world.sample(&roster).await.expect("drawn");
        assert_eq!(sample.lines[0].case, documents[0].1);
        let read = world.read_from(&registrar, &documents[0].2, 0).await;
        assert_eq!(read.expect("sampled"), pdf(900, 1));
        let read = world.read_from(&registrar, &documents[1].2, 0).await;
        assert_eq!(refused(read).0, Code::NotFound);
    })
    .await;
}

#[tokio::test]
async fn a_notice_is_proven_by_its_photographs() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VNotice).await;
        let (clerk, photo) = (world.clerk(), DocumentKind::NoticePosting);
        let notice = world
            .post(&clerk, &[&case.name])
            .await
            .expect("posted")
            .name;
        let posting = world.add(&clerk, &notice, photo, &pdf(900, 1)).await;
        let posting = posting.expect("a photograph").name;
        assert!(posting.starts_with(&format!("{notice}/documents/")));
        let hukou = DocumentKind::HukouBook;
        let other = world
            .start_upload(&clerk, &notice, hukou, &pdf(900, 2))
            .await;
        assert_eq!(at_fault(other), ["kind"]);
        let county = world
            .start_upload(&world.maker(), &notice, photo, &pdf(900, 2))
            .await;
        assert_eq!(refused(county).0, Code::NotFound);
        let family = Family::of(1);
        let mother = world.applicant(&family.mother);
        let read = world.read_from(&mother, &posting, 0).await;
        assert_eq!(refused(read).0, Code::NotFound);
        for who in [world.reviewer(), world.checker(), world.registrar()] {
            let read = world.read_from(&who, &posting, 0).await;
            assert_eq!(read.expect("read"), pdf(900, 1));
        }

        world.on(time::macros::date!(2025 - 03 - 20));
        let down = DocumentKind::NoticeTakenDown;
        let down = world.add(&clerk, &notice, down, &pdf(900, 3)).await;
        let down = down.expect("a photograph").name;
        assert_eq!(
            at_fault(world.close_with(&notice, " ", &[]).await),
            ["proof"]
        );
        let of_a_case = posting.replace(&notice, &case.name);
        let foreign = world.close_with(&notice, "", &[&of_a_case]).await;
        assert_eq!(refused(foreign).1, "NOTICE_NOT_PROVEN");
        let moved = world.close_with(&notice, "", &[&posting, &down]).await;
        assert_eq!(moved.expect("closed"), 1);
        let late = world
            .start_upload(&clerk, &notice, photo, &pdf(900, 4))
            .await;
        assert_eq!(refused(late).1, "NOTICE_CLOSED");
        let entries = world.audited().await;
        let closed = entries.iter().find(|it| it.action == "notice.close");
        let after = closed
            .and_then(|it| it.after.clone())
            .expect("what proves it");
        assert!(after.contains(&posting), "{after}");
    })
    .await;
}
