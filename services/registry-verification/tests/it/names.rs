//! Whose number it is: yes, no or unknown, and never the name.

use yuhui_proto::{
    internal::v1 as internal,
    registry::v1::{
        self as pb, NameAnswer, NameAnswer::CannotCompare, NameAnswer::Match, NameAnswer::Mismatch,
        NameAnswer::NoSuchNumber,
    },
};

use crate::harness::{CASE, COUNTY, OTHER, System, delivery, fields, fresh, number, person};

/// What the register says of these names.
async fn asked(system: &System, stated: &[(&str, &str)]) -> (Vec<NameAnswer>, pb::FamilyFacts) {
    let stated_names = stated.iter().map(|(number, name)| pb::StatedName {
        person_ref: system.blind(number),
        display_name: (*name).into(),
    });
    let ask = internal::GatherFamilyFactsRequest {
        case: CASE.into(),
        child_ref: system.blind("U150012345"),
        claimant_ref: system.blind(stated.first().map_or("", |it| it.0)),
        stated_names: stated_names.collect(),
    };
    let answer = system.eligibility(COUNTY).gather_family_facts(ask).await;
    let facts = answer.expect("facts").into_inner().facts.expect("facts");
    let answers = facts.names.iter().map(pb::NameFinding::answer).collect();
    (answers, facts)
}

fn named(number: &str, name: &str) -> pb::PersonRecord {
    pb::PersonRecord {
        display_name: name.into(),
        ..person(number)
    }
}

#[tokio::test]
async fn name_and_number_belong_together_or_not_or_nobody_can_tell() {
    let system = System::start().await;
    let numbers = [2, 4, 6, 8].map(|serial| number("1992-03-08", serial));
    let [fang, guli, unwritten, stranger] = numbers.each_ref().map(String::as_str);
    let persons = vec![
        named(fang, "王芳"),
        named(guli, "阿依古丽·买买提"),
        named(unwritten, "王□"),
    ];
    system
        .import_population(persons, vec![])
        .await
        .expect("persons");
    let birth = delivery("d1", fang, "", &[("U150012345", "2024-06-06")]);
    system.import_births(vec![birth]).await.expect("births");

    let stated = [
        (fang, "王芳", Match),
        (fang, "　王 芳", Match),
        (fang, "张伟", Mismatch),
        (fang, "WANG FANG", CannotCompare),
        (guli, "阿依古丽\u{2022}买买提", Match),
        (guli, "阿依古丽\u{ff0e}买买提", Match),
        (guli, "阿依古丽", Mismatch),
        (unwritten, "王喆", CannotCompare),
        (stranger, "王芳", NoSuchNumber),
        ("U150012345", "王小芳", CannotCompare),
    ];
    let asks: Vec<_> = stated.iter().map(|it| (it.0, it.1)).collect();
    let (answers, facts) = asked(&system, &asks).await;
    let expected: Vec<_> = stated.iter().map(|it| it.2).collect();
    assert_eq!(answers, expected);
    let told = format!("{facts:?}");
    for name in ["芳", "古丽", "□", "张伟"] {
        assert!(!told.contains(name), "{name} is told");
    }
}

#[tokio::test]
async fn the_name_is_that_of_the_latest_record_whoever_keeps_it() {
    let system = System::start().await;
    let mother = number("1992-03-08", 2);
    let enter = async |county: &str, name: &str| {
        let ask = pb::ImportPopulationRequest {
            persons: vec![named(&mother, name)],
            request_id: fresh(),
            ..pb::ImportPopulationRequest::default()
        };
        let role = yuhui_proto::authz::v1::Role::PublicSecurityLiaison;
        let mut police = system.registers_of(role, county);
        police.import_population(ask).await.expect("entered");
    };
    enter(OTHER, "王芳").await;
    let (answers, before) = asked(&system, &[(&mother, "王芳")]).await;
    assert_eq!(answers, [NameAnswer::Match], "another county sealed it");
    enter(COUNTY, "王方").await;
    let (answers, after) = asked(&system, &[(&mother, "王芳")]).await;
    assert_eq!(answers, [NameAnswer::Mismatch]);
    // The answer is part of what public security said.
    assert_ne!(before.answers[0].digest, after.answers[0].digest);
    assert_eq!(before.answers[1..], after.answers[1..]);
}

#[tokio::test]
async fn a_question_that_asks_for_nothing_is_told_its_field() {
    let system = System::start().await;
    let person_ref = system.blind("U150012345");
    let ask = |stated_names: Vec<pb::StatedName>| internal::GatherFamilyFactsRequest {
        case: CASE.into(),
        child_ref: person_ref.clone(),
        claimant_ref: person_ref.clone(),
        stated_names,
    };
    let stated = |person_ref: &str, name: &str| pb::StatedName {
        person_ref: person_ref.into(),
        display_name: name.into(),
    };
    for (ask, field) in [
        (
            ask(vec![stated(&person_ref, " ")]),
            "stated_names[0].display_name",
        ),
        (
            ask(vec![stated("王芳", "王芳")]),
            "stated_names[0].person_ref",
        ),
        (ask(vec![stated(&person_ref, "王芳"); 11]), "stated_names"),
    ] {
        let refused = system.eligibility(COUNTY).gather_family_facts(ask).await;
        assert_eq!(fields(&refused.expect_err("malformed")), [field]);
    }
}
