//! The papers of a case, whichever method gives them, are closed to the city's registrar who has not drawn it and to
//! inspectors without a matter (D.2). Which methods those are is read from part D as it was written down by hand.

use std::collections::BTreeSet;

use tonic::Status;
use yuhui_proto::{
    documents::v1::{self as documents, DocumentKind},
    eligibility::v1::{self as pb, case::State},
};

use crate::{
    books::Family,
    documents::pdf,
    harness::{Office, World, on_every_world, refused},
};

/// Methods that read documents and answers, without those of uploads and registers, which are of no case.
fn methods() -> BTreeSet<&'static str> {
    let table = include_str!("../../../../tests/data/rpc_cells.tsv");
    let rows = table.lines().map(|it| it.split('\t').collect::<Vec<_>>());
    let papers = rows.filter(|it| {
        matches!(it[..], [method, "doc" | "answer", "R", _] if !method.starts_with("registry."))
    });
    papers
        .filter_map(|it| it[0].split_once('/'))
        .map(|(_, method)| method)
        .collect()
}

/// Somebody adds a document; answers its name.
async fn add(
    world: &World,
    office: &Office,
    case: &str,
    kind: DocumentKind,
) -> Result<String, Status> {
    let content = pdf(900, u8::try_from(i32::from(kind)).expect("a small number"));
    Ok(world.add(office, case, kind, &content).await?.name)
}

/// What `office` is told by that method.
async fn read(office: &Office, method: &str, case: &str, document: &str) -> Result<(), Status> {
    let (parent, name) = (case.to_owned(), document.to_owned());
    match method {
        "ExportEvidence" => {
            let ask = pb::ExportEvidenceRequest { name: parent };
            office.evidence().export_evidence(ask).await.map(drop)
        }
        "ListAnswers" => {
            let ask = pb::ListAnswersRequest {
                parent,
                ..pb::ListAnswersRequest::default()
            };
            office.evidence().list_answers(ask).await.map(drop)
        }
        "GetComparison" => {
            let ask = pb::GetComparisonRequest { name: parent };
            office.case_views().get_comparison(ask).await.map(drop)
        }
        "ListDocuments" => {
            let ask = documents::ListDocumentsRequest {
                parent,
                ..documents::ListDocumentsRequest::default()
            };
            office.documents().list_documents(ask).await.map(drop)
        }
        "GetChecklist" => {
            let ask = documents::GetChecklistRequest { parent };
            office.documents().get_checklist(ask).await.map(drop)
        }
        "GetDocument" => {
            let ask = documents::GetDocumentRequest { name };
            office.documents().get_document(ask).await.map(drop)
        }
        "DownloadDocument" => {
            let ask = documents::DownloadDocumentRequest { name, offset: 0 };
            office.documents().download_document(ask).await.map(drop)
        }
        other => panic!("{other} reads papers, and is not tried here"),
    }
}

#[tokio::test]
async fn papers_are_closed_whichever_method_gives_them() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await.name;
        let kind = DocumentKind::HukouBook;
        let document = add(&world, &world.clerk(), &case, kind)
            .await
            .expect("added");
        let methods = methods();
        assert!(methods.len() > 5, "{methods:?}");
        for method in &methods {
            for office in [world.registrar(), world.inspector()] {
                let answer = read(&office, method, &case, &document).await;
                let reason = refused(answer).1;
                assert!(
                    matches!(&*reason, "NOT_FOUND" | "SEPARATION_OF_DUTIES"),
                    "{method}: {reason}"
                );
            }
            let open = read(&world.checker(), method, &case, &document).await;
            open.unwrap_or_else(|it| panic!("{method}: {it}"));
        }
        let inspector = world.inspector();
        world.open_matter(&inspector, &case).await.expect("opened");
        for method in &methods {
            let open = read(&inspector, method, &case, &document).await;
            open.unwrap_or_else(|it| panic!("{method}: {it}"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_claimant_does_not_read_who_spoke_against_him() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::VReview).await.name;
        let mother = world.applicant(&family.mother);
        let maker = world.maker();
        let said = add(&world, &maker, &case, DocumentKind::Inquiry).await;
        let said = said.expect("the county's");
        let letter = add(&world, &maker, &case, DocumentKind::Delivery).await;
        let letter = letter.expect("the county's");
        for method in ["GetDocument", "DownloadDocument"] {
            let hidden = read(&mother, method, &case, &said).await;
            assert_eq!(refused(hidden).1, "NOT_FOUND", "F26");
            let own = read(&mother, method, &case, &letter).await;
            own.unwrap_or_else(|it| panic!("{method}: {it}"));
        }
        let ask = documents::ListDocumentsRequest {
            parent: case.clone(),
            ..documents::ListDocumentsRequest::default()
        };
        let listed = mother.documents().list_documents(ask.clone()).await;
        let listed = listed.expect("own").into_inner().documents;
        let names: Vec<_> = listed.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, [letter.as_str()]);
        let all = world.checker().documents().list_documents(ask).await;
        assert_eq!(all.expect("listed").into_inner().documents.len(), 2);
        let ask = pb::ListTransitionsRequest {
            parent: case,
            ..Default::default()
        };
        let steps = mother.cases().list_transitions(ask).await.expect("own");
        let steps = steps.into_inner().transitions;
        assert!(steps.iter().all(|it| !it.reason.contains("/documents/")));
    })
    .await;
}

#[tokio::test]
async fn papers_of_a_claim_stay_as_they_were_decided_on() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Confirmed).await.name;
        let maker = world.maker();
        let late = add(&world, &maker, &case, DocumentKind::HukouBook).await;
        assert_eq!(refused(late).1, "CASE_DECIDED", "D.5");
        let delivery = add(&world, &maker, &case, DocumentKind::Delivery).await;
        delivery.expect("what offices add goes on");
    })
    .await;
}
