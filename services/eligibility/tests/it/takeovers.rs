//! The claimant has died since he lodged: another takes the case over (C.7).

use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    documents::v1::DocumentKind,
    eligibility::v1::{self as pb, Case, CaseProposal, case::State, case_proposal::Kind},
    internal::v1::{AccountCorrected, event::Payload},
    registry::v1::GuardianshipRecord,
    types::v1::Programme,
};

use yuhui_proto::eligibility::v1::PendingProposal;

use crate::{
    books::{self, Family, account, number},
    documents::pdf,
    forms::stating,
    harness::{COUNTY, Office, VILLAGE, World, at_fault, denied, on_every_world, refused},
};

const CARD: &str = "6217000010001234551";

impl Family {
    /// A parent dies, as public security knows.
    fn loses(&self, world: &World, parent: &str, on: &str) {
        let parent = world.vault.person(parent);
        self.amend(world, |facts| {
            for person in &mut facts.persons {
                if person.identity_number == parent {
                    person.died_on = on.into();
                }
            }
        });
    }

    /// The father, as he takes over.
    fn succession(&self, name: &str) -> pb::ProposeTakeoverRequest {
        pb::ProposeTakeoverRequest {
            name: name.into(),
            claimant_number: self.father.clone(),
            claimant_name: "某男".into(),
            account: Some(account("某男", CARD, false)),
            certificate: "死亡证明2025-17号".into(),
            original_seen: true,
            ..pb::ProposeTakeoverRequest::default()
        }
    }
}

impl World {
    async fn propose_takeover(
        &self,
        office: &Office,
        ask: pb::ProposeTakeoverRequest,
    ) -> Result<Case, Status> {
        let ask = pb::ProposeTakeoverRequest {
            request_id: self.fresh(),
            ..ask
        };
        let mut client = office.takeovers();
        let answer = client.propose_takeover(ask).await?;
        Ok(answer.into_inner().case.expect("a case"))
    }

    async fn approve_takeover(&self, office: &Office, name: &str) -> Result<Case, Status> {
        let ask = pb::ApproveTakeoverRequest {
            name: name.into(),
            etag: self.look(name).await.etag,
            request_id: self.fresh(),
        };
        let mut client = office.takeovers();
        let answer = client.approve_takeover(ask).await?;
        Ok(answer.into_inner().case.expect("a case"))
    }

    async fn proposal_of(&self, office: &Office, name: &str) -> Result<CaseProposal, Status> {
        let ask = pb::GetCaseProposalRequest { name: name.into() };
        let answer = office.proposals().get_case_proposal(ask).await?;
        Ok(answer.into_inner().proposal.expect("a proposal"))
    }
}

#[tokio::test]
async fn the_other_parent_takes_the_case_over_with_its_day_and_is_paid() {
    on_every_world(async |world| {
        let family = Family::of(1);
        family.register(&world);
        let clerk = world.clerk();
        let case = world.lodge(&clerk, stating(&family)).await.expect("lodged");
        let case = world.bring(&case.name, Programme::P1, State::VReview).await;
        let name = case.name.as_str();
        family.loses(&world, &family.mother, "2025-03-09");
        let proposed = world
            .propose_takeover(&clerk, family.succession(name))
            .await;
        let proposed = proposed.expect("proposed");
        assert_eq!(proposed.pending_proposal(), PendingProposal::Takeover);
        // The clerk takes back what he proposed, and proposes it anew.
        let ask = pb::WithdrawCaseProposalRequest {
            name: name.into(),
            etag: proposed.etag,
            request_id: world.fresh(),
        };
        let withdrawn = clerk.proposals().withdraw_case_proposal(ask).await;
        let withdrawn = withdrawn
            .expect("withdrawn")
            .into_inner()
            .case
            .expect("one");
        assert_eq!(withdrawn.pending_proposal(), PendingProposal::Unspecified);
        assert_eq!(
            refused(world.approve_takeover(&world.checker(), name).await).1,
            "NO_PROPOSAL"
        );
        world
            .propose_takeover(&clerk, family.succession(name))
            .await
            .expect("anew");

        let seen = world.proposal_of(&world.checker(), name).await.expect("it");
        assert_eq!(seen.kind(), Kind::Takeover);
        let shown = seen.takeover.expect("whole");
        assert_eq!(
            (shown.claimant_number, shown.claimant_name),
            (family.father.clone(), "某男".into())
        );
        assert_eq!(shown.account.expect("one").number, CARD);
        let masked = world
            .proposal_of(&world.recorder(), name)
            .await
            .expect("it");
        assert!(masked.takeover.expect("one").claimant_number.contains('*'));
        let himself = world.known_as(
            Role::CountyHealthApprover,
            COUNTY,
            "other-account",
            Some(&format!("person-of-ROLE_VILLAGE_CLERK@{VILLAGE}")),
        );
        let made = denied(world.approve_takeover(&himself, name).await);
        assert!(["DYN-1", "DYN-2"].contains(&made.as_str()), "{made}");

        let taken = world
            .approve_takeover(&world.checker(), name)
            .await
            .expect("taken");
        assert_eq!(
            (&taken.receipt_number, &taken.lodged_on, taken.state()),
            (&case.receipt_number, &case.lodged_on, State::VReview)
        );
        let claim = taken.claim.expect("a claim");
        assert_eq!(claim.claimant_name, "某男");
        let stated = claim.family.expect("what was stated of the family");
        assert_eq!((stated.applicant, stated.agent), (None, None));
        assert_eq!(stated.children.len(), 2);
        let father = world.applicant(&family.father);
        world.look_as(&father, name).await.expect("his own now");
        let mother = world.look_as(&world.applicant(&family.mother), name).await;
        assert_eq!(mother.expect_err("no longer").code(), Code::NotFound);
        world.bring(name, Programme::P1, State::Paid).await;
        let payees = world.payees("disbursement", &[name]).await.expect("payees");
        assert_eq!(payees[0].payee_name, "某男");
        assert_eq!(payees[0].payee_ref, world.vault.person(&family.father));
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_takes_over_from_the_living_nor_without_standing() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::TReview).await;
        let name = case.name.as_str();
        let maker = world.maker();
        let good = family.succession(name);
        let alive = world.propose_takeover(&maker, good.clone()).await;
        assert_eq!(refused(alive).1, "DEATH_NOT_SHOWN");
        for (field, ask) in [
            (
                "original_seen",
                pb::ProposeTakeoverRequest {
                    original_seen: false,
                    ..good.clone()
                },
            ),
            (
                "claimant_number",
                pb::ProposeTakeoverRequest {
                    claimant_number: family.mother.clone(),
                    ..good.clone()
                },
            ),
            (
                "account.holder_name",
                pb::ProposeTakeoverRequest {
                    account: Some(account("某女", CARD, false)),
                    ..good.clone()
                },
            ),
        ] {
            let asked = world.propose_takeover(&maker, ask).await;
            assert_eq!(at_fault(asked), [field]);
        }
        family.loses(&world, &family.mother, "2025-03-09");
        let stranger = pb::ProposeTakeoverRequest {
            claimant_number: number("1970-01-01", 7),
            ..good.clone()
        };
        let stranger = world.propose_takeover(&maker, stranger).await;
        assert_eq!(refused(stranger).1, "RULES_DISAGREE", "no standing");
        let reviewer = world
            .propose_takeover(&world.reviewer(), good.clone())
            .await;
        assert_eq!(refused(reviewer).1, "PERMISSION_DENIED");
        let elsewhere = world.at(Role::VillageClerk, "150203002002");
        let elsewhere = world.propose_takeover(&elsewhere, good.clone()).await;
        assert_eq!(
            elsewhere.expect_err("another village").code(),
            Code::NotFound
        );
        let relative = world.known_as(
            Role::CountyHealthReviewer,
            COUNTY,
            "relative",
            Some(&world.vault.person(&family.father)),
        );
        assert_eq!(
            denied(world.propose_takeover(&relative, good).await),
            "DYN-3"
        );

        let code = books::nursery(&world, 1, 3);
        let own = world.institution(&code);
        let nursery = world.lodge(&own, books::nursery_claim(&code)).await;
        let nursery = family.succession(&nursery.expect("lodged").name);
        let asked = world.propose_takeover(&maker, nursery).await;
        assert_eq!(refused(asked).1, "WRONG_STATE", "not of an institution");
    })
    .await;
}

#[tokio::test]
async fn a_certificate_in_the_file_shows_what_no_register_knows_yet() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::CReview).await;
        let kind = DocumentKind::DeathOrGuardianshipCertificate;
        world
            .add(&world.maker(), &case.name, kind, &pdf(2_000, 7))
            .await
            .expect("brought");
        world
            .propose_takeover(&world.maker(), family.succession(&case.name))
            .await
            .expect("shown");
        world
            .approve_takeover(&world.checker(), &case.name)
            .await
            .expect("taken");
    })
    .await;
}

#[tokio::test]
async fn a_guardian_takes_over_where_both_parents_are_dead() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::CReview).await;
        for parent in [&family.mother, &family.father] {
            family.loses(&world, parent, "2025-03-09");
        }
        let grandmother = number("1965-01-01", 8);
        let ask = pb::ProposeTakeoverRequest {
            claimant_number: grandmother.clone(),
            ..family.succession(&case.name)
        };
        let nobody = world.propose_takeover(&world.maker(), ask.clone()).await;
        assert_eq!(refused(nobody).1, "RULES_DISAGREE");
        let record = GuardianshipRecord {
            child: world.vault.person(&family.second),
            guardian: world.vault.person(&grandmother),
            from_on: "2025-03-10".into(),
            ..GuardianshipRecord::default()
        };
        family.amend(&world, |facts| facts.guardianships.push(record));
        world
            .propose_takeover(&world.maker(), ask)
            .await
            .expect("the guardian of today");
        let taken = world.approve_takeover(&world.checker(), &case.name).await;
        assert_eq!(taken.expect("taken").lodged_on, case.lodged_on);
        world
            .bring(&case.name, Programme::P1, State::Confirmed)
            .await;
    })
    .await;
}

#[tokio::test]
async fn of_what_is_on_a_sealed_roster_the_bank_side_is_told_who_is_paid() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::Funded).await;
        let name = case.name.as_str();
        family.loses(&world, &family.mother, "2025-03-09");
        world.to_disbursement().await;
        world
            .propose_takeover(&world.maker(), family.succession(name))
            .await
            .expect("proposed");
        // DYN-5: who confirmed the case does not touch where it is paid.
        assert_eq!(
            denied(world.approve_takeover(&world.checker(), name).await),
            "DYN-5"
        );
        let second = world.second(Role::CountyHealthApprover, COUNTY);
        let taken = world.approve_takeover(&second, name).await.expect("taken");
        assert_eq!(taken.state(), State::Funded);
        let told = AccountCorrected {
            case: name.into(),
            payee_ref: world.vault.person(&family.father),
            former_payee_ref: world.vault.person(&family.mother),
        };
        assert_eq!(
            world.to_disbursement().await,
            [Payload::AccountCorrected(told)]
        );
        world.bring(name, Programme::P1, State::Paid).await;
    })
    .await;
}
