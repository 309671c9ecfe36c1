//! Whose cases nobody acts on (DYN-3): each relation, both ways, and no further.

use std::collections::BTreeSet;

use time::macros::date;
use tonic::Code;
use yuhui_proto::{
    internal::v1 as internal,
    registry::v1::{self as pb, alias_record::Ground},
};

use crate::harness::{System, alias, delivery, marriage, number, person};

/// Four generations around a claimant, by the words for them.
struct Kin {
    system: System,
    numbers: Vec<(&'static str, String)>,
}

/// Who, born when, and whether a man.
const EVERYBODY: &[(&str, &str, bool)] = &[
    ("claimant", "1980-01-01", true),
    ("spouse", "1980-02-02", false),
    ("former spouse", "1980-03-03", false),
    ("mother", "1955-01-01", false),
    ("father", "1954-01-01", true),
    ("stepfather", "1953-01-01", true),
    ("sister", "1982-01-01", false),
    // The sister's husband.
    ("brother-in-law", "1981-01-01", true),
    ("half-brother", "1985-01-01", true),
    ("mother-in-law", "1956-01-01", false),
    ("father-in-law", "1955-02-02", true),
    // The spouse's sister.
    ("sister-in-law", "1983-01-01", false),
    ("sister-in-law's spouse", "1983-02-02", true),
    ("son", "2003-01-01", true),
    ("daughter-in-law", "2003-02-02", false),
    ("daughter-in-law's mother", "1979-01-01", false),
    ("stepchild", "2001-01-01", false),
    ("adopted child", "2004-01-01", false),
    // Nobody whom the rule names.
    ("grandmother", "1930-01-01", false),
    ("aunt", "1958-01-01", false),
    ("nephew", "2006-01-01", true),
    ("brother-in-law's mother", "1957-01-01", false),
    ("former spouse's mother", "1959-01-01", false),
    ("stranger", "1960-01-01", true),
];
const RELATED: usize = 18;

impl Kin {
    fn of(&self, who: &str) -> &str {
        let known = self.numbers.iter().find(|(name, _)| *name == who);
        &known.expect("somebody").1
    }

    async fn start() -> Self {
        let numbers = EVERYBODY
            .iter()
            .zip(0..)
            .map(|((who, born_on, is_male), place)| {
                (*who, number(born_on, place * 2 + u32::from(*is_male)))
            });
        let kin = Self {
            numbers: numbers.collect(),
            system: System::start().await,
        };
        let persons = kin.numbers.iter().map(|(_, number)| person(number));
        kin.system
            .import_population(persons.collect(), vec![])
            .await
            .expect("persons");
        let born = |name: &str, mother: &str, father: &str, child: &str| {
            let father = if father.is_empty() {
                ""
            } else {
                kin.of(father)
            };
            let on = person(kin.of(child)).born_on;
            delivery(name, kin.of(mother), father, &[(kin.of(child), &on)])
        };
        let births = vec![
            born("d0", "grandmother", "", "mother"),
            born("d1", "grandmother", "", "aunt"),
            born("d2", "mother", "father", "claimant"),
            born("d3", "mother", "father", "sister"),
            born("d4", "mother", "stepfather", "half-brother"),
            born("d5", "mother-in-law", "father-in-law", "spouse"),
            born("d6", "mother-in-law", "father-in-law", "sister-in-law"),
            born("d7", "spouse", "claimant", "son"),
            born("d8", "daughter-in-law's mother", "", "daughter-in-law"),
            born("d9", "spouse", "", "stepchild"),
            born("d10", "sister", "brother-in-law", "nephew"),
            born("d11", "brother-in-law's mother", "", "brother-in-law"),
            born("d12", "former spouse's mother", "", "former spouse"),
        ];
        // One by one: what a register thinks of such deliveries together is not the question here.
        for birth in births {
            kin.system.import_births(vec![birth]).await.expect("birth");
        }
        let couple =
            |one: &str, other: &str| marriage(kin.of(one), kin.of(other), "2025-01-02", "");
        let former = marriage(
            kin.of("claimant"),
            kin.of("former spouse"),
            "2001-01-01",
            "2003-01-01",
        );
        let civil = pb::ImportCivilAffairsRequest {
            marriages: vec![
                former,
                couple("claimant", "spouse"),
                couple("mother", "stepfather"),
                couple("sister", "brother-in-law"),
                couple("sister-in-law", "sister-in-law's spouse"),
                couple("son", "daughter-in-law"),
            ],
            adoptions: vec![pb::AdoptionRecord {
                child: kin.of("adopted child").into(),
                adopters: vec![kin.of("claimant").into()],
                adopted_on: "2010-01-01".into(),
            }],
            ..pb::ImportCivilAffairsRequest::default()
        };
        kin.system.import_civil_affairs(civil).await.expect("civil");
        kin
    }

    async fn relatives(&self, who: &str) -> BTreeSet<&'static str> {
        let found = self.system.relatives(self.of(who)).await;
        let found: BTreeSet<_> = found.expect("relatives").into_iter().collect();
        let known = self.numbers.iter();
        let named = known.filter(|(_, number)| found.contains(&self.system.blind(number)));
        named.map(|(who, _)| *who).collect()
    }
}

#[tokio::test]
async fn every_relation_is_found_from_both_sides() {
    let kin = Kin::start().await;
    let mut expected: BTreeSet<_> = EVERYBODY.iter().take(RELATED).map(|it| it.0).collect();
    expected.remove("former spouse");
    assert_eq!(kin.relatives("claimant").await, expected);
    for (who, ..) in EVERYBODY {
        let found = kin.relatives(who).await.contains("claimant");
        assert_eq!(found, expected.contains(who), "{who}");
    }
}

#[tokio::test]
async fn relations_begin_and_end_with_their_days() {
    let kin = Kin::start().await;
    let claimant = kin.of("claimant");
    let divorced = pb::ImportCivilAffairsRequest {
        marriages: vec![
            marriage(claimant, kin.of("spouse"), "2025-01-02", "2025-03-01"),
            marriage(kin.of("stranger"), kin.of("aunt"), "2025-05-01", ""),
        ],
        ..pb::ImportCivilAffairsRequest::default()
    };
    kin.system
        .import_civil_affairs(divorced)
        .await
        .expect("divorced");
    let related = kin.relatives("claimant").await;
    for gone in ["spouse", "mother-in-law", "sister-in-law", "stepchild"] {
        assert!(!related.contains(gone), "{gone}");
    }
    assert!(related.contains("son") && related.contains("brother-in-law"));
    assert!(!kin.relatives("stranger").await.contains("aunt"));
    kin.system
        .clock
        .set(date!(2025 - 05 - 01))
        .expect("sandbox");
    assert!(kin.relatives("stranger").await.contains("aunt"));

    // Death leaves the widower his family.
    let dead = pb::PersonRecord {
        died_on: "2025-04-01".into(),
        ..person(kin.of("sister"))
    };
    kin.system
        .import_population(vec![dead], vec![])
        .await
        .expect("dead");
    let mut widowed = marriage(kin.of("sister"), kin.of("brother-in-law"), "2025-01-02", "");
    widowed.to_on = "2025-04-01".into();
    widowed.ended_by = pb::marriage_record::Ending::Death.into();
    let dead = pb::ImportCivilAffairsRequest {
        marriages: vec![widowed],
        ..pb::ImportCivilAffairsRequest::default()
    };
    kin.system.import_civil_affairs(dead).await.expect("dead");
    assert!(kin.relatives("brother-in-law").await.contains("claimant"));
}

#[tokio::test]
async fn a_relative_is_one_under_every_number() {
    let kin = Kin::start().await;
    let reissued = number("1955-01-01", 98);
    let joined = alias(&reissued, kin.of("mother"), Ground::Reissue);
    kin.system
        .import_aliases(vec![joined])
        .await
        .expect("reissued");
    assert!(kin.relatives("claimant").await.contains("mother"));
    let found = kin.system.relatives(&reissued).await.expect("relatives");
    for number in [kin.of("claimant"), kin.of("mother"), &reissued] {
        assert!(found.contains(&kin.system.blind(number)));
    }
    let found = kin.system.relatives(kin.of("claimant")).await;
    assert!(
        found
            .expect("relatives")
            .contains(&kin.system.blind(&reissued))
    );
}

#[tokio::test]
async fn only_services_ask_and_strangers_have_themselves() {
    let kin = Kin::start().await;
    let (system, nobody) = (&kin.system, number("1999-09-09", 2));
    let found = system.relatives(&nobody).await.expect("relatives");
    assert_eq!(found, [system.blind(&nobody)]);
    let ask = internal::ListRelativesRequest {
        parent: "counties/150203".into(),
        person_ref: system.blind(&nobody),
    };
    let role = yuhui_proto::authz::v1::Role::CountyHealthReviewer;
    let mut reviewer = system.answers(role, "150203");
    let refused = reviewer.list_relatives(ask).await.expect_err("a person");
    assert_eq!(refused.code(), Code::PermissionDenied);
}
