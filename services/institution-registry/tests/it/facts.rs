//! What decisions are told: across counties, as of today, checked stays only.

use time::macros::date;
use tonic::Code;
use yuhui_proto::{authz::v1::Role, institution::v1 as pb, internal::v1 as internal};

use crate::harness::{COUNTY, OTHER, System, code, fields, filed, stay};

const SHARED: &str = "U150000001";

#[tokio::test]
async fn a_dossier_holds_the_stays_of_its_year_and_the_same_children_elsewhere() {
    let system = System::start().await;
    let here = system.nursery(COUNTY, &code(1)).await;
    let there = system.nursery(OTHER, &code(2)).await;
    let third = system.nursery(OTHER, &code(3)).await;
    let stays = vec![
        stay(SHARED, "2024-03-01", "2024-06-30"),
        stay("U150000002", "2023-03-01", "2023-12-31"),
        stay("U150000003", "2023-03-01", ""),
        stay("U150000004", "2025-01-01", ""),
    ];
    system.report(&here, stays).await.expect("taken");
    let stays = vec![
        stay(SHARED, "2024-07-01", "2024-12-31"),
        stay(SHARED, "2025-01-01", ""),
        stay("U150000005", "2024-07-01", ""),
    ];
    system.report(&there, stays).await.expect("taken");
    let unchecked = vec![stay(SHARED, "2024-01-01", "2024-02-01")];
    system.report(&third, unchecked).await.expect("taken");
    system.check(&here).await;
    system.check(&there).await;

    let facts = system.dossier(&here, 2024).await;
    assert_eq!(facts.answered_on, "2025-05-31");
    let own = facts.dossier.expect("dossier");
    let mut children: Vec<_> = own.enrolments.iter().map(|it| it.child.clone()).collect();
    children.sort();
    let mut expected = [SHARED, "U150000003"].map(|it| system.child(it));
    expected.sort();
    assert_eq!(children, expected);
    assert_eq!(facts.elsewhere.len(), 1, "only what is checked");
    let other = &facts.elsewhere[0];
    assert_eq!(
        other.institution.as_ref().map(|it| &it.name),
        Some(&there.name)
    );
    assert_eq!(
        other.enrolments.len(),
        1,
        "only the same children in the same year"
    );
    assert_eq!(other.enrolments[0].institution_ref, there.institution_ref);

    let now = system.dossier(&here, 0).await;
    let children = now.dossier.expect("dossier").enrolments;
    assert_eq!(children.len(), 2, "who is there today");
    assert!(now.elsewhere.is_empty());
}

#[tokio::test]
async fn what_lies_after_today_is_not_told() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    system.decide(&nursery, filed("2025-06-01")).await;
    let honour = pb::change::Change::Honour(pb::Honour {
        level: pb::HonourLevel::Municipal.into(),
        granted_on: "2025-06-01".into(),
        document_number: "包卫健发〔2025〕1号".into(),
    });
    system.honour(&nursery, honour).await;
    let suspension = pb::change::Change::Suspension(pb::Suspension {
        from_on: "2025-05-01".into(),
        to_on: "2025-06-01".into(),
    });
    system.decide(&nursery, suspension).await;
    let stays = vec![
        stay(SHARED, "2025-03-01", "2025-06-01"),
        stay("U150000002", "2025-06-01", ""),
    ];
    system.report(&nursery, stays).await.expect("taken");
    system.check(&nursery).await;

    let told = system
        .dossier(&nursery, 2025)
        .await
        .dossier
        .expect("dossier");
    let institution = told.institution.expect("institution");
    assert_eq!(institution.filed_on, "");
    assert!(institution.honours.is_empty());
    assert_eq!(institution.suspensions[0].to_on, "");
    assert_eq!(told.enrolments.len(), 1);
    assert_eq!(told.enrolments[0].to_on, "");

    system.clock.set(date!(2025 - 06 - 01)).expect("sandbox");
    let told = system
        .dossier(&nursery, 2025)
        .await
        .dossier
        .expect("dossier");
    let institution = told.institution.expect("institution");
    assert_eq!(institution.filed_on, "2025-06-01");
    assert_eq!(institution.honours.len(), 1);
    assert_eq!(institution.suspensions[0].to_on, "2025-06-01");
    let ends: Vec<_> = told.enrolments.iter().map(|it| it.to_on.as_str()).collect();
    assert_eq!(ends.len(), 2);
    assert!(ends.contains(&"2025-06-01"));
}

#[tokio::test]
async fn a_child_is_followed_through_the_city() {
    let system = System::start().await;
    let here = system.nursery(COUNTY, &code(1)).await;
    let there = system.nursery(OTHER, &code(2)).await;
    for (nursery, from_on) in [(&here, "2023-03-01"), (&there, "2024-03-01")] {
        let stays = vec![stay(SHARED, from_on, ""), stay("U150000002", from_on, "")];
        system.report(nursery, stays).await.expect("taken");
        system.check(nursery).await;
    }
    let ask = internal::GatherEnrolmentFactsRequest {
        child_ref: system.child(SHARED),
        alias_refs: Vec::new(),
    };
    let facts = system
        .facts()
        .gather_enrolment_facts(ask)
        .await
        .expect("facts")
        .into_inner();
    assert_eq!(facts.dossiers.len(), 2);
    let children: Vec<_> = facts
        .dossiers
        .iter()
        .flat_map(|it| &it.enrolments)
        .collect();
    assert_eq!(children.len(), 2);
    assert!(children.iter().all(|it| it.child == system.child(SHARED)));
    let references: Vec<_> = children.iter().map(|it| &it.institution_ref).collect();
    assert!(references.is_sorted());
}

#[tokio::test]
async fn stays_that_nobody_has_checked_are_told_apart() {
    let system = System::start().await;
    let here = system.nursery(COUNTY, &code(1)).await;
    let there = system.nursery(OTHER, &code(2)).await;
    let stays = vec![stay(SHARED, "2023-03-01", "")];
    system.report(&here, stays).await.expect("taken");
    system.check(&here).await;
    let stays = vec![
        stay(SHARED, "2024-03-01", ""),
        stay("U150000002", "2024-03-01", ""),
    ];
    system.report(&there, stays).await.expect("taken");
    let gather = async || {
        let ask = internal::GatherEnrolmentFactsRequest {
            child_ref: system.child(SHARED),
            alias_refs: Vec::new(),
        };
        let facts = system.facts().gather_enrolment_facts(ask).await;
        facts.expect("facts").into_inner()
    };
    let facts = gather().await;
    assert_eq!(facts.dossiers.len(), 1);
    let [unchecked] = &facts.unchecked[..] else {
        panic!("the child's own only: {:?}", facts.unchecked)
    };
    assert_eq!(unchecked.child, system.child(SHARED));
    assert_eq!(unchecked.institution_ref, there.institution_ref);
    assert_eq!(unchecked.from_on, "2024-03-01");
    system.check(&there).await;
    let facts = gather().await;
    assert_eq!((facts.dossiers.len(), facts.unchecked.len()), (2, 0));
}

#[tokio::test]
async fn only_the_eligibility_service_asks_and_asks_properly() {
    let system = System::start().await;
    let ask = internal::GatherInstitutionFactsRequest {
        institution_ref: "ab".repeat(32),
        subsidy_year: 2024,
    };
    let refused = system.facts().gather_institution_facts(ask.clone()).await;
    assert_eq!(refused.expect_err("unknown").code(), Code::NotFound);
    let malformed = internal::GatherInstitutionFactsRequest {
        institution_ref: "52150203MJ0000001".into(),
        subsidy_year: 24,
    };
    let refused = system.facts().gather_institution_facts(malformed).await;
    let refused = refused.expect_err("malformed");
    assert_eq!(fields(&refused), ["institution_ref", "subsidy_year"]);
    let unknown = internal::GatherEnrolmentFactsRequest {
        child_ref: system.child(SHARED),
        alias_refs: Vec::new(),
    };
    let mut facts = system.facts();
    let answer = facts.gather_enrolment_facts(unknown.clone()).await;
    assert!(answer.expect("facts").into_inner().dossiers.is_empty());
    let mut person = system.facts_as(Role::CountyHealthReviewer, COUNTY);
    let refused = person.gather_enrolment_facts(unknown).await;
    assert_eq!(
        refused.expect_err("a person").code(),
        Code::PermissionDenied
    );
}
