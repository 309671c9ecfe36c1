//! What belongs to a family's facts, and what is known by when.

use std::collections::BTreeSet;

use time::macros::date;
use yuhui_proto::registry::v1 as pb;

use crate::harness::{System, delivery, hukou, marriage, number, person};

/// Mother, father, the father's former wife; two common children (the second
/// is the claim's), the father's earlier child, all of Kundulun.
struct Family {
    mother: String,
    father: String,
    former: String,
    c1: String,
    c2: String,
    half: String,
}

async fn settle(system: &System) -> Family {
    let it = Family {
        mother: number("1992-03-08", 2),
        father: number("1990-11-02", 1),
        former: number("1991-02-03", 4),
        c1: number("2020-06-06", 6),
        c2: number("2024-06-06", 8),
        half: number("2014-04-04", 3),
    };
    let everybody = [&it.mother, &it.father, &it.former, &it.c1, &it.c2, &it.half];
    let persons = everybody.map(|number| person(number)).to_vec();
    let residents = [&it.mother, &it.father, &it.c2, &it.c1];
    let hukou = residents.map(|number| {
        let from_on = person(number).born_on;
        hukou(number, "150203004001", &from_on, "")
    });
    system
        .import_population(persons, hukou.to_vec())
        .await
        .expect("population");
    let births = vec![
        delivery("d0", &it.former, &it.father, &[(&it.half, "2014-04-04")]),
        delivery("d1", &it.mother, &it.father, &[(&it.c1, "2020-06-06")]),
        delivery("d2", &it.mother, &it.father, &[(&it.c2, "2024-06-06")]),
    ];
    system.import_births(births).await.expect("births");
    let custody = [&it.c1, &it.c2, &it.half].map(|child| pb::CustodyRecord {
        child: child.clone(),
        holders: vec![it.father.clone(), it.mother.clone()],
        actual_carers: vec![it.mother.clone()],
        from_on: "2025-02-01".into(),
        to_on: String::new(),
        basis: "DIVORCE_AGREEMENT".into(),
    });
    let civil = pb::ImportCivilAffairsRequest {
        marriages: vec![
            marriage(&it.father, &it.former, "2013-01-01", "2015-01-01"),
            marriage(&it.mother, &it.father, "2017-05-20", "2025-02-01"),
        ],
        custody: custody.to_vec(),
        ..pb::ImportCivilAffairsRequest::default()
    };
    system
        .import_civil_affairs(civil)
        .await
        .expect("civil affairs");
    it
}

#[tokio::test]
async fn the_facts_of_a_family_are_whole_and_name_nobody() {
    let system = System::start().await;
    let it = settle(&system).await;
    let facts = system.gather(&it.c2, &it.mother).await.expect("facts");

    let numbers: Vec<_> = facts
        .deliveries
        .iter()
        .map(|it| it.delivery.as_str())
        .collect();
    assert_eq!(numbers, ["d0", "d1", "d2"]);
    assert_eq!(facts.marriages.len(), 2);
    let of = |number: &String| system.blind(number);
    let custody: BTreeSet<_> = facts.custody.iter().map(|it| it.child.clone()).collect();
    assert_eq!(custody, BTreeSet::from([of(&it.c1), of(&it.c2)]));
    let hukou: BTreeSet<_> = facts.hukou.iter().map(|it| it.person.clone()).collect();
    assert_eq!(
        hukou,
        BTreeSet::from([of(&it.mother), of(&it.father), of(&it.c2)])
    );
    let everybody = [&it.mother, &it.father, &it.former, &it.c1, &it.c2, &it.half];
    let persons: BTreeSet<_> = facts
        .persons
        .iter()
        .map(|it| it.identity_number.clone())
        .collect();
    assert_eq!(persons, everybody.map(of).into());
    assert!(facts.persons.iter().all(|it| it.display_name.is_empty()));
    let told = format!("{facts:?}");
    assert!(everybody.iter().all(|number| !told.contains(*number)));
}

#[tokio::test]
async fn what_begins_later_is_not_known_and_what_ends_later_is_open() {
    let system = System::start().await;
    let it = settle(&system).await;
    system.clock.set(date!(2025 - 01 - 31)).expect("sandbox");
    let facts = system.gather(&it.c2, &it.mother).await.expect("facts");
    assert!(facts.custody.is_empty());
    let lasts = |facts: &pb::FamilyFacts| {
        facts
            .marriages
            .iter()
            .filter(|it| it.to_on.is_empty())
            .count()
    };
    assert_eq!(lasts(&facts), 1);

    system.clock.set(date!(2025 - 02 - 01)).expect("sandbox");
    let facts = system.gather(&it.c2, &it.mother).await.expect("facts");
    assert_eq!(facts.custody.len(), 2);
    let ended: Vec<_> = facts.marriages.iter().map(|it| it.to_on.as_str()).collect();
    assert!(ended.contains(&"2025-02-01"));

    system.clock.set(date!(2024 - 06 - 05)).expect("sandbox");
    let facts = system.gather(&it.c2, &it.mother).await.expect("facts");
    assert!(facts.deliveries.is_empty() && facts.marriages.is_empty());
    assert_eq!(facts.persons.len(), 1, "only the claimant is born");
}

#[tokio::test]
async fn deaths_registrations_and_moves_are_known_from_their_day() {
    let system = System::start().await;
    let it = settle(&system).await;
    let dead = pb::PersonRecord {
        died_on: "2025-05-05".into(),
        ..person(&it.father)
    };
    let moves = vec![
        hukou(&it.mother, "150203004001", "1992-03-08", "2025-05-04"),
        hukou(&it.mother, "110105", "2025-05-05", ""),
    ];
    system.clock.set(date!(2025 - 05 - 05)).expect("sandbox");
    system
        .import_population(vec![dead], moves)
        .await
        .expect("population");
    let mut registered = delivery("d2", &it.mother, &it.father, &[(&it.c2, "2024-06-06")]);
    registered.birth_service_registered_on = "2025-05-05".into();
    system
        .import_births(vec![registered])
        .await
        .expect("births");

    let told = async || {
        let facts = system.gather(&it.c2, &it.mother).await.expect("facts");
        let father = system.blind(&it.father);
        let father = facts.persons.iter().find(|it| it.identity_number == father);
        let mother = system.blind(&it.mother);
        let hukou = facts.hukou.iter().filter(|it| it.person == mother);
        let ends: Vec<_> = hukou.map(|it| it.to_on.clone()).collect();
        let delivery = facts.deliveries.last().expect("d2");
        (
            father.expect("known").died_on.clone(),
            delivery.birth_service_registered_on.clone(),
            ends,
        )
    };
    system.clock.set(date!(2025 - 05 - 03)).expect("sandbox");
    assert_eq!(
        told().await,
        (String::new(), String::new(), vec![String::new()])
    );
    system.clock.set(date!(2025 - 05 - 05)).expect("sandbox");
    let day = "2025-05-05".to_owned();
    let ends = vec!["2025-05-04".to_owned(), String::new()];
    assert_eq!(told().await, (day.clone(), day, ends));
}

#[tokio::test]
async fn an_adopted_child_has_its_adopters_and_its_parents() {
    let system = System::start().await;
    let it = settle(&system).await;
    let [bearer, adopted, foundling] = [
        number("2000-01-01", 2),
        number("2024-07-07", 2),
        number("2023-08-08", 4),
    ];
    let persons = [&bearer, &adopted, &foundling]
        .map(|it| person(it))
        .to_vec();
    system
        .import_population(persons, vec![])
        .await
        .expect("population");
    let births = vec![delivery("dx", &bearer, "", &[(&adopted, "2024-07-07")])];
    system.import_births(births).await.expect("births");
    let adoption = |child: &String| pb::AdoptionRecord {
        child: child.clone(),
        adopters: vec![it.mother.clone(), it.father.clone()],
        adopted_on: "2024-12-01".into(),
    };
    let civil = pb::ImportCivilAffairsRequest {
        adoptions: vec![adoption(&adopted), adoption(&foundling)],
        ..pb::ImportCivilAffairsRequest::default()
    };
    system
        .import_civil_affairs(civil)
        .await
        .expect("civil affairs");

    let facts = system.gather(&adopted, &it.mother).await.expect("facts");
    let numbers: Vec<_> = facts
        .deliveries
        .iter()
        .map(|it| it.delivery.as_str())
        .collect();
    assert_eq!(numbers, ["d0", "d1", "d2", "dx"]);
    assert_eq!((facts.adoptions.len(), facts.marriages.len()), (2, 2));

    let facts = system.gather(&foundling, &it.mother).await.expect("facts");
    let numbers: Vec<_> = facts
        .deliveries
        .iter()
        .map(|it| it.delivery.as_str())
        .collect();
    assert_eq!(
        numbers,
        ["d0", "d1", "d2"],
        "no birth is known, the adopters' are"
    );

    // The couple's own child: the family includes whom it took in.
    let facts = system.gather(&it.c2, &it.mother).await.expect("facts");
    assert_eq!(facts.adoptions.len(), 2);
}

#[tokio::test]
async fn a_guardian_is_told_with_the_child() {
    let system = System::start().await;
    let it = settle(&system).await;
    let aunt = number("1985-05-05", 2);
    let home = vec![hukou(&aunt, "110105", "2000-01-01", "")];
    system
        .import_population(vec![person(&aunt)], home)
        .await
        .expect("population");
    let civil = pb::ImportCivilAffairsRequest {
        guardianships: vec![pb::GuardianshipRecord {
            child: it.c2.clone(),
            guardian: aunt.clone(),
            from_on: "2025-01-01".into(),
            to_on: String::new(),
        }],
        ..pb::ImportCivilAffairsRequest::default()
    };
    system
        .import_civil_affairs(civil)
        .await
        .expect("civil affairs");
    let facts = system.gather(&it.c2, &aunt).await.expect("facts");
    assert_eq!(facts.guardianships[0].guardian, system.blind(&aunt));
    assert!(facts.hukou.iter().any(|it| it.division == "110105"));
}
