//! "Am I entitled?", asked by anybody.

use time::macros::date;
use tonic::Status;
use yuhui_proto::{
    eligibility::v1::{
        EarlierClaim, FamilySituation, InstitutionSituation, NurserySituation, PreCheckRequest,
        PreCheckResponse,
        family_situation::{Adoption, Child, Delivery, Hukou, Marriage, Person, Stay},
        institution_situation::Group,
    },
    types::v1::{BirthClass, Decision, Programme},
};

use crate::harness::{World, at_fault, on_every_world};

fn hukou(person: &str, division: &str, from_on: &str) -> Hukou {
    Hukou {
        person: person.into(),
        division: division.into(),
        from_on: from_on.into(),
        to_on: String::new(),
    }
}

fn delivery(child: &str, born_on: &str) -> Delivery {
    Delivery {
        mother: "mother".into(),
        father: "father".into(),
        birth_service_registered_on: born_on.into(),
        children: vec![Child {
            label: child.into(),
            born_on: born_on.into(),
            stillborn: false,
        }],
    }
}

/// A couple with a second child of June 2024, all of Kundulun.
pub fn family() -> FamilySituation {
    FamilySituation {
        child: "c2".into(),
        applicant: "mother".into(),
        hukou: vec![
            hukou("mother", "150203", "1995-01-01"),
            hukou("father", "110105", "1994-01-01"),
            hukou("c2", "150203002001", "2024-06-20"),
        ],
        marriages: vec![Marriage {
            spouses: vec!["mother".into(), "father".into()],
            from_on: "2019-05-01".into(),
            to_on: String::new(),
        }],
        deliveries: vec![delivery("c1", "2021-02-03"), delivery("c2", "2024-06-15")],
        ..FamilySituation::default()
    }
}

pub fn about(family: FamilySituation) -> PreCheckRequest {
    PreCheckRequest {
        programme: Programme::P1.into(),
        family: Some(family),
        ..PreCheckRequest::default()
    }
}

async fn ask(world: &World, request: PreCheckRequest) -> Result<PreCheckResponse, Status> {
    let answer = world.anybody().pre_checks().pre_check(request).await?;
    Ok(answer.into_inner())
}

/// Fields at fault when the family is changed so.
async fn faults(world: &World, change: impl FnOnce(&mut FamilySituation)) -> Vec<String> {
    let mut changed = family();
    change(&mut changed);
    at_fault(ask(world, about(changed)).await)
}

fn kinds(told: &PreCheckResponse) -> Vec<&str> {
    told.documents.iter().map(|it| it.kind.as_str()).collect()
}

#[tokio::test]
async fn a_family_is_told_whether_how_much_with_what_where_and_by_when() {
    on_every_world(async |world| {
        let told = ask(&world, about(family())).await.expect("told");
        assert_eq!(told.decision(), Decision::Pay);
        assert_eq!(told.birth_class(), BirthClass::Second);
        assert_eq!((told.amount_fen, told.round), (500_000, 2025));
        assert_eq!(told.payment_month, "2025-10");
        assert_eq!(told.lodging_on, "2025-03-10", "today");
        // 15 June 2025 is a Sunday.
        assert_eq!(told.last_lodging_on, "2025-06-16");
        let place = told.place.clone().expect("a place");
        assert_eq!(
            (place.county.as_str(), &*place.village),
            ("150203", "150203002001")
        );
        assert!(place.office_zh.contains("昆都仑区"), "{}", place.office_zh);
        let brought = kinds(&told);
        assert!(brought.contains(&"MARRIAGE_CERTIFICATE"), "{brought:?}");
        assert!(!brought.contains(&"DIVORCE_PAPERS"), "{brought:?}");
        let form = told.documents.first().expect("the form");
        assert_eq!(
            (form.copies, form.original, &*form.clause),
            (3, false, "三(一)2(2)")
        );
        let card = told.documents.iter().find(|it| it.kind == "IDENTITY_CARD");
        assert!(card.is_some_and(|it| it.original && it.copy && it.register_replaces));
        assert!(
            told.cites.contains(&"一(一)1".to_owned()),
            "{:?}",
            told.cites
        );
        assert!(told.findings.len() > 8);
        let sources = told.findings.iter().flat_map(|it| &it.facts);
        for fact in sources {
            assert!(
                ["DECLARED", "CLAIM", "PACK"].contains(&fact.source.as_str()),
                "{fact:?}"
            );
        }
        assert_eq!(world.registers.known().asked, 0, "no register was asked");
    })
    .await;
}

#[tokio::test]
async fn a_bereaved_or_divorced_family_brings_other_papers() {
    on_every_world(async |world| {
        let mut widowed = family();
        widowed.persons = vec![Person {
            label: "father".into(),
            born_on: "1994-01-01".into(),
            died_on: "2024-12-01".into(),
        }];
        let told = ask(&world, about(widowed)).await.expect("told");
        assert_eq!(told.decision(), Decision::Pay, "{}", told.reason);
        assert!(kinds(&told).contains(&"DEATH_OR_GUARDIANSHIP_CERTIFICATE"));

        let mut divorced = family();
        for marriage in &mut divorced.marriages {
            marriage.to_on = "2024-12-01".into();
        }
        let told = ask(&world, about(divorced)).await.expect("told");
        assert_eq!(told.decision(), Decision::Refer);
        assert_eq!(told.reason, "CUSTODY_UNKNOWN");
        assert!(kinds(&told).contains(&"DIVORCE_PAPERS"));
        assert_eq!(told.payment_month, "");
    })
    .await;
}

#[tokio::test]
async fn who_comes_late_or_to_the_wrong_county_is_told_so() {
    on_every_world(async |world| {
        let late = PreCheckRequest {
            lodging_on: "2025-06-17".into(),
            ..about(family())
        };
        let told = ask(&world, late).await.expect("told");
        assert_eq!(
            (told.decision(), &*told.reason),
            (Decision::Reject, "DEEMED_WAIVED")
        );
        assert_eq!(told.last_lodging_on, "2025-06-16");
        assert!(!told.reason_zh.is_empty() && told.amount_fen == 0);

        let elsewhere = PreCheckRequest {
            county: "150204".into(),
            ..about(family())
        };
        let told = ask(&world, elsewhere).await.expect("told");
        assert_eq!(told.reason, "WRONG_COUNTY");
        assert_eq!(told.place.expect("a place").county, "150203");

        let paid_before = PreCheckRequest {
            earlier_claims: vec![EarlierClaim {
                claimant: "father".into(),
                county: "150203".into(),
                lodged_on: "2025-01-10".into(),
                ..EarlierClaim::default()
            }],
            ..about(family())
        };
        let told = ask(&world, paid_before).await.expect("told");
        assert_eq!(told.reason, "DUPLICATE");
    })
    .await;
}

#[tokio::test]
async fn the_programme_and_year_are_those_of_the_day() {
    on_every_world(async |world| {
        let mut in_nursery = family();
        in_nursery.nurseries = vec![nursery("n1")];
        in_nursery.stays = vec![Stay {
            nursery: "n1".into(),
            from_on: "2024-08-01".into(),
            to_on: "2024-12-31".into(),
            fee_receipts: true,
        }];
        let request = PreCheckRequest {
            programme: Programme::P2.into(),
            ..about(in_nursery)
        };
        let told = ask(&world, request.clone()).await.expect("told");
        assert_eq!((told.decision(), told.amount_fen), (Decision::Pay, 50_000));
        assert_eq!(
            (told.subsidy_year, &*told.last_lodging_on),
            (2024, "2025-03-31")
        );
        assert!(kinds(&told).contains(&"FEE_RECEIPT"));
        // On the first of April the question is about 2025, of which nothing is told.
        world.on(date!(2025 - 04 - 01));
        let told = ask(&world, request).await.expect("told");
        assert_eq!(
            (told.subsidy_year, &*told.reason),
            (2025, "ENROLMENT_TOO_SHORT")
        );

        let request = PreCheckRequest {
            programme: Programme::P3.into(),
            institution: Some(InstitutionSituation {
                nursery: Some(nursery("n1")),
                groups: vec![Group {
                    count: 40,
                    born_on: "2023-05-01".into(),
                    from_on: "2024-03-01".into(),
                    to_on: "2024-12-31".into(),
                    fee_receipts: true,
                }],
                ..InstitutionSituation::default()
            }),
            ..PreCheckRequest::default()
        };
        let told = ask(&world, request).await.expect("told");
        assert_eq!(
            (told.headcount, told.amount_fen),
            (40, 2_400_000),
            "{}",
            told.reason
        );
        // 31 May and 1 and 2 June 2025 are a festival.
        assert_eq!(told.last_lodging_on, "2025-06-03");
        assert!(kinds(&told).contains(&"CORPORATE_ACCOUNT"));
        assert_eq!(told.place.expect("a place").village, "");
    })
    .await;
}

fn nursery(label: &str) -> NurserySituation {
    NurserySituation {
        label: label.into(),
        kindergarten: false,
        county: "150203".into(),
        registered_on: "2022-01-10".into(),
        filed_on: "2022-02-10".into(),
        education_approved_on: String::new(),
        inclusive_recognised_on: "2022-03-10".into(),
    }
}

#[tokio::test]
async fn names_and_numbers_are_refused_and_not_repeated() {
    on_every_world(async |world| {
        let number = "150203199001011239";
        let mut numbered = family();
        numbered.applicant = number.into();
        let refused = ask(&world, about(numbered)).await;
        let status = refused.clone().expect_err("a refusal");
        assert!(!format!("{status:?}").contains(number), "{status:?}");
        assert_eq!(at_fault(refused), ["family.applicant"]);
        assert_eq!(
            faults(&world, |it| it.child = "王小二".into()).await,
            ["family.child"]
        );
        assert_eq!(
            faults(&world, |it| it.hukou[0].division = number.into()).await,
            ["family.hukou[0].division"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_story_that_contradicts_itself_is_refused_where_it_does() {
    on_every_world(async |world| {
        let twice_born = |it: &mut FamilySituation| {
            it.persons.push(Person {
                label: "c2".into(),
                born_on: "2024-06-14".into(),
                died_on: String::new(),
            });
        };
        assert_eq!(
            faults(&world, twice_born).await,
            ["family.deliveries[1].children[0].born_on"]
        );
        assert_eq!(
            faults(&world, |it| it.marriages[0].to_on = "2018-01-01".into()).await,
            ["family.marriages[0].to_on"]
        );
        assert_eq!(
            faults(&world, |it| it.hukou[2].from_on = "2024-06-01".into()).await,
            ["family.hukou[2].from_on"]
        );
        assert_eq!(
            faults(&world, |it| it.hukou.push(hukou(
                "c2",
                "150204",
                "2024-07-01"
            )))
            .await,
            ["family.hukou[3].from_on"]
        );
        assert_eq!(
            faults(&world, |it| it.hukou[0].division = "150299".into()).await,
            ["family.hukou[0].division"]
        );
        assert_eq!(
            faults(&world, |it| it.marriages[0].spouses[1] = "nobody".into()).await,
            ["family.marriages[0].spouses"]
        );
        let bigamy = |it: &mut FamilySituation| {
            it.persons.push(Person {
                label: "other".into(),
                born_on: "1990-01-01".into(),
                died_on: String::new(),
            });
            it.marriages.push(Marriage {
                spouses: vec!["other".into(), "father".into()],
                from_on: "2020-01-01".into(),
                to_on: String::new(),
            });
        };
        assert_eq!(
            faults(&world, bigamy).await,
            ["family.marriages[1].from_on"]
        );
        assert_eq!(
            faults(&world, |it| it.deliveries[1].father = "mother".into()).await,
            ["family.deliveries[1].father"]
        );
        let too_early = |it: &mut FamilySituation| {
            it.adoptions.push(Adoption {
                child: "c1".into(),
                adopters: vec!["mother".into()],
                adopted_on: "2020-01-01".into(),
            });
        };
        assert_eq!(
            faults(&world, too_early).await,
            ["family.adoptions[0].adopted_on"]
        );
        // Several faults are told at once.
        let several = |it: &mut FamilySituation| {
            it.child.clear();
            it.hukou[0].from_on = "1995-02-30".into();
            it.deliveries[0].children.clear();
        };
        assert_eq!(
            faults(&world, several).await,
            [
                "family.child",
                "family.hukou[0].from_on",
                "family.deliveries[0].children"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_question_must_be_one() {
    on_every_world(async |world| {
        let nothing = ask(&world, PreCheckRequest::default()).await;
        assert_eq!(at_fault(nothing), ["programme"]);
        let unknown = PreCheckRequest {
            county: "150299".into(),
            subsidy_year: 12,
            ..about(family())
        };
        assert_eq!(
            at_fault(ask(&world, unknown).await),
            ["county", "subsidy_year"]
        );
        let not_a_family = PreCheckRequest {
            programme: Programme::P3.into(),
            ..about(family())
        };
        assert_eq!(at_fault(ask(&world, not_a_family).await), ["institution"]);
        let unregistered = faults(&world, |it| it.hukou.truncate(2)).await;
        assert_eq!(unregistered, ["county"]);
        let unborn = PreCheckRequest {
            lodging_on: "2024-06-14".into(),
            ..about(family())
        };
        assert_eq!(at_fault(ask(&world, unborn).await), ["lodging_on"]);
        let crowd = PreCheckRequest {
            programme: Programme::P3.into(),
            institution: Some(InstitutionSituation {
                nursery: Some(nursery("n1")),
                groups: vec![Group {
                    count: 2_001,
                    born_on: "2023-05-01".into(),
                    from_on: "2024-03-01".into(),
                    ..Group::default()
                }],
                ..InstitutionSituation::default()
            }),
            ..PreCheckRequest::default()
        };
        assert_eq!(
            at_fault(ask(&world, crowd).await),
            ["institution.groups[0].count"]
        );
    })
    .await;
}

#[tokio::test]
async fn nothing_is_stored() {
    on_every_world(async |world| {
        let before = world.rows().await;
        ask(&world, about(family())).await.expect("told");
        ask(&world, PreCheckRequest::default())
            .await
            .expect_err("refused");
        assert_eq!(world.rows().await, before);
        let case = world
            .family_at(
                &crate::books::Family::of(1),
                yuhui_proto::eligibility::v1::case::State::Lodged,
            )
            .await;
        assert!(world.rows().await > before, "{}", case.name);
    })
    .await;
}
