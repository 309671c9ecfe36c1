//! Known, absent or unknown: registers that do not answer, are behind their time, or do not reach
//! everywhere.

use tonic::Code;
use yuhui_platform::refusal::reason_of;
use yuhui_proto::{
    authz::v1::Role,
    internal::v1 as internal,
    registry::v1::{
        self as pb, FactKind, Register, register_answer::Answer,
        register_answer::unavailable::Cause,
    },
};

use crate::harness::{
    CASE, COUNTY, OTHER, System, delivery, fields, fresh, hukou, marriage, number, person,
};

const REGISTERS: [(Register, Role); 3] = [
    (Register::PublicSecurity, Role::PublicSecurityLiaison),
    (Register::CivilAffairs, Role::CivilAffairsLiaison),
    (Register::Maternity, Role::MaternityLiaison),
];

struct Family {
    mother: String,
    father: String,
    child: String,
}

/// A married couple with one child, all of it in the registers.
async fn settle(system: &System) -> Family {
    let (mother, father) = (number("1992-03-08", 2), number("1990-11-02", 1));
    let child = number("2024-06-06", 8);
    let persons = [&mother, &father, &child].map(|it| person(it));
    let homes = [
        (&mother, "2012-01-01"),
        (&father, "2012-01-01"),
        (&child, "2024-06-06"),
    ];
    let homes = homes.map(|(who, from)| hukou(who, "150203004001", from, ""));
    let written = system.import_population(persons.into(), homes.into()).await;
    written.expect("population");
    let birth = delivery("d1", &mother, &father, &[(&child, "2024-06-06")]);
    system.import_births(vec![birth]).await.expect("births");
    let wedding = pb::ImportCivilAffairsRequest {
        marriages: vec![marriage(&mother, &father, "2017-05-20", "")],
        ..pb::ImportCivilAffairsRequest::default()
    };
    system.import_civil_affairs(wedding).await.expect("wedding");
    Family {
        mother,
        father,
        child,
    }
}

fn silent(register: Register) -> pb::RegisterState {
    pb::RegisterState {
        register: register.into(),
        unavailable: true,
        reason: "系统维护".into(),
        ..pb::RegisterState::default()
    }
}

fn answers(register: Register) -> pb::RegisterState {
    pb::RegisterState {
        register: register.into(),
        ..pb::RegisterState::default()
    }
}

async fn gather(system: &System, family: &Family) -> internal::GatherFamilyFactsResponse {
    let ask = internal::GatherFamilyFactsRequest {
        case: CASE.into(),
        child_ref: system.blind(&family.child),
        claimant_ref: system.blind(&family.mother),
        stated_names: vec![pb::StatedName {
            person_ref: system.blind(&family.mother),
            display_name: "某某".into(),
        }],
    };
    let answer = system.eligibility(COUNTY).gather_family_facts(ask).await;
    answer.expect("an answer").into_inner()
}

/// What is said of one fact of one person.
fn said<'a>(facts: &'a pb::FamilyFacts, fact: FactKind, subject: &str) -> Vec<&'a Answer> {
    let own = facts.told.iter();
    own.filter(|it| it.fact() == fact && it.subject_ref == subject)
        .map(|it| it.answer.as_ref().expect("an answer"))
        .collect()
}

fn cause(answer: &Answer) -> Option<Cause> {
    match answer {
        Answer::Unavailable(it) => Some(it.cause()),
        _ => None,
    }
}

#[tokio::test]
async fn what_is_known_and_what_is_absent_are_told_apart() {
    let system = System::start().await;
    let family = settle(&system).await;
    let facts = gather(&system, &family).await.facts.expect("facts");
    let [mother, child] = [&family.mother, &family.child].map(|it| system.blind(it));
    for (fact, subject) in [
        (FactKind::Hukou, &child),
        (FactKind::Marriage, &mother),
        (FactKind::Birth, &child),
    ] {
        let told = said(&facts, fact, subject);
        assert!(matches!(told[..], [Answer::Known(_)]), "{fact:?}: {told:?}");
    }
    for (fact, subject) in [
        (FactKind::Death, &mother),
        (FactKind::Adoption, &child),
        (FactKind::Custody, &child),
        (FactKind::Siblings, &child),
        (FactKind::BirthService, &child),
    ] {
        let told = said(&facts, fact, subject);
        assert!(
            matches!(told[..], [Answer::Absent(_)]),
            "{fact:?}: {told:?}"
        );
    }
}

#[tokio::test]
async fn a_register_that_does_not_answer_tells_nothing_and_leaves_open_what_it_was_asked() {
    let system = System::start().await;
    let family = settle(&system).await;
    let [mother, father, child] =
        [&family.mother, &family.father, &family.child].map(|it| system.blind(it));
    gather(&system, &family).await;
    for (register, liaison) in REGISTERS {
        system
            .set_state(liaison, silent(register))
            .await
            .expect("set");
        let reply = gather(&system, &family).await;
        let facts = reply.facts.expect("facts");
        let open = |fact, subject: &str| {
            let told = said(&facts, fact, subject);
            assert!(
                matches!(told[..], [it] if cause(it) == Some(Cause::Silent)),
                "{fact:?}: {told:?}"
            );
        };
        match register {
            Register::PublicSecurity => {
                assert!(facts.hukou.is_empty() && facts.persons.is_empty());
                for who in [&mother, &father, &child] {
                    open(FactKind::Hukou, who);
                    open(FactKind::Death, who);
                }
                open(FactKind::Alias, &child);
                assert_eq!(facts.names[0].answer(), pb::NameAnswer::Unavailable);
                assert!(!facts.marriages.is_empty() && !facts.deliveries.is_empty());
            }
            Register::CivilAffairs => {
                assert!(facts.marriages.is_empty());
                open(FactKind::Marriage, &mother);
                open(FactKind::Marriage, &father);
                for fact in [
                    FactKind::Adoption,
                    FactKind::Custody,
                    FactKind::Guardianship,
                ] {
                    open(fact, &child);
                }
                assert_eq!(facts.hukou.len(), 3);
            }
            _ => {
                assert!(facts.deliveries.is_empty());
                for fact in [FactKind::Birth, FactKind::Siblings, FactKind::BirthService] {
                    open(fact, &child);
                }
                // Whom only maternity would name nobody is asked about.
                assert!(facts.marriages.is_empty());
                assert!(said(&facts, FactKind::Hukou, &father).is_empty());
                assert_eq!(facts.hukou.len(), 2, "child and claimant");
            }
        }
        let answered: Vec<_> = facts.answers.iter().map(pb::Answer::register).collect();
        assert!(!answered.contains(&register) && answered.len() == 2);
        let [last] = &reply.last_known[..] else {
            panic!("one register is silent: {:?}", reply.last_known)
        };
        assert_eq!(
            (last.register(), &*last.answered_on),
            (register, "2025-03-31")
        );
        system
            .set_state(liaison, answers(register))
            .await
            .expect("set");
    }
    let reply = gather(&system, &family).await;
    assert!(reply.last_known.is_empty());
    let open = |it: &&pb::RegisterAnswer| matches!(it.answer, Some(Answer::Unavailable(_)));
    assert_eq!(
        reply.facts.expect("facts").told.iter().filter(open).count(),
        0
    );
}

#[tokio::test]
async fn another_county_is_answered_all_the_same() {
    let system = System::start().await;
    let family = settle(&system).await;
    let civil = Register::CivilAffairs;
    let set = system
        .set_state(Role::CivilAffairsLiaison, silent(civil))
        .await;
    set.expect("set");
    let ask = internal::GatherFamilyFactsRequest {
        case: CASE.replace(COUNTY, OTHER),
        child_ref: system.blind(&family.child),
        claimant_ref: system.blind(&family.mother),
        stated_names: Vec::new(),
    };
    let answer = system.eligibility(OTHER).gather_family_facts(ask).await;
    let facts = answer
        .expect("an answer")
        .into_inner()
        .facts
        .expect("facts");
    assert_eq!(facts.marriages.len(), 1);
}

#[tokio::test]
async fn a_register_behind_its_time_knows_nothing_of_later_days() {
    let system = System::start().await;
    let family = settle(&system).await;
    let behind = pb::RegisterState {
        as_of_on: "2024-12-31".into(),
        ..answers(Register::PublicSecurity)
    };
    let set = system.set_state(Role::PublicSecurityLiaison, behind).await;
    assert_eq!(set.expect("set").as_of_on, "2024-12-31");
    let moved = vec![hukou(
        &family.child,
        "150203004001",
        "2024-06-06",
        "2025-02-01",
    )];
    let facts = gather(&system, &family).await.facts.expect("facts");
    let child = system.blind(&family.child);
    let told = said(&facts, FactKind::Hukou, &child);
    let Some(Answer::Unavailable(gap)) = told.first() else {
        panic!("{told:?}")
    };
    assert_eq!((gap.cause(), &*gap.from_on), (Cause::Stale, "2025-01-01"));
    assert_eq!(facts.hukou.len(), 3, "what it knows it tells");
    assert_eq!(facts.answers[0].as_of_on, "2024-12-31");
    // An import brings it up to date.
    system
        .import_population(vec![], moved)
        .await
        .expect("moved");
    let facts = gather(&system, &family).await.facts.expect("facts");
    let told = said(&facts, FactKind::Hukou, &child);
    assert!(matches!(told[..], [Answer::Known(_)]), "{told:?}");
    assert_eq!(facts.answers[0].as_of_on, "2025-03-31");
}

#[tokio::test]
async fn where_a_register_does_not_reach_an_absence_is_no_answer() {
    let system = System::start().await;
    let family = settle(&system).await;
    let partial = pb::RegisterState {
        partial: vec![FactKind::Marriage.into()],
        ..answers(Register::CivilAffairs)
    };
    let set = system.set_state(Role::CivilAffairsLiaison, partial).await;
    set.expect("set");
    let facts = gather(&system, &family).await.facts.expect("facts");
    let [mother, child] = [&family.mother, &family.child].map(|it| system.blind(it));
    let told = said(&facts, FactKind::Marriage, &mother);
    assert_eq!(told.len(), 1);
    assert_eq!(cause(told[0]), Some(Cause::OutOfCoverage));
    assert_eq!(facts.marriages.len(), 1, "what it knows it tells");
    let told = said(&facts, FactKind::Adoption, &child);
    assert!(matches!(told[..], [Answer::Absent(_)]));
}

#[tokio::test]
async fn each_department_says_so_of_its_own_register_with_reasons_on_record() {
    let system = System::start().await;
    let other = system
        .set_state(Role::MaternityLiaison, silent(Register::CivilAffairs))
        .await;
    let status = other.expect_err("another's register");
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(reason_of(&status).as_deref(), Some("SEPARATION_OF_DUTIES"));
    let clerk = system
        .set_state(Role::VillageClerk, silent(Register::CivilAffairs))
        .await;
    assert_eq!(clerk.expect_err("a clerk").code(), Code::PermissionDenied);

    let liaison = Role::CivilAffairsLiaison;
    let wrong = pb::RegisterState {
        reason: " ".into(),
        as_of_on: "2025-04-01".into(),
        partial: vec![FactKind::Hukou.into()],
        ..silent(Register::CivilAffairs)
    };
    let status = system.set_state(liaison, wrong).await.expect_err("wrong");
    let at_fault = fields(&status);
    for field in ["state.reason", "state.as_of_on", "state.partial[0]"] {
        assert!(
            at_fault.iter().any(|it| it == field),
            "{field}: {at_fault:?}"
        );
    }
    let unnamed = system
        .set_state(liaison, pb::RegisterState::default())
        .await;
    assert_eq!(
        fields(&unnamed.expect_err("no register")),
        ["state.register"]
    );

    let set = system
        .set_state(liaison, silent(Register::CivilAffairs))
        .await;
    let set = set.expect("set");
    assert_eq!((&*set.since_on, &*set.reason), ("2025-03-31", "系统维护"));
    let listed = system.states(Role::VillageClerk, "150203004001").await;
    let standing: Vec<_> = listed
        .iter()
        .map(|it| (it.register(), it.unavailable))
        .collect();
    assert_eq!(
        standing,
        [
            (Register::PublicSecurity, false),
            (Register::CivilAffairs, true),
            (Register::Maternity, false),
        ]
    );
    let entries = system.audited("registry.set_state").await;
    assert_eq!(entries, 1, "on record, once");

    // The same command again is the same answer; one that goes on being silent has been so since.
    let ask = |id: &str| pb::SetRegisterStateRequest {
        state: Some(silent(Register::CivilAffairs)),
        request_id: id.into(),
    };
    let id = fresh();
    for _ in 0..2 {
        let answer = system.standing(liaison).set_register_state(ask(&id)).await;
        assert!(answer.is_ok());
    }
    assert_eq!(system.audited("registry.set_state").await, 2);
}
