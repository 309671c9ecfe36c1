//! Commands repeated, commands at once, and registers that do not answer.

use tonic::Code;
use yuhui_proto::{
    eligibility::v1::{self as pb, case::State},
    internal::v1::{RoundFunded, event::Payload},
    types::v1::Programme,
};

use crate::{
    books::Family,
    harness::{PARENT, at_fault, on_every_world, refused},
    walk::act,
};

#[tokio::test]
async fn a_repeated_command_gets_the_first_answer() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let clerk = world.clerk();
        let create = pb::CreateCaseRequest {
            parent: PARENT.into(),
            claim: Some(family.register(&world).claim()),
            request_id: "create".into(),
        };
        let first = clerk
            .cases()
            .create_case(create.clone())
            .await
            .expect("drafted")
            .into_inner();
        let again = clerk
            .cases()
            .create_case(create.clone())
            .await
            .expect("again")
            .into_inner();
        assert_eq!(first, again);
        let other = pb::CreateCaseRequest {
            claim: None,
            ..create
        };
        let answer = clerk.cases().create_case(other).await;
        // A body without a programme is malformed before it is anything else.
        assert_eq!(refused(answer).0, Code::InvalidArgument);

        let name = first.case.expect("it").name;
        let lodge = pb::LodgeCaseRequest {
            name: name.clone(),
            request_id: "lodge".into(),
            ..Default::default()
        };
        let first = clerk
            .cases()
            .lodge_case(lodge.clone())
            .await
            .expect("lodged")
            .into_inner();
        world.bring(&name, Programme::P1, State::TReview).await;
        let asked = world.registers.known().asked;
        world.registers.known().silent = true;
        let again = clerk
            .cases()
            .lodge_case(lodge.clone())
            .await
            .expect("again")
            .into_inner();
        assert_eq!(
            first, again,
            "whatever became of it since, and without the registers"
        );
        assert_eq!(world.registers.known().asked, asked);
        let other = pb::LodgeCaseRequest {
            etag: "r1".into(),
            ..lodge
        };
        let answer = clerk.cases().lodge_case(other).await;
        assert_eq!(
            refused(answer),
            (Code::AlreadyExists, "REQUEST_ID_REUSED".into())
        );
        let nameless = pb::LodgeCaseRequest {
            name,
            ..Default::default()
        };
        assert_eq!(
            at_fault(clerk.cases().lodge_case(nameless).await),
            ["request_id"]
        );
    })
    .await;
}

#[tokio::test]
async fn what_has_changed_meanwhile_is_a_lost_race() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        world
            .report(&world.clerk(), &case.name, true)
            .await
            .expect("reported");
        let (name, etag, clerk) = (case.name.clone(), case.etag.clone(), world.clerk());
        let agree = true;
        let stale = act!(
            world,
            clerk,
            report_case,
            ReportCaseRequest { name, etag, agree }
        );
        assert_eq!(refused(stale), (Code::Aborted, "CHANGED_SINCE_SEEN".into()));
        let (name, etag, head) = (case.name, case.etag, world.head());
        let stale = act!(
            world,
            head,
            sign_case,
            SignCaseRequest { name, etag, agree }
        );
        assert_eq!(refused(stale), (Code::Aborted, "CHANGED_SINCE_SEEN".into()));
    })
    .await;
}

#[tokio::test]
async fn of_two_at_once_one_wins() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CReview).await;
        let (one, other) = (world.maker(), world.maker());
        let ask = |request_id: &str| pb::ReviewCaseRequest {
            name: case.name.clone(),
            etag: case.etag.clone(),
            request_id: request_id.into(),
            ..Default::default()
        };
        let (mut one, mut other) = (one.cases(), other.cases());
        let answers = tokio::join!(one.review_case(ask("1")), other.review_case(ask("2")));
        let answers = [answers.0.map(drop), answers.1.map(drop)];
        let lost: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
        assert_eq!(lost.len(), 1, "{lost:?}");
        assert_eq!(lost[0].code(), Code::Aborted, "{lost:?}");
        assert_eq!(world.look(&case.name).await.state(), State::CNotice);
    })
    .await;
}

#[tokio::test]
async fn a_register_that_does_not_answer_leaves_the_case_where_it_is() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world
            .draft(&world.clerk(), family.register(&world).claim())
            .await;
        let name = case.expect("drafted").name;
        world.registers.known().silent = true;
        let clerk = world.clerk();
        let lodged = act!(
            world,
            clerk,
            lodge_case,
            LodgeCaseRequest { name: name.clone() }
        );
        // Lodging is never kept up; what it is to come to waits.
        let lodged = lodged.expect("lodged");
        assert_eq!(lodged.state(), State::Lodged);
        assert!(!lodged.waiting_for.is_empty());
        world.accept(&clerk, &name).await.expect("originals seen");
        let reported = world.report(&clerk, &name, true).await;
        let waits = (Code::FailedPrecondition, "WAITING_FOR_REGISTER".into());
        assert_eq!(refused(reported), waits);
        assert_eq!(world.look(&name).await.state(), State::VReview);
        world.registers.known().silent = false;
        world.report(&clerk, &name, true).await.expect("reported");
    })
    .await;
}

#[tokio::test]
async fn an_event_has_its_effect_once_and_passes_over_what_it_does_not_fit() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Recorded).await;
        let rosters = vec![case.roster.clone()];
        let funded = world.event(Payload::RoundFunded(RoundFunded {
            round: 2025,
            rosters,
        }));
        for _ in 0..2 {
            world
                .deliver("funding-ledger", funded.clone())
                .await
                .expect("taken");
        }
        let once = world.look(&case.name).await;
        assert_eq!(once.state(), State::Funded);
        world.funded(&case.roster).await;
        assert_eq!(world.look(&case.name).await.etag, once.etag);
        let entries = world.audited().await;
        let told: Vec<_> = entries
            .iter()
            .filter(|it| it.action == "case.fund")
            .collect();
        assert_eq!(told.len(), 2, "what was passed over is on record too");
        assert!(
            told[1]
                .after
                .as_ref()
                .is_some_and(|it| it.contains("FUNDED"))
        );
    })
    .await;
}
