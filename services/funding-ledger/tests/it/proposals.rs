//! Nobody approves what he cannot see, and whoever may approve may decline.

use std::slice;

use futures::join;
use tonic::{Code, Status};
use yuhui_proto::{
    funding::v1::{self as pb, proposal::State},
    internal::v1::{RecoveryDecided, event::Payload},
};

use crate::{
    harness::{COUNTY, ROUND, World, case, on_every_world, refused},
    refusals::{recorded, share},
};

impl World {
    /// The etag of a proposal, as whoever acts on it reads it.
    pub async fn etag(&self, name: &str) -> String {
        let ask = pb::GetProposalRequest { name: name.into() };
        let answer = self.city_checker().get_proposal(ask).await.expect("there");
        answer.into_inner().proposal.expect("one").etag
    }

    /// Case `one` was paid, and so much of it is demanded back.
    pub async fn recovering(&self, amount_fen: i64) {
        self.fund(&[("one", 500_000)]).await;
        self.send(500_000, 0, &["one"]).await;
        self.settle(&[("one", 500_000, true)]).await;
        let decided = RecoveryDecided {
            case: case("one"),
            round: ROUND,
            amount_fen,
        };
        self.eligibility(Payload::RecoveryDecided(decided)).await;
    }

    async fn waiting(&self) -> pb::Proposal {
        let ask = share(250_000, &self.fresh());
        let answer = self.maker().propose_county_share(ask).await;
        answer
            .expect("proposed")
            .into_inner()
            .proposal
            .expect("one")
    }

    async fn decline(&self, name: &str) -> Result<pb::Proposal, Status> {
        let ask = pb::DeclineProposalRequest {
            name: name.into(),
            etag: self.etag(name).await,
            reason: "凭证不清".into(),
            request_id: self.fresh(),
        };
        let answer = self.checker().decline_proposal(ask).await?;
        Ok(answer.into_inner().proposal.expect("one"))
    }

    async fn approve(&self, name: &str) -> Result<pb::Proposal, Status> {
        let ask = pb::ApproveCountyShareRequest {
            name: name.into(),
            etag: self.etag(name).await,
            request_id: self.fresh(),
        };
        let answer = self.checker().approve_county_share(ask).await?;
        Ok(answer.into_inner().proposal.expect("one"))
    }

    async fn listed(&self, parent: &str, states: &[State]) -> Vec<pb::Proposal> {
        let ask = pb::ListProposalsRequest {
            parent: parent.into(),
            states: states.iter().map(|it| (*it).into()).collect(),
            ..pb::ListProposalsRequest::default()
        };
        let answer = self.city_checker().list_proposals(ask).await;
        answer.expect("listed").into_inner().proposals
    }
}

#[tokio::test]
async fn what_waits_is_seen_and_what_is_declined_has_no_effect() {
    on_every_world(async |world| {
        recorded(&world).await;
        let waiting = world.waiting().await;
        assert_eq!(waiting.state(), State::Waiting);
        assert_eq!(
            (waiting.proposed_by.as_str(), waiting.proposed_on.len()),
            ("accounts/maker", 10)
        );
        let ask = pb::GetProposalRequest {
            name: waiting.name.clone(),
        };
        let seen = world.checker().get_proposal(ask).await.expect("there");
        assert_eq!(seen.into_inner().proposal, Some(waiting.clone()));
        assert_eq!(
            world.listed(COUNTY, &[State::Waiting]).await,
            slice::from_ref(&waiting)
        );
        assert_eq!(
            world.listed("counties/-", &[]).await,
            slice::from_ref(&waiting)
        );

        let declined = world.decline(&waiting.name).await.expect("declined");
        assert_eq!(
            (declined.state(), declined.reason.as_str()),
            (State::Declined, "凭证不清")
        );
        assert_eq!(declined.ended_by, "accounts/checker");
        let late = refused(world.approve(&waiting.name).await);
        assert_eq!(late, (Code::FailedPrecondition, "PROPOSAL_ENDED".into()));
        assert!(world.listed(COUNTY, &[State::Waiting]).await.is_empty());
        assert_eq!(
            world.balances(COUNTY).await.get("1001"),
            None,
            "nothing has arrived"
        );

        let again = world.waiting().await;
        let approved = world.approve(&again.name).await.expect("approved");
        assert_eq!(approved.state(), State::Approved);
        let late = refused(world.decline(&again.name).await);
        assert_eq!(late, (Code::FailedPrecondition, "ALREADY_APPROVED".into()));
        world.assert_whole().await;
    })
    .await;
}

#[tokio::test]
async fn whoever_made_it_withdraws_it_and_each_level_ends_its_own() {
    on_every_world(async |world| {
        recorded(&world).await;
        let waiting = world.waiting().await;
        let withdraw = |name: &str| pb::WithdrawProposalRequest {
            name: name.into(),
            request_id: world.fresh(),
        };
        let city = world
            .city_maker()
            .withdraw_proposal(withdraw(&waiting.name))
            .await;
        assert_eq!(refused(city).0, Code::NotFound, "the county's");
        let own = world
            .maker()
            .withdraw_proposal(withdraw(&waiting.name))
            .await;
        let own = own.expect("his own").into_inner().proposal.expect("one");
        assert_eq!(own.state(), State::Withdrawn);

        let ask = pb::ProposeCityShareRequest {
            parent: COUNTY.into(),
            round: ROUND,
            amount_fen: 250_000,
            document: "包财拨〔2025〕3号".into(),
            request_id: world.fresh(),
        };
        let citys = world
            .city_maker()
            .propose_city_share(ask)
            .await
            .expect("proposed");
        let citys = citys.into_inner().proposal.expect("one");
        assert_eq!(
            refused(world.decline(&citys.name).await).0,
            Code::NotFound,
            "the city's"
        );
        let ask = pb::DeclineProposalRequest {
            name: citys.name,
            etag: citys.etag,
            reason: "金额有误".into(),
            request_id: world.fresh(),
        };
        let declined = world.city_checker().decline_proposal(ask).await;
        declined.expect("by the city");
    })
    .await;
}

#[tokio::test]
async fn of_an_approval_and_a_refusal_at_once_one_counts() {
    on_every_world(async |world| {
        recorded(&world).await;
        for _ in 0..5 {
            let waiting = world.waiting().await;
            let (one, other) = join!(world.approve(&waiting.name), world.decline(&waiting.name));
            assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
            if one.is_ok() {
                break;
            }
        }
        world.assert_whole().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_approves_or_declines_what_he_has_not_seen() {
    on_every_world(async |world| {
        world.recovering(200_000).await;
        let name = world.propose_write_off("one", 200_000).await.expect("one");
        let before = world.etag(&name).await;
        world.endorse_write_off(&name).await.expect("endorsed");

        // What finance saw had not been endorsed.
        let approve = |etag: &str| pb::ApproveWriteOffRequest {
            name: name.clone(),
            etag: etag.into(),
            request_id: world.fresh(),
        };
        let changed = (Code::Aborted, "CHANGED_SINCE_SEEN".to_owned());
        let stale = world.checker().approve_write_off(approve(&before)).await;
        assert_eq!(refused(stale), changed);
        let ask = pb::DeclineProposalRequest {
            name: name.clone(),
            etag: before.clone(),
            reason: "凭证不清".into(),
            request_id: world.fresh(),
        };
        let stale = world.checker().decline_proposal(ask).await;
        assert_eq!(refused(stale), changed);
        let blind = world.checker().approve_write_off(approve("")).await;
        assert_eq!(refused(blind).0, Code::InvalidArgument);
        let now = world.etag(&name).await;
        let approved = world.checker().approve_write_off(approve(&now)).await;
        approved.expect("as it is");
        world.assert_whole().await;
    })
    .await;
}

#[tokio::test]
async fn health_declines_a_write_off_before_it_has_endorsed_it() {
    on_every_world(async |world| {
        world.recovering(200_000).await;
        let decline = async |name: &str| {
            let ask = pb::DeclineWriteOffRequest {
                name: name.into(),
                etag: world.etag(name).await,
                reason: "尚可追回".into(),
                request_id: world.fresh(),
            };
            let answer = world.health().decline_write_off(ask).await?;
            Ok::<_, Status>(answer.into_inner().proposal.expect("one"))
        };
        let endorsed = world.propose_write_off("one", 100_000).await.expect("one");
        world.endorse_write_off(&endorsed).await.expect("endorsed");
        let late = refused(decline(&endorsed).await);
        assert_eq!(late, (Code::FailedPrecondition, "ALREADY_ENDORSED".into()));
        let other = world.propose_write_off("one", 100_000).await.expect("one");
        let declined = decline(&other).await.expect("declined");
        assert_eq!(
            (declined.state(), declined.ended_by.as_str()),
            (State::Declined, "accounts/health")
        );
        let ask = pb::ProposeRecoveryReceiptRequest {
            parent: case("one"),
            amount_fen: 100_000,
            document: "昆财追〔2027〕1号".into(),
            request_id: world.fresh(),
        };
        let receipt = world.maker().propose_recovery_receipt(ask).await;
        let receipt = receipt.expect("one").into_inner().proposal.expect("one");
        assert_eq!(refused(decline(&receipt.name).await).0, Code::NotFound);
    })
    .await;
}
