//! What one person of the county proposes about a case is seen by the other before he signs, declined, or taken back.

use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, Case, CaseProposal, case::State, case_proposal::Kind},
};

use yuhui_proto::eligibility::v1::PendingProposal;

use crate::{
    books::{Family, account},
    harness::{CITY, COUNTY, Office, World, at_fault, on_every_world, refused},
    walk::act,
};

const CARD: &str = "6217000010001234569";

async fn get(office: &Office, case: &str) -> Result<CaseProposal, Status> {
    let ask = pb::GetCaseProposalRequest { name: case.into() };
    let answer = office.proposals().get_case_proposal(ask).await?;
    Ok(answer.into_inner().proposal.expect("a proposal"))
}

async fn decline(world: &World, office: &Office, seen: &CaseProposal) -> Result<Case, Status> {
    let ask = pb::DeclineCaseProposalRequest {
        name: seen.case.clone(),
        etag: seen.etag.clone(),
        reason: "理由不足".into(),
        request_id: world.fresh(),
    };
    let answer = office.proposals().decline_case_proposal(ask).await?;
    Ok(answer.into_inner().case.expect("a case"))
}

async fn withdraw(world: &World, office: &Office, seen: &CaseProposal) -> Result<Case, Status> {
    let ask = pb::WithdrawCaseProposalRequest {
        name: seen.case.clone(),
        etag: seen.etag.clone(),
        request_id: world.fresh(),
    };
    let answer = office.proposals().withdraw_case_proposal(ask).await?;
    Ok(answer.into_inner().case.expect("a case"))
}

#[tokio::test]
async fn what_is_not_decided_against_him_is_not_the_claimants_to_know() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::VReview).await;
        let (name, clerk) = (case.name.clone(), world.clerk());
        let defects = vec!["补正户口簿".to_owned()];
        act!(
            world,
            clerk,
            return_case,
            ReturnCaseRequest { name, defects }
        )
        .expect("returned");
        let (name, maker) = (case.name.clone(), world.maker());
        let note = "涉嫌伪造".to_owned();
        let proposed = act!(
            world,
            maker,
            propose_fraud_finding,
            ProposeFraudFindingRequest { name, note }
        );
        assert_eq!(
            proposed.expect("proposed").pending_proposal(),
            PendingProposal::FraudFinding
        );
        let own = world.applicant(&family.mother);
        let ask = pb::GetCaseRequest {
            name: case.name.clone(),
        };
        let seen = own.cases().get_case(ask).await.expect("his").into_inner();
        assert!(!format!("{seen:?}").contains("FRAUD"), "{seen:?}");
        let ask = pb::ListTransitionsRequest {
            parent: case.name.clone(),
            ..Default::default()
        };
        let steps = own.cases().list_transitions(ask).await.expect("his");
        assert!(!format!("{steps:?}").contains("涉嫌伪造"), "{steps:?}");
        let (name, answer) = (case.name.clone(), "已补".to_owned());
        let again = act!(
            world,
            own,
            resubmit_case,
            ResubmitCaseRequest { name, answer }
        );
        let told = again.expect_err("something waits");
        assert!(!told.message().contains("FRAUD"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn a_rejection_is_seen_declined_and_proposed_anew() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CReview).await;
        let none = get(&world.checker(), &case.name).await;
        assert_eq!(none.expect_err("nothing waits").code(), Code::NotFound);
        world
            .propose_rejection(&case.name, "OTHER_GROUND")
            .await
            .expect("proposed");
        let seen = get(&world.checker(), &case.name).await.expect("it");
        assert_eq!(
            (seen.kind(), &*seen.reason),
            (Kind::Rejection, "OTHER_GROUND")
        );
        assert!(seen.proposed_by.contains("COUNTY_HEALTH_REVIEWER"));
        assert!(!seen.proposed_on.is_empty() && seen.determination.is_some());
        assert!(seen.account.is_none());
        for office in [
            world.clerk(),
            world.lead(),
            world.applicant(&Family::of(1).mother),
        ] {
            assert_eq!(
                refused(get(&office, &case.name).await).1,
                "PERMISSION_DENIED"
            );
        }

        // Nobody declines unseen, nor what has changed since.
        let blind = CaseProposal {
            etag: String::new(),
            ..seen.clone()
        };
        assert_eq!(
            at_fault(decline(&world, &world.checker(), &blind).await),
            ["etag"]
        );
        let stale = CaseProposal {
            etag: "r1".into(),
            ..seen.clone()
        };
        let answer = decline(&world, &world.checker(), &stale).await;
        assert_eq!(answer.expect_err("another").code(), Code::Aborted);
        let maker = decline(&world, &world.maker(), &seen).await;
        assert_eq!(refused(maker).1, "PERMISSION_DENIED");

        let declined = decline(&world, &world.checker(), &seen).await.expect("it");
        assert_eq!(
            (declined.state(), declined.pending_proposal()),
            (State::CReview, PendingProposal::Unspecified)
        );
        let approved = world.approve_rejection(&world.checker(), &case.name).await;
        assert_eq!(refused(approved).1, "NO_PROPOSAL");
        let again = CaseProposal {
            etag: declined.etag,
            ..seen
        };
        assert_eq!(
            refused(decline(&world, &world.checker(), &again).await).1,
            "NO_PROPOSAL"
        );
        let steps = pb::ListTransitionsRequest {
            parent: case.name.clone(),
            ..Default::default()
        };
        let steps = world
            .maker()
            .cases()
            .list_transitions(steps)
            .await
            .expect("it");
        let last = steps.into_inner().transitions.pop().expect("one");
        assert_eq!(last.action, "case.decline_proposal");
        assert!(last.reason.contains("理由不足"));

        world
            .propose_rejection(&case.name, "OTHER_GROUND")
            .await
            .expect("anew");
        let rejected = world.approve_rejection(&world.checker(), &case.name).await;
        assert_eq!(rejected.expect("approved").state(), State::Rejected);
    })
    .await;
}

#[tokio::test]
async fn whoever_made_it_takes_it_back_under_whatever_account() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CReview).await;
        world
            .propose_rejection(&case.name, "OTHER_GROUND")
            .await
            .expect("proposed");
        let seen = get(&world.maker(), &case.name).await.expect("it");
        let other = world.second(Role::CountyHealthReviewer, COUNTY);
        assert_eq!(
            refused(withdraw(&world, &other, &seen).await).1,
            "NOT_THE_MAKER"
        );
        assert_eq!(
            get(&world.maker(), &case.name).await.expect("still"),
            seen,
            "a refusal leaves it as it was"
        );
        let checker = withdraw(&world, &world.checker(), &seen).await;
        assert_eq!(refused(checker).1, "PERMISSION_DENIED");
        let back = withdraw(&world, &world.maker(), &seen).await.expect("back");
        assert_eq!(back.pending_proposal(), PendingProposal::Unspecified);
        world
            .review(&world.maker(), &case.name)
            .await
            .expect("goes on");
    })
    .await;
}

#[tokio::test]
async fn a_new_account_is_read_before_it_is_approved() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::InPayment).await;
        world.settled(&case.name, false).await;
        let before = world.look(&case.name).await;
        let maker = world.second(Role::CountyHealthReviewer, COUNTY);
        let propose = async || {
            let (name, account) = (case.name.clone(), Some(account("某女", CARD, false)));
            act!(
                world,
                maker,
                propose_account_correction,
                ProposeAccountCorrectionRequest { name, account }
            )
        };
        let proposed: Result<Case, Status> = propose().await;
        proposed.expect("proposed");
        let seen = get(&world.checker(), &case.name).await.expect("it");
        assert_eq!(seen.kind(), Kind::AccountCorrection);
        let new = seen.account.clone().expect("the new account");
        assert_eq!((&*new.number, &*new.holder_name), (CARD, "某女"));
        let masked = before.claim.and_then(|it| it.account).expect("one");
        assert_eq!(new.before_masked, masked.account_number);
        for (role, unit) in [
            (Role::CountyAuditor, COUNTY),
            (Role::CityHealthRegistrar, CITY),
        ] {
            let told = get(&world.at(role, unit), &case.name).await.expect("told");
            let number = told.account.expect("masked").number;
            assert!(number.contains('*') && number != CARD, "{number}");
        }
        let declined = decline(&world, &world.checker(), &seen).await.expect("it");
        assert_eq!(declined.state(), State::PayFailed);
        let none = get(&world.checker(), &case.name).await;
        assert_eq!(none.expect_err("nothing waits").code(), Code::NotFound);
        let proposed: Result<Case, Status> = propose().await;
        proposed.expect("anew");
    })
    .await;
}
