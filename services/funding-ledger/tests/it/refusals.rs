//! Who is refused what, and how.

use futures::future::join_all;
use tonic::Code;
use tonic_types::StatusExt as _;
use yuhui_proto::{
    authz::v1::Role,
    funding::v1::{
        self as pb, funding_service_client::FundingServiceClient,
        ledger_service_client::LedgerServiceClient,
    },
    internal::v1::{RecoveryDecided, event::Payload},
    types::v1::Programme,
};

use crate::harness::{CITY, COUNTY, ROUND, World, case, on_every_world, refused};

pub fn share(amount_fen: i64, request_id: &str) -> pb::ProposeCountyShareRequest {
    pb::ProposeCountyShareRequest {
        parent: COUNTY.into(),
        round: ROUND,
        amount_fen,
        document: "昆财拨〔2025〕9号".into(),
        request_id: request_id.into(),
    }
}

pub async fn recorded(world: &World) {
    world.seal("main", Programme::P1, &[("one", 500_000)]).await;
    world.record("main", 500_000).await;
}

#[tokio::test]
async fn a_share_above_what_is_due_is_refused_with_the_figures() {
    on_every_world(async |world| {
        recorded(&world).await;
        let refusal = world.county_pays(250_001).await.expect_err("too much");
        let info = refusal.get_details_error_info().expect("error info");
        assert_eq!(refusal.code(), Code::FailedPrecondition);
        assert_eq!(info.reason, "ABOVE_SHARE_DUE");
        assert_eq!(info.metadata["available_fen"], "250000");
        assert_eq!(info.metadata["asked_fen"], "250001");
        assert_eq!(info.metadata["clause"], "五(二)1");
        assert!(refusal.message().contains("2,500.00"), "{refusal}");
    })
    .await;
}

#[tokio::test]
async fn what_was_due_when_it_was_proposed_counts_again_when_it_is_approved() {
    on_every_world(async |world| {
        recorded(&world).await;
        let mut names = Vec::new();
        for id in ["a", "b"] {
            let answer = world.maker().propose_county_share(share(250_000, id)).await;
            names.push(
                answer
                    .expect("due")
                    .into_inner()
                    .proposal
                    .expect("one")
                    .name,
            );
        }
        let mut answers = Vec::new();
        for name in names {
            let ask = pb::ApproveCountyShareRequest {
                etag: world.etag(&name).await,
                name,
                request_id: world.fresh(),
            };
            answers.push(world.checker().approve_county_share(ask).await);
        }
        assert!(answers[0].is_ok());
        assert_eq!(
            refused(answers.remove(1)),
            (Code::FailedPrecondition, "ABOVE_SHARE_DUE".into())
        );
    })
    .await;
}

#[tokio::test]
async fn another_county_finds_nothing_and_another_power_is_refused() {
    on_every_world(async |world| {
        recorded(&world).await;
        let other = world.wire("other", Role::CountyFinanceMaker, "150204");
        let mut stranger = FundingServiceClient::new(other);
        let answer = stranger.propose_county_share(share(1, "s")).await;
        assert_eq!(refused(answer), (Code::NotFound, "NOT_FOUND".into()));

        let health = world.wire("health", Role::CountyHealthApprover, "150203");
        let mut health = FundingServiceClient::new(health);
        let answer = health.propose_county_share(share(1, "s")).await;
        assert_eq!(
            refused(answer),
            (Code::PermissionDenied, "PERMISSION_DENIED".into())
        );
        let answer = world.city_maker().propose_county_share(share(1, "s")).await;
        assert_eq!(refused(answer).0, Code::PermissionDenied);

        let county = world.wire("auditor", Role::CountyAuditor, "150203");
        let mut county = LedgerServiceClient::new(county);
        for parent in [CITY, "counties/150204", "counties/-", "150203"] {
            let parent = parent.into();
            let answer = county.verify_book(pb::VerifyBookRequest { parent }).await;
            assert_eq!(refused(answer).0, Code::NotFound);
        }
    })
    .await;
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer_and_another_body_is_refused() {
    on_every_world(async |world| {
        recorded(&world).await;
        let propose = async |fen, id| world.maker().propose_county_share(share(fen, id)).await;
        let first = propose(250_000, "same").await.expect("first").into_inner();
        let again = propose(250_000, "same").await.expect("again").into_inner();
        assert_eq!(first, again);
        assert_eq!(
            refused(propose(240_000, "same").await),
            (Code::AlreadyExists, "REQUEST_ID_REUSED".into())
        );
        let approve = async |id: &str| {
            let ask = pb::ApproveCountyShareRequest {
                name: first.proposal.clone().expect("one").name,
                etag: first.proposal.clone().expect("one").etag,
                request_id: id.into(),
            };
            world.checker().approve_county_share(ask).await
        };
        let first_approval = approve("yes").await.expect("approved").into_inner();
        let again = approve("yes").await.expect("repeated").into_inner();
        assert_eq!(first_approval, again);
        assert_eq!(
            refused(approve("once more").await),
            (Code::FailedPrecondition, "ALREADY_APPROVED".into())
        );
        assert_eq!(world.balances(COUNTY).await["1001"], 250_000);
    })
    .await;
}

#[tokio::test]
async fn who_made_a_proposal_cannot_approve_it() {
    on_every_world(async |world| {
        recorded(&world).await;
        let answer = world
            .maker()
            .propose_county_share(share(250_000, "p"))
            .await;
        let name = answer
            .expect("proposed")
            .into_inner()
            .proposal
            .expect("one")
            .name;
        let wire = world.wire("maker", Role::CountyFinanceApprover, "150203");
        let mut same_hand = FundingServiceClient::new(wire);
        let ask = pb::ApproveCountyShareRequest {
            etag: world.etag(&name).await,
            name,
            request_id: world.fresh(),
        };
        let refusal = same_hand
            .approve_county_share(ask)
            .await
            .expect_err("DYN-1");
        let info = refusal.get_details_error_info().expect("error info");
        assert_eq!(refusal.code(), Code::PermissionDenied);
        assert_eq!(info.metadata["rule"], "DYN-1");
    })
    .await;
}

#[tokio::test]
async fn a_county_cannot_approve_the_share_of_the_city() {
    on_every_world(async |world| {
        recorded(&world).await;
        let ask = pb::ProposeCityShareRequest {
            parent: COUNTY.into(),
            round: ROUND,
            amount_fen: 250_000,
            document: "包财拨〔2025〕3号".into(),
            request_id: world.fresh(),
        };
        let answer = world.city_maker().propose_city_share(ask).await;
        let name = answer
            .expect("proposed")
            .into_inner()
            .proposal
            .expect("one")
            .name;
        let ask = pb::ApproveCountyShareRequest {
            etag: world.etag(&name).await,
            name,
            request_id: world.fresh(),
        };
        let answer = world.checker().approve_county_share(ask).await;
        assert_eq!(refused(answer).0, Code::NotFound);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_approve_at_once_one_posts() {
    on_every_world(async |world| {
        recorded(&world).await;
        let answer = world
            .maker()
            .propose_county_share(share(250_000, "p"))
            .await;
        let name = answer
            .expect("proposed")
            .into_inner()
            .proposal
            .expect("one")
            .name;
        let seen = world.etag(&name).await;
        let approvals = (0..8).map(|_| {
            let (name, etag, request_id) = (name.clone(), seen.clone(), world.fresh());
            let mut checker = world.checker();
            async move {
                let ask = pb::ApproveCountyShareRequest {
                    name,
                    request_id,
                    etag,
                };
                checker.approve_county_share(ask).await
            }
        });
        let answers = join_all(approvals).await;
        assert_eq!(answers.iter().filter(|it| it.is_ok()).count(), 1);
        for answer in answers.into_iter().filter(Result::is_err) {
            let (code, _) = refused(answer);
            assert!(
                matches!(code, Code::FailedPrecondition | Code::Aborted),
                "{code:?}"
            );
        }
        assert_eq!(world.balances(COUNTY).await["1001"], 250_000);
        world.assert_whole().await;
    })
    .await;
}

#[tokio::test]
async fn a_malformed_request_is_told_everything_at_once() {
    on_every_world(async |world| {
        let ask = pb::ProposeAppropriationRequest {
            parent: COUNTY.into(),
            round: 25,
            amount_fen: 0,
            document: " ".into(),
            request_id: "m".into(),
        };
        let refusal = world.maker().propose_appropriation(ask).await;
        let refusal = refusal.expect_err("malformed");
        let details = refusal.get_error_details();
        let fields = &details.bad_request().expect("violations").field_violations;
        let fields: Vec<_> = fields.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(fields, ["round", "amount_fen", "document"]);
    })
    .await;
}

#[tokio::test]
async fn surplus_and_recoveries_are_bounded_by_what_there_is() {
    on_every_world(async |world| {
        world.fund(&[("one", 500_000), ("two", 500_000)]).await;
        let failed = |reason: &str| (Code::FailedPrecondition, reason.to_owned());
        assert_eq!(refused(world.remit().await), failed("NO_SURPLUS"));
        assert_eq!(
            refused(world.recover("one", 1).await),
            failed("NO_RECOVERY")
        );
        world.send(1_000_000, 0, &["one", "two"]).await;
        world
            .settle(&[("one", 500_000, true), ("two", 500_000, true)])
            .await;
        let decided = RecoveryDecided {
            case: case("one"),
            round: ROUND,
            amount_fen: 500_000,
        };
        world.eligibility(Payload::RecoveryDecided(decided)).await;
        assert_eq!(
            refused(world.recover("one", 500_001).await),
            failed("ABOVE_RECOVERY")
        );
        world.recover("one", 300_000).await.expect("in part");

        let ask = pb::ProposeRemittanceRequest {
            parent: COUNTY.into(),
            round: ROUND,
            document: "昆财缴〔2027〕1号".into(),
            request_id: world.fresh(),
        };
        let answer = world
            .maker()
            .propose_remittance(ask)
            .await
            .expect("surplus");
        let proposal = answer.into_inner().proposal.expect("one");
        assert_eq!(proposal.amount_fen, 300_000);
        world.recover("one", 100_000).await.expect("more");
        let ask = pb::ApproveRemittanceRequest {
            name: proposal.name,
            etag: proposal.etag,
            request_id: world.fresh(),
        };
        let answer = world.checker().approve_remittance(ask).await;
        assert_eq!(refused(answer), failed("SURPLUS_CHANGED"));
        // F30: giving money up takes finance and the head of the health office.
        let given_up = world.propose_write_off("one", 100_000).await.expect("one");
        let early = world.approve_write_off(&given_up).await;
        assert_eq!(refused(early), failed("NOT_ENDORSED"));
        let endorsed = world.endorse_write_off(&given_up).await.expect("endorsed");
        assert_eq!(endorsed.endorsed_by, "accounts/health");
        let again = world.endorse_write_off(&given_up).await;
        assert_eq!(refused(again), failed("ALREADY_ENDORSED"));
        world
            .approve_write_off(&given_up)
            .await
            .expect("written off");
        let late = world.endorse_write_off(&given_up).await;
        assert_eq!(refused(late), failed("ALREADY_APPROVED"));
        assert_eq!(
            refused(world.propose_write_off("one", 1).await),
            failed("ABOVE_RECOVERY")
        );
        world.relay().await;
        let settled = world.to_eligibility.heard();
        let Some(Payload::RecoverySettled(settled)) = settled.last() else {
            panic!("{settled:?}");
        };
        assert!(!settled.recovered);
        world.assert_whole().await;
    })
    .await;
}
