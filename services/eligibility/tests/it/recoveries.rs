//! Fraud on one claim, money paid on another (AMB-43).

use time::macros::date;
use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        self as pb, ApproveFraudFindingRequest, ApproveRecoveryRequest, Case, DueRecovery,
        ListDueRecoveriesRequest, ProposeFraudFindingRequest, ProposeRecoveryRequest, case::State,
    },
    internal::v1::event::Payload,
    types::v1::{Decision, Programme},
};

use yuhui_proto::eligibility::v1::PendingProposal;

use crate::{
    books::{self, Family},
    fraud::{establish, propose},
    harness::{CITY, COUNTY, OTHER_COUNTY, Office, PARENT, World, denied, on_every_world, refused},
    policy_packs::{in_force, text},
};

/// The version that recovers everything, in force from tomorrow.
async fn all_paid(world: &World) {
    let toml = text("all-paid", "2025-03-11", 500_000).replace(
        "recovery_scope = \"TAINTED_APPLICATION\"",
        "recovery_scope = \"ALL_PAID\"",
    );
    in_force(world, &toml).await;
    world.on(date!(2025 - 03 - 11));
}

/// The same couple with another second child, as far as the registers know.
fn sibling(world: &World, family: &Family) -> Family {
    let other = Family {
        second: books::number("2024-07-16", 7),
        ..family.clone()
    };
    other.register(world);
    other.amend(world, |facts| {
        let births = facts.deliveries.iter_mut().flat_map(|it| &mut it.children);
        for child in births.filter(|it| it.born_on.starts_with("2024")) {
            child.born_on = "2024-07-16".into();
        }
    });
    other
}

/// Two claims of one mother, both paid.
async fn two_paid(world: &World) -> (Case, Case) {
    let family = Family::of(1);
    let one = world.family_at(&family, State::Confirmed).await;
    let other = sibling(world, &family);
    world.on(date!(2025 - 03 - 12));
    let other = world
        .lodge(&world.clerk(), other.claim())
        .await
        .expect("lodged");
    let other = world
        .bring(&other.name, Programme::P1, State::Confirmed)
        .await;
    let one = world.bring(&one.name, Programme::P1, State::Paid).await;
    let other = world.bring(&other.name, Programme::P1, State::Paid).await;
    world.relay().await;
    world.ledger.heard();
    world.on(date!(2025 - 12 - 01));
    (one, other)
}

async fn due(office: &Office) -> Vec<DueRecovery> {
    let ask = ListDueRecoveriesRequest {
        parent: PARENT.into(),
        ..ListDueRecoveriesRequest::default()
    };
    let answer = office.recoveries().list_due_recoveries(ask).await;
    answer.expect("listed").into_inner().recoveries
}

async fn propose_recovery(world: &World, office: &Office, name: &str) -> Result<Case, Status> {
    let ask = ProposeRecoveryRequest {
        name: name.into(),
        note: "听取陈述申辩后认定".into(),
        request_id: world.fresh(),
        ..ProposeRecoveryRequest::default()
    };
    let answer = office.recoveries().propose_recovery(ask).await?;
    Ok(answer.into_inner().case.expect("a case"))
}

async fn approve_recovery(world: &World, office: &Office, name: &str) -> Result<Case, Status> {
    let ask = ApproveRecoveryRequest {
        name: name.into(),
        etag: world.etag(name).await,
        request_id: world.fresh(),
    };
    let answer = office.recoveries().approve_recovery(ask).await?;
    Ok(answer.into_inner().case.expect("a case"))
}

/// Fraud of the mother, established in another county on a claim lodged there.
async fn found_elsewhere(world: &World, family: &Family) {
    let third = Family {
        second: books::number("2025-06-16", 7),
        ..family.clone()
    };
    third.register_in(world, OTHER_COUNTY);
    let village = format!("{OTHER_COUNTY}001001");
    let claim = pb::Claim {
        village: village.clone(),
        ..third.claim()
    };
    let clerk = world.at(Role::VillageClerk, &village);
    let draft = world
        .draft_in(&format!("counties/{OTHER_COUNTY}"), &clerk, Some(claim))
        .await
        .expect("drafted");
    let ask = pb::LodgeCaseRequest {
        name: draft.name.clone(),
        request_id: world.fresh(),
        ..pb::LodgeCaseRequest::default()
    };
    clerk.cases().lodge_case(ask).await.expect("lodged");
    let ask = ProposeFraudFindingRequest {
        name: draft.name.clone(),
        note: "听证后认定伪造材料".into(),
        request_id: world.fresh(),
        ..ProposeFraudFindingRequest::default()
    };
    let maker = world.at(Role::CountyHealthReviewer, OTHER_COUNTY);
    maker
        .cases()
        .propose_fraud_finding(ask)
        .await
        .expect("proposed");
    let ask = ApproveFraudFindingRequest {
        etag: world.etag(&draft.name).await,
        name: draft.name,
        request_id: world.fresh(),
    };
    let checker = world.at(Role::CountyHealthApprover, OTHER_COUNTY);
    checker
        .cases()
        .approve_fraud_finding(ask)
        .await
        .expect("established");
}

#[tokio::test]
async fn one_finding_recovers_everything_the_county_paid() {
    on_every_world(async |world| {
        all_paid(&world).await;
        let (tainted, other) = two_paid(&world).await;
        let found = establish(&world, &tainted.name).await;
        assert_eq!(found.state(), State::Recovering);
        assert_eq!(found.determination.expect("it").reason, "FRAUD");
        let other = world.look(&other.name).await;
        assert_eq!(other.state(), State::Recovering);
        let told = other.determination.clone().expect("it");
        assert_eq!(
            (told.decision(), told.reason.as_str(), told.clawback_fen),
            (Decision::Clawback, "FRAUD_CANCELLED", 500_000)
        );
        // Each has a demand of its own, and an entry of its own in a whole chain.
        let mut demanded: Vec<_> = world
            .to_ledger()
            .await
            .into_iter()
            .filter_map(|it| match it {
                Payload::RecoveryDecided(it) => Some((it.case, it.amount_fen)),
                _ => None,
            })
            .collect();
        demanded.sort();
        let mut expected = vec![
            (tainted.name.clone(), 500_000),
            (other.name.clone(), 500_000),
        ];
        expected.sort();
        assert_eq!(demanded, expected);
        let audited = world.audited().await;
        let entry = audited
            .iter()
            .find(|it| it.object == other.name && it.action == "case.recover");
        assert!(entry.is_some(), "the other case has its entry");
        // What it rests on is replayed.
        let ask = pb::GetDeterminationRequest {
            name: other.name.clone(),
        };
        let shown = world.maker().cases().get_determination(ask).await;
        let shown = shown.expect("replayed").into_inner();
        assert!(shown.letter.contains("追回"), "{}", shown.letter);
        // Nothing is left to find or recover.
        assert!(due(&world.maker()).await.is_empty());
        assert_eq!(refused(propose(&world, &other.name).await).1, "WRONG_STATE");
    })
    .await;
}

#[tokio::test]
async fn by_default_untainted_payments_stay() {
    on_every_world(async |world| {
        let (tainted, other) = two_paid(&world).await;
        establish(&world, &tainted.name).await;
        assert_eq!(world.look(&other.name).await.state(), State::Paid);
        assert!(due(&world.maker()).await.is_empty());
        let answer = propose_recovery(&world, &world.maker(), &other.name).await;
        assert_eq!(
            refused(answer),
            (Code::FailedPrecondition, "RULES_DISAGREE".into())
        );
    })
    .await;
}

#[tokio::test]
async fn what_another_county_paid_two_persons_there_recover() {
    on_every_world(async |world| {
        all_paid(&world).await;
        let family = Family::of(1);
        let paid = world.family_at(&family, State::Paid).await;
        world.relay().await;
        world.ledger.heard();
        world.on(date!(2025 - 12 - 01));
        let early = propose_recovery(&world, &world.maker(), &paid.name).await;
        assert_eq!(refused(early).1, "RULES_DISAGREE");
        found_elsewhere(&world, &family).await;
        assert_eq!(
            world.look(&paid.name).await.state(),
            State::Paid,
            "nobody acts on another county's case"
        );

        let city = world.at(Role::CityAuditor, CITY);
        for office in [world.maker(), world.inspector(), city] {
            let [it] = &due(&office).await[..] else {
                panic!("one recovery is due");
            };
            assert_eq!((it.case.as_str(), it.paid_fen), (&*paid.name, 500_000));
            assert_eq!(
                (&*it.finding_county, &*it.found_on),
                (OTHER_COUNTY, "2025-12-01")
            );
            assert!(!it.proposed);
        }
        // Not the county of the finding, not one person, not the city.
        let stranger = world.at(Role::CountyHealthReviewer, OTHER_COUNTY);
        let answer = propose_recovery(&world, &stranger, &paid.name).await;
        assert_eq!(answer.expect_err("another county's").code(), Code::NotFound);
        let recorder = world.recorder();
        let answer = propose_recovery(&world, &recorder, &paid.name).await;
        assert_eq!(answer.expect_err("the city").code(), Code::PermissionDenied);
        let one = world.known_as(
            Role::CountyHealthReviewer,
            COUNTY,
            "maker",
            Some("one-person"),
        );
        let same = world.known_as(
            Role::CountyHealthApprover,
            COUNTY,
            "checker",
            Some("one-person"),
        );
        let none = approve_recovery(&world, &same, &paid.name).await;
        assert_eq!(refused(none).1, "NO_PROPOSAL");
        let proposed = propose_recovery(&world, &one, &paid.name)
            .await
            .expect("proposed");
        assert_eq!(
            (proposed.state(), proposed.pending_proposal()),
            (State::Paid, PendingProposal::Recovery)
        );
        assert!(due(&world.maker()).await.iter().all(|it| it.proposed));
        assert_eq!(
            denied(approve_recovery(&world, &same, &paid.name).await),
            "DYN-1"
        );

        let recovering = approve_recovery(&world, &world.checker(), &paid.name).await;
        let recovering = recovering.expect("approved");
        assert_eq!(recovering.state(), State::Recovering);
        let told = recovering.determination.expect("it");
        assert_eq!(
            (told.decision(), told.reason.as_str(), told.clawback_fen),
            (Decision::Clawback, "FRAUD_CANCELLED", 500_000)
        );
        let ledger = world.to_ledger().await;
        assert!(
            matches!(&ledger[..], [Payload::RecoveryDecided(it)] if it.case == paid.name),
            "{ledger:?}"
        );
        assert!(due(&world.maker()).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_was_recovered_and_archived_is_not_demanded_again() {
    on_every_world(async |world| {
        let paid = world.family_at(&Family::of(1), State::Paid).await;
        world.on(date!(2025 - 12 - 01));
        establish(&world, &paid.name).await;
        let settled = yuhui_proto::internal::v1::RecoverySettled {
            case: paid.name.clone(),
            recovered: true,
        };
        world.ledger_says(Payload::RecoverySettled(settled)).await;
        let ask = pb::CloseCaseRequest {
            name: paid.name.clone(),
            request_id: world.fresh(),
            ..pb::CloseCaseRequest::default()
        };
        world
            .maker()
            .cases()
            .close_case(ask)
            .await
            .expect("archived");
        assert_eq!(refused(propose(&world, &paid.name).await).1, "WRONG_STATE");
    })
    .await;
}
