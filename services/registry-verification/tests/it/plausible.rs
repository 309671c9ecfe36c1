//! What cannot be true is refused, within an import and against what the registers hold; what
//! hardly can is taken and reported.

use yuhui_proto::{authz::v1::Role, registry::v1 as pb};

use crate::harness::{System, delivery, fields, fresh, hukou, marriage, number, person};

fn couple() -> [String; 2] {
    [number("1992-03-08", 2), number("1990-11-02", 1)]
}

async fn with_couple() -> (System, [String; 2]) {
    let system = System::start().await;
    let couple = couple();
    let people = couple.iter().map(|it| person(it)).collect();
    let taken = system.import_population(people, vec![]).await;
    taken.expect("a couple");
    (system, couple)
}

fn adoption(child: &str, adopter: &str, adopted_on: &str) -> pb::ImportCivilAffairsRequest {
    pb::ImportCivilAffairsRequest {
        adoptions: vec![pb::AdoptionRecord {
            child: child.into(),
            adopters: vec![adopter.into()],
            adopted_on: adopted_on.into(),
        }],
        ..pb::ImportCivilAffairsRequest::default()
    }
}

#[tokio::test]
async fn one_mother_is_not_delivered_twice_in_twenty_days() {
    let (system, [mother, father]) = with_couple().await;
    let first = delivery("d1", &mother, &father, &[("U150000001", "2024-06-01")]);
    let second = delivery("d2", &mother, &father, &[("U150000002", "2024-06-21")]);
    let both = vec![first.clone(), second.clone()];
    let refused = system.import_births(both).await.expect_err("in one import");
    assert_eq!(fields(&refused), ["deliveries[1].mother"]);
    assert!(
        format!("{refused:?}").contains("DELIVERIES_TOO_CLOSE"),
        "the rule is named: {refused:?}"
    );
    system.import_births(vec![first]).await.expect("the first");
    let refused = system.import_births(vec![second]).await;
    let refused = refused.expect_err("against what is held");
    assert_eq!(fields(&refused), ["deliveries[0].mother"]);
}

#[tokio::test]
async fn two_imports_at_once_are_held_against_each_other() {
    let (system, [mother, father]) = with_couple().await;
    for year in 2016..2021 {
        let [one, other] = ["01", "21"].map(|day| {
            let child = format!("U{year}000{day}");
            let born = [(child.as_str(), format!("{year}-06-{day}"))];
            let born = born.each_ref().map(|(child, on)| (*child, on.as_str()));
            delivery(&format!("d-{year}-{day}"), &mother, &father, &born)
        });
        let (one, other) = tokio::join!(
            system.import_births(vec![one]),
            system.import_births(vec![other])
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    }
}

#[tokio::test]
async fn pregnancies_that_are_short_are_reported() {
    let (system, [mother, father]) = with_couple().await;
    let ask = pb::ImportBirthsRequest {
        deliveries: vec![
            delivery("d1", &mother, &father, &[("U150000001", "2024-06-01")]),
            delivery("d2", &mother, &father, &[("U150000002", "2025-01-02")]),
        ],
        request_id: fresh(),
    };
    let mut line = system.registers(Role::MaternityLiaison);
    let answer = line.import_births(ask).await.expect("taken").into_inner();
    assert_eq!(answer.written, 2);
    let warnings: Vec<_> = { answer.warnings.iter() }
        .map(|it| (it.field.as_str(), it.rule.as_str()))
        .collect();
    assert_eq!(warnings, [("deliveries[1].mother", "DELIVERIES_CLOSE")]);
}

#[tokio::test]
async fn nobody_is_born_or_dies_tomorrow() {
    let (system, [mother, father]) = with_couple().await;
    let unborn = delivery("d1", &mother, &father, &[("U150000001", "2031-01-01")]);
    let refused = system.import_births(vec![unborn]).await;
    let field = "deliveries[0].children[0].born_on";
    assert_eq!(fields(&refused.expect_err("in 2031")), [field]);
    let mut dying = person(&mother);
    dying.died_on = "2025-04-01".into();
    let refused = system.import_population(vec![dying], vec![]).await;
    assert_eq!(
        fields(&refused.expect_err("tomorrow")),
        ["persons[0].died_on"]
    );
}

#[tokio::test]
async fn one_person_is_not_told_in_two_ways() {
    let system = System::start().await;
    let [mother, _] = couple();
    let mut renamed = person(&mother);
    renamed.display_name = "别人".into();
    let mut dead = person(&mother);
    dead.died_on = "2025-01-01".into();
    let all = vec![person(&mother), person(&mother), renamed, dead.clone()];
    let refused = system.import_population(all, vec![]).await;
    let refused = refused.expect_err("three stories");
    let expected = [
        "persons[2].display_name",
        "persons[3].died_on",
        "persons[3].display_name",
    ];
    assert_eq!(fields(&refused), expected);
    let twice = vec![person(&mother); 2];
    let taken = system.import_population(twice, vec![]).await;
    assert_eq!(taken.expect("the same twice"), 1);
    let taken = system.import_population(vec![dead], vec![]).await;
    assert_eq!(taken.expect("a death becomes known"), 1);

    let newborn = pb::PersonRecord {
        identity_number: "U150012345".into(),
        ..person(&mother)
    };
    let boy = pb::PersonRecord {
        sex: pb::Sex::Male.into(),
        ..newborn.clone()
    };
    let taken = system.import_population(vec![newborn], vec![]).await;
    taken.expect("a girl");
    let refused = system.import_population(vec![boy], vec![]).await;
    assert_eq!(fields(&refused.expect_err("now a boy")), ["persons[0].sex"]);
    let there = hukou(&mother, "150203004001", "2012-01-01", "");
    let elsewhere = hukou(&mother, "110105", "2012-01-01", "");
    let refused = system
        .import_population(vec![], vec![there, elsewhere])
        .await;
    assert_eq!(fields(&refused.expect_err("two places")), ["hukou[1]"]);
}

#[tokio::test]
async fn the_dead_bear_marry_and_adopt_nobody() {
    let (system, [mother, father]) = with_couple().await;
    let born = delivery("d1", &mother, &father, &[("U150000001", "2024-06-01")]);
    system.import_births(vec![born]).await.expect("a child");
    let mut dead = person(&mother);
    dead.died_on = "2024-05-01".into();
    let refused = system.import_population(vec![dead.clone()], vec![]).await;
    let refused = refused.expect_err("she was delivered later");
    assert_eq!(fields(&refused), ["persons[0].died_on"]);
    dead.died_on = "2024-06-02".into();
    let taken = system.import_population(vec![dead], vec![]).await;
    taken.expect("she died of it");
    let ask = adoption("U150000001", &mother, "2024-07-01");
    let refused = system.import_civil_affairs(ask).await;
    assert_eq!(
        fields(&refused.expect_err("dead")),
        ["adoptions[0].adopters"]
    );
    let ask = pb::ImportCivilAffairsRequest {
        marriages: vec![marriage(&mother, &father, "2024-07-01", "")],
        ..pb::ImportCivilAffairsRequest::default()
    };
    let refused = system.import_civil_affairs(ask).await;
    assert_eq!(
        fields(&refused.expect_err("dead")),
        ["marriages[0].from_on"]
    );
}

#[tokio::test]
async fn a_mother_aged_eight_is_refused_and_so_are_two_husbands() {
    let (system, [mother, father]) = with_couple().await;
    let girl = number("2016-05-01", 4);
    let other = number("1991-01-01", 3);
    let people = vec![person(&girl), person(&other)];
    system
        .import_population(people, vec![])
        .await
        .expect("taken");
    let born = delivery("d1", &girl, &father, &[("U150000001", "2024-06-01")]);
    let refused = system.import_births(vec![born]).await.expect_err("a child");
    assert_eq!(fields(&refused), ["deliveries[0].mother"]);
    let wedding = |husband: &str, on: &str| pb::ImportCivilAffairsRequest {
        marriages: vec![marriage(&mother, husband, on, "")],
        ..pb::ImportCivilAffairsRequest::default()
    };
    let taken = system.import_civil_affairs(wedding(&father, "2017-05-20"));
    taken.await.expect("the first");
    let refused = system.import_civil_affairs(wedding(&other, "2020-05-20"));
    let refused = refused.await.expect_err("the second");
    assert_eq!(fields(&refused), ["marriages[0].from_on"]);
    let mut widow = person(&father);
    widow.died_on = "2020-05-01".into();
    let taken = system.import_population(vec![widow], vec![]).await;
    taken.expect("the husband dies");
    let taken = system.import_civil_affairs(wedding(&other, "2020-05-20"));
    taken.await.expect("a widow marries");
}

#[tokio::test]
async fn the_day_of_a_move_counts_for_both_places() {
    let (system, [mother, _]) = with_couple().await;
    let moved = vec![
        hukou(&mother, "150203004001", "2012-01-01", "2024-05-01"),
        hukou(&mother, "110105", "2024-05-01", ""),
    ];
    let taken = system.import_population(vec![], moved).await;
    assert_eq!(taken.expect("a hand-over"), 2);
}
