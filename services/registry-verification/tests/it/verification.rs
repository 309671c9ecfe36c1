//! Answers are kept, and shown to those who may see them.

use time::macros::date;
use tonic::Code;
use yuhui_proto::{authz::v1::Role, internal::v1 as internal, registry::v1 as pb};

use crate::harness::{CASE, COUNTY, OTHER, System, delivery, fields, hukou, number, person};

async fn settle(system: &System) -> (String, String) {
    let (mother, child) = (number("1992-03-08", 2), number("2024-06-06", 8));
    let persons = vec![person(&mother), person(&child)];
    let home = vec![hukou(&child, "150203004001", "2024-06-06", "")];
    system
        .import_population(persons, home)
        .await
        .expect("population");
    let birth = delivery("d1", &mother, "", &[(&child, "2024-06-06")]);
    system.import_births(vec![birth]).await.expect("births");
    (child, mother)
}

async fn list(system: &System, page_size: i32, page_token: &str) -> internal::ListAnswersResponse {
    let ask = internal::ListAnswersRequest {
        parent: CASE.into(),
        page_size,
        page_token: page_token.into(),
    };
    let answer = system.eligibility(COUNTY).list_answers(ask).await;
    answer.expect("answers").into_inner()
}

#[tokio::test]
async fn each_register_answers_once_a_day_unless_it_says_something_new() {
    let system = System::start().await;
    let (child, mother) = settle(&system).await;
    let first = system.gather(&child, &mother).await.expect("facts");
    let registers: Vec<_> = first.answers.iter().map(pb::Answer::register).collect();
    let all = [
        pb::Register::PublicSecurity,
        pb::Register::CivilAffairs,
        pb::Register::Maternity,
    ];
    assert_eq!(registers, all);
    assert!(
        first
            .answers
            .iter()
            .all(|it| it.answered_on == "2025-03-31")
    );
    let second = system.gather(&child, &mother).await.expect("facts");
    assert_eq!(first, second, "the same facts, the same answers");
    assert_eq!(list(&system, 0, "").await.answers, first.answers);

    let moved = vec![
        hukou(&child, "150203004001", "2024-06-06", "2025-03-30"),
        hukou(&child, "110105", "2025-03-31", ""),
    ];
    system
        .import_population(vec![], moved)
        .await
        .expect("moved");
    let third = system.gather(&child, &mother).await.expect("facts");
    assert_ne!(third.answers[0].digest, first.answers[0].digest);
    assert_eq!(third.answers[1..], first.answers[1..]);
    assert_eq!(list(&system, 0, "").await.answers.len(), 4);

    system.clock.set(date!(2025 - 04 - 01)).expect("sandbox");
    let fourth = system.gather(&child, &mother).await.expect("facts");
    assert_eq!(fourth.answers[0].digest, third.answers[0].digest);
    assert_eq!(fourth.answers[0].as_of_on, "2025-04-01");
    assert_eq!(list(&system, 0, "").await.answers.len(), 7);
}

#[tokio::test]
async fn answers_are_listed_page_by_page() {
    let system = System::start().await;
    let (child, mother) = settle(&system).await;
    let facts = system.gather(&child, &mother).await.expect("facts");
    let first = list(&system, 2, "").await;
    assert_eq!(first.answers, facts.answers[..2]);
    let rest = list(&system, 2, &first.next_page_token).await;
    assert_eq!(rest.answers, facts.answers[2..]);
    assert_eq!(rest.next_page_token, "");
}

#[tokio::test]
async fn answers_are_told_to_eligibility_alone() {
    let system = System::start().await;
    let (child, mother) = settle(&system).await;
    system.gather(&child, &mother).await.expect("facts");
    let ask = internal::ListAnswersRequest {
        parent: CASE.into(),
        ..internal::ListAnswersRequest::default()
    };
    let mut own = system.eligibility(COUNTY);
    let answers = own.list_answers(ask.clone()).await.expect("answers");
    assert_eq!(answers.into_inner().answers.len(), 3);
    // Which village a case is of, what was sampled and on what a matter is open, eligibility knows.
    for (role, unit) in [
        (Role::VillageClerk, "150203004001"),
        (Role::CountyHealthReviewer, COUNTY),
        (Role::CityAuditor, "150200"),
        (Role::CountyFinanceMaker, COUNTY),
    ] {
        let refused = system.answers(role, unit).list_answers(ask.clone()).await;
        let refused = refused.expect_err(role.as_str_name());
        assert_eq!(refused.code(), Code::PermissionDenied);
    }

    let ask = internal::GatherFamilyFactsRequest {
        case: CASE.into(),
        child_ref: system.blind(&child),
        claimant_ref: system.blind(&mother),
        stated_names: Vec::new(),
    };
    let mut elsewhere = system.eligibility(OTHER);
    let refused = elsewhere.gather_family_facts(ask.clone()).await;
    assert_eq!(refused.expect_err("another county").code(), Code::NotFound);
    let mut reviewer = system.answers(Role::CountyHealthReviewer, COUNTY);
    let refused = reviewer
        .gather_family_facts(ask)
        .await
        .expect_err("a person");
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_malformed_question_is_told_its_field() {
    let system = System::start().await;
    let reference = system.blind("U150012345");
    let ask = |case: &str, child: &str, claimant: &str| internal::GatherFamilyFactsRequest {
        case: case.into(),
        child_ref: child.into(),
        claimant_ref: claimant.into(),
        stated_names: Vec::new(),
    };
    let cases = [
        (ask("cases/1", &reference, &reference), "case"),
        (ask(CASE, "U150012345", &reference), "child_ref"),
        (ask(CASE, &reference, ""), "claimant_ref"),
    ];
    for (ask, field) in cases {
        let refused = system.eligibility(COUNTY).gather_family_facts(ask).await;
        assert_eq!(fields(&refused.expect_err("malformed")), [field]);
    }
}

#[tokio::test]
async fn of_strangers_the_registers_say_that_they_know_nothing() {
    let system = System::start().await;
    let facts = system
        .gather("U150012345", "U150012346")
        .await
        .expect("facts");
    assert!(facts.persons.is_empty());
    assert_eq!(facts.answers.len(), 3);
}
