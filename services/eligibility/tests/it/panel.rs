//! Referrals are resolved by a panel of two (F15).

use tonic::Status;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{Case, case::State},
    types::v1::Programme,
};

use yuhui_proto::eligibility::v1::PendingProposal;

use crate::{
    books::Family,
    harness::{COUNTY, Office, World, denied, on_every_world, refused},
    walk::act,
};

impl World {
    pub async fn refer(&self, office: &Office, name: &str) -> Result<Case, Status> {
        let (name, reason) = (name.into(), "抚养不明".to_owned());
        act!(self, office, refer_case, ReferCaseRequest { name, reason })
    }

    /// One signature under the resolution of a referral.
    pub async fn sign_referral(
        &self,
        office: &Office,
        name: &str,
        proceed: bool,
    ) -> Result<Case, Status> {
        let (name, reason) = (name.into(), "研究意见".to_owned());
        act!(
            self,
            office,
            resolve_referral,
            ResolveReferralRequest {
                name,
                reason,
                proceed
            }
        )
    }
}

#[tokio::test]
async fn a_referral_is_resolved_by_two_who_concur() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        let name = case.name.as_str();
        let (one, two) = (world.checker(), world.maker());
        for (proceed, state) in [(true, State::VReview), (false, State::Rejected)] {
            world.refer(&world.clerk(), name).await.expect("referred");
            let signed = world.sign_referral(&one, name, proceed).await.expect("one");
            assert_eq!(signed.state(), State::Referred);
            let pending = if proceed {
                PendingProposal::ReferralProceed
            } else {
                PendingProposal::ReferralRefusal
            };
            assert_eq!(signed.pending_proposal(), pending);
            let alone = world
                .sign_referral(&one, name, proceed)
                .await
                .expect("again");
            assert_eq!(alone.state(), State::Referred, "one hand is no panel");
            let contrary = world.sign_referral(&two, name, !proceed).await;
            assert_eq!(refused(contrary).1, "PANEL_DISAGREES");
            let resolved = world.sign_referral(&two, name, proceed).await.expect("two");
            assert_eq!(
                (resolved.state(), resolved.pending_proposal()),
                (state, PendingProposal::Unspecified)
            );
        }
        let again = world.sign_referral(&one, name, false).await;
        assert_eq!(refused(again).1, "WRONG_STATE");
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn a_panel_is_two_persons_a_checker_among_them_and_never_the_referrer() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CReview).await;
        let name = case.name.as_str();
        world.refer(&world.maker(), name).await.expect("referred");
        assert_eq!(
            denied(world.sign_referral(&world.maker(), name, true).await),
            "DYN-1"
        );
        let (checker, maker) = (Role::CountyHealthApprover, Role::CountyHealthReviewer);
        let person = "person-of-ROLE_COUNTY_HEALTH_REVIEWER@150203";
        let himself = world.known_as(checker, COUNTY, "other", Some(person));
        assert_eq!(
            denied(world.sign_referral(&himself, name, true).await),
            "DYN-1"
        );

        let second = world.second(maker, COUNTY);
        world.sign_referral(&second, name, true).await.expect("one");
        let third = world.known_as(maker, COUNTY, "third", None);
        let makers = world.sign_referral(&third, name, true).await;
        assert_eq!(refused(makers).1, "PANEL_NEEDS_CHECKER");
        let person = "person-of-second-ROLE_COUNTY_HEALTH_REVIEWER@150203";
        let same = world.known_as(checker, COUNTY, "another", Some(person));
        let same = world
            .sign_referral(&same, name, true)
            .await
            .expect("signed");
        assert_eq!(same.state(), State::Referred, "two accounts of one person");
        let resolved = world.sign_referral(&world.checker(), name, true).await;
        assert_eq!(resolved.expect("two").state(), State::CReview);
        world.bring(name, Programme::P1, State::Confirmed).await;
    })
    .await;
}

#[tokio::test]
async fn a_signature_does_not_outlive_its_referral() {
    on_every_world(async |world| {
        use yuhui_proto::eligibility::v1::resolve_inquiry_request::Outcome;
        let case = world.family_at(&Family::of(1), State::CReview).await;
        let name = case.name.as_str();
        let second = world.second(Role::CountyHealthReviewer, COUNTY);
        world.refer(&world.maker(), name).await.expect("referred");
        world
            .sign_referral(&world.checker(), name, true)
            .await
            .expect("one");
        world.object(&world.maker(), name).await.expect("recorded");
        world
            .resolve(name, Outcome::Return)
            .await
            .expect("returned");
        let (answered, answer) = (name.to_owned(), "已补".to_owned());
        let clerk = world.clerk();
        let back = act!(
            world,
            clerk,
            resubmit_case,
            ResubmitCaseRequest {
                name: answered,
                answer
            }
        );
        assert_eq!(back.expect("back").state(), State::CReview);
        let referred = world.refer(&world.maker(), name).await.expect("again");
        assert_eq!(referred.pending_proposal(), PendingProposal::Unspecified);
        let signed = world.sign_referral(&second, name, true).await.expect("one");
        assert_eq!(signed.state(), State::Referred);
    })
    .await;
}
