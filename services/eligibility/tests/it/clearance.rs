//! Acts rest on what holds on their own day: the check before payment, proposals, recordings, the
//! archive (A check is bound to the act it guards).

use time::{Date, macros::date};
use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, Case, case::State, roster},
    internal::v1::event::Payload,
    types::v1::{Decision, Programme},
};

use yuhui_proto::eligibility::v1::PendingProposal;

use crate::{
    books::{self, Family},
    fraud,
    harness::{COUNTY, World, on_every_world, refused},
    walk::act,
};

const BACK: &str = "6222021234567890128";

impl World {
    /// Cases of those families on one funded roster.
    async fn funded_together(&self, families: &[Family]) -> Vec<String> {
        let mut cases = Vec::new();
        for family in families {
            self.on(date!(2025 - 03 - 10));
            let case = self.family_at(family, State::Confirmed).await;
            cases.push(case.name);
        }
        for name in &cases {
            self.bring(name, Programme::P1, State::Funded).await;
        }
        cases
    }

    /// The bank returned the payment of the case, and its account was corrected.
    async fn returned_and_corrected(&self, family: &Family) -> Case {
        let case = self.family_at(family, State::InPayment).await;
        self.settled(&case.name, false).await;
        self.correct_account(&case.name).await.expect("corrected")
    }

    async fn correct_account(&self, name: &str) -> Result<Case, Status> {
        let account = Some(books::account("某女", BACK, false));
        let (maker, own) = (self.maker(), name.to_owned());
        act!(
            self,
            maker,
            propose_account_correction,
            ProposeAccountCorrectionRequest { name: own, account }
        )?;
        let other = self.second(Role::CountyHealthApprover, COUNTY);
        let name = name.to_owned();
        act!(
            self,
            other,
            approve_account_correction,
            ApproveAccountCorrectionRequest { name }
        )
    }

    async fn archive(&self, name: &str) -> Result<Case, Status> {
        let (name, maker) = (name.to_owned(), self.maker());
        act!(self, maker, close_case, CloseCaseRequest { name })
    }

    /// Cases whose clearance stands, of that day or later.
    async fn cleared_since(&self, day: Date) -> Vec<String> {
        self.cleared_by(&yuhui_kernel::dates::format(day)).await
    }
}

fn failed(reason: &str) -> (Code, String) {
    (Code::FailedPrecondition, reason.into())
}

#[tokio::test]
async fn a_clearance_is_of_its_day_and_two_who_left_since_are_not_cleared_again() {
    on_every_world(async |world| {
        let families = [Family::of(1), Family::of(2), Family::of(3)];
        let cases = world.funded_together(&families).await;
        world.on(date!(2026 - 04 - 07));
        assert_eq!(world.check().await.expect("checked").cleared, 3);
        assert_eq!(world.cleared().await.len(), 3);

        world.on(date!(2026 - 04 - 28));
        for family in &families[..2] {
            family.moves(&world, "110101", "2026-04-10", "2026-04-09");
        }
        assert!(world.cleared().await.is_empty(), "of another day");
        let since = world.cleared_since(date!(2026 - 04 - 07)).await;
        assert_eq!(since.len(), 3, "nobody has looked again yet");
        let checked = world.check().await.expect("checked");
        assert_eq!(checked.cleared, 1);
        assert_eq!(checked.proposed_terminations.len(), 2);
        assert_eq!(world.cleared().await, [cases[2].clone()]);
        let since = world.cleared_since(date!(2026 - 04 - 07)).await;
        assert_eq!(since, [cases[2].clone()], "the others' was taken back");
    })
    .await;
}

#[tokio::test]
async fn a_corrected_account_is_paid_after_the_same_check() {
    on_every_world(async |world| {
        let (leaves, stays) = (Family::of(1), Family::of(2));
        // The account of this one is still to be corrected: it is not to be paid.
        let waits = world.family_at(&Family::of(3), State::InPayment).await.name;
        world.settled(&waits, false).await;
        world.on(date!(2025 - 03 - 10));
        let away = world.returned_and_corrected(&leaves).await.name;
        world.on(date!(2025 - 03 - 10));
        let here = world.returned_and_corrected(&stays).await.name;
        world.on(date!(2025 - 11 - 03));
        assert!(world.cleared().await.is_empty(), "nobody has looked yet");

        world.on(date!(2025 - 11 - 10));
        leaves.moves(&world, "110101", "2025-11-03", "2025-11-02");
        let checked = world.check().await.expect("checked");
        assert_eq!((checked.cleared, checked.held.len()), (1, 0));
        assert_eq!(checked.proposed_terminations, std::slice::from_ref(&away));
        let told = world.cleared().await;
        assert!(told.is_empty(), "disbursement has not heard of the account");
        world.relay().await;
        assert_eq!(world.cleared().await, std::slice::from_ref(&here));
        world.ledger.heard();
        let stopped = world.approve_termination(&world.checker(), &away).await;
        let told = stopped.expect("stopped").determination.expect("it");
        assert_eq!(told.decision(), Decision::Terminate);
        assert_eq!(told.reason, "CHILD_MOVED_OUT");
        let told = world.to_ledger().await;
        let lapsed = |it: &Payload| matches!(it, Payload::LineTerminated(it) if it.case == away);
        assert!(told.iter().any(lapsed), "{told:?}");

        // Its clearance served one release, and a further account needs one of its own.
        world.sent(&here).await;
        world.settled(&here, false).await;
        assert!(world.cleared().await.is_empty());
        world.correct_account(&here).await.expect("corrected");
        assert!(world.cleared().await.is_empty());
        assert_eq!(world.check().await.expect("checked").cleared, 1);
        world.relay().await;
        assert_eq!(world.cleared().await, [here]);
    })
    .await;
}

#[tokio::test]
async fn what_only_persons_can_decide_is_referred_also_after_a_return() {
    on_every_world(async |world| {
        let code = books::nursery(&world, 1, 3);
        let own = world.institution(&code);
        let claim = books::nursery_claim(&code);
        let case = world.lodge(&own, claim).await.expect("lodged").name;
        world.bring(&case, Programme::P3, State::InPayment).await;
        world.settled(&case, false).await;
        let account = Some(books::account("某托育园", "15001234567890123457", true));
        let (maker, name) = (world.maker(), case.clone());
        act!(
            world,
            maker,
            propose_account_correction,
            ProposeAccountCorrectionRequest { name, account }
        )
        .expect("proposed");
        let other = world.second(Role::CountyHealthApprover, COUNTY);
        let name = case.clone();
        act!(
            world,
            other,
            approve_account_correction,
            ApproveAccountCorrectionRequest { name }
        )
        .expect("approved");
        let institution = world.vault.institution(&code);
        if let Some(dossier) = world.registers.known().institutions.get_mut(&institution)
            && let Some(it) = dossier.institution.as_mut()
        {
            it.suspensions = vec![yuhui_proto::institution::v1::Suspension {
                from_on: "2025-10-21".into(),
                to_on: String::new(),
            }];
        }
        world.on(date!(2025 - 11 - 10));
        let checked = world.check().await.expect("checked");
        assert_eq!((checked.cleared, checked.held), (0, vec![case.clone()]));
        let referred = world.look(&case).await;
        assert_eq!(
            (referred.state(), referred.resume_state()),
            (State::Referred, State::PayFailed),
            "I8"
        );
    })
    .await;
}

#[tokio::test]
async fn a_finding_of_fraud_taints_what_was_cleared_the_same_day() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let paid = world.family_at(&family, State::Funded).await.name;
        // Another claim of the same mother, for the elder child.
        let elder = Family {
            second: family.first.clone(),
            ..family.clone()
        };
        elder.register(&world);
        let claim = elder.claim();
        let other = world.lodge(&world.clerk(), claim).await.expect("lodged");
        world.on(date!(2025 - 10 - 20));
        assert_eq!(world.check().await.expect("checked").cleared, 1);
        assert_eq!(world.cleared().await, std::slice::from_ref(&paid));
        fraud::establish(&world, &other.name).await;
        assert!(world.cleared().await.is_empty());
        let since = world.cleared_since(date!(2025 - 01 - 01)).await;
        assert!(since.is_empty(), "{since:?}");
        world.on(date!(2025 - 10 - 21));
        let checked = world.check().await.expect("checked");
        assert_eq!(checked.proposed_terminations, [paid], "R-FRD-2");
    })
    .await;
}

#[tokio::test]
async fn a_termination_falls_when_the_rules_no_longer_say_so() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::Funded).await.name;
        let known = family.facts(&world, COUNTY);
        world.on(date!(2025 - 10 - 20));
        family.moves(&world, "110101", "2025-09-01", "2025-08-31");
        let checked = world.check().await.expect("checked");
        assert_eq!(checked.proposed_terminations, std::slice::from_ref(&case));

        // The register had it wrong.
        family.amend(&world, |facts| *facts = known);
        let checker = world.checker();
        let stopped = world.approve_termination(&checker, &case).await;
        assert_eq!(refused(stopped), failed("PROPOSAL_OUTDATED"));
        assert_eq!(world.look(&case).await.state(), State::Funded);
        let checked = world.check().await.expect("checked");
        assert_eq!(
            (checked.cleared, checked.proposed_terminations.len()),
            (1, 0)
        );
        assert_eq!(
            world.look(&case).await.pending_proposal(),
            PendingProposal::Unspecified
        );
        let stopped = world.approve_termination(&checker, &case).await;
        assert_eq!(refused(stopped), failed("NO_PROPOSAL"));

        // On a ground of its own the county decides, whatever the rules say.
        let proposed = world.propose_termination(&case, "OTHER_GROUND").await;
        proposed.expect("proposed");
        assert!(world.cleared().await.is_empty());
        let stopped = world.approve_termination(&checker, &case).await;
        assert_eq!(stopped.expect("stopped").state(), State::Terminated);
    })
    .await;
}

#[tokio::test]
async fn a_termination_for_another_reason_is_proposed_anew() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::Funded).await.name;
        world.on(date!(2025 - 10 - 20));
        let known = family.facts(&world, COUNTY);
        family.moves(&world, "110101", "2025-09-01", "2025-08-31");
        world.check().await.expect("checked");
        // It was the parents who left.
        let parents = [&family.mother, &family.father].map(|it| world.vault.person(it));
        family.amend(&world, |facts| {
            *facts = known;
            for period in &mut facts.hukou {
                if parents.contains(&period.person) {
                    period.to_on = "2025-08-31".into();
                }
            }
        });
        let checker = world.checker();
        let stopped = world.approve_termination(&checker, &case).await;
        assert_eq!(refused(stopped), failed("PROPOSAL_OUTDATED"));
        let checked = world.check().await.expect("checked");
        assert_eq!(checked.proposed_terminations, std::slice::from_ref(&case));
        let stopped = world.approve_termination(&checker, &case).await;
        let told = stopped.expect("stopped").determination.expect("it");
        assert_eq!(told.reason, "PARENTS_MOVED_OUT");
    })
    .await;
}

#[tokio::test]
async fn a_rejection_is_not_approved_once_its_ground_has_gone() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::CReview).await.name;
        let known = family.facts(&world, COUNTY);
        family.moves(&world, "110101", "2025-03-01", "2025-02-28");
        let proposed = world.propose_rejection(&case, "").await.expect("proposed");
        assert_eq!(proposed.pending_proposal(), PendingProposal::Rejection);
        family.amend(&world, |facts| *facts = known);
        let checker = world.checker();
        let rejected = world.approve_rejection(&checker, &case).await;
        assert_eq!(refused(rejected), failed("PROPOSAL_OUTDATED"));
        assert_eq!(world.look(&case).await.state(), State::CReview);
        family.moves(&world, "110101", "2025-03-01", "2025-02-28");
        let rejected = world.approve_rejection(&checker, &case).await;
        assert_eq!(rejected.expect("rejected").state(), State::Rejected);
    })
    .await;
}

#[tokio::test]
async fn nobody_is_refused_past_his_term_an_inquiry_or_a_hold() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CReview).await.name;
        let (maker, checker) = (world.maker(), world.checker());
        let proposed = world.propose_rejection(&case, "NO_STANDING").await;
        proposed.expect("proposed");
        for stop in ["hold", "inquiry"] {
            match stop {
                "hold" => world.hold(&case).await,
                _ => world.object(&maker, &case).await,
            }
            .expect("stopped");
            let rejected = world.approve_rejection(&checker, &case).await;
            assert_eq!(refused(rejected), failed("WRONG_STATE"), "{stop}");
            match stop {
                "hold" => world.release(&case).await,
                _ => {
                    let resume = pb::resolve_inquiry_request::Outcome::Resume;
                    world.resolve(&case, resume).await
                }
            }
            .expect("back");
        }
        let name = case.clone();
        let returned = act!(
            world,
            maker,
            return_case,
            ReturnCaseRequest {
                name,
                defects: vec!["缺收费票据".into()]
            }
        );
        assert_eq!(
            returned.expect("returned").pending_proposal(),
            PendingProposal::Unspecified
        );
        let rejected = world.approve_rejection(&checker, &case).await;
        assert_eq!(refused(rejected), failed("NO_PROPOSAL"));

        world.on(date!(2025 - 03 - 10));
        let funded = world.family_at(&Family::of(2), State::Funded).await.name;
        let proposed = world.propose_termination(&funded, "OTHER_GROUND").await;
        proposed.expect("proposed");
        world.hold(&funded).await.expect("held");
        let stopped = world.approve_termination(&checker, &funded).await;
        assert_eq!(refused(stopped), failed("WRONG_STATE"));
        world.release(&funded).await.expect("released");
        let stopped = world.approve_termination(&checker, &funded).await;
        assert_eq!(stopped.expect("stopped").state(), State::Terminated);
    })
    .await;
}

#[tokio::test]
async fn what_comes_back_from_correction_is_as_complete_as_at_lodging() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await.name;
        let (clerk, name) = (world.clerk(), case.clone());
        act!(
            world,
            clerk,
            return_case,
            ReturnCaseRequest {
                name,
                defects: vec!["账户有误".into()]
            }
        )
        .expect("returned");
        let empty = pb::Claim {
            account: None,
            ..Family::of(1).claim()
        };
        let updated = world.update(&clerk, &case, empty, "claim.account").await;
        updated.expect("emptied");
        let resubmit = async |world: &World| {
            let (name, answer) = (case.clone(), "已补正".to_owned());
            let clerk = world.clerk();
            act!(
                world,
                clerk,
                resubmit_case,
                ResubmitCaseRequest { name, answer }
            )
        };
        let fields = crate::harness::at_fault(resubmit(&world).await);
        assert!(
            fields.contains(&"claim.account.account_number".to_owned()),
            "{fields:?}"
        );
        let claim = Family::of(1).claim();
        let updated = world.update(&clerk, &case, claim, "claim.account").await;
        updated.expect("filled in");
        let back = resubmit(&world).await.expect("brought back");
        assert_eq!(back.state(), State::VReview);
    })
    .await;
}

#[tokio::test]
async fn what_is_recorded_is_what_the_registrar_checked() {
    on_every_world(async |world| {
        let families = [Family::of(1), Family::of(2)];
        let mut cases = Vec::new();
        for family in &families {
            world.on(date!(2025 - 03 - 10));
            cases.push(world.family_at(family, State::Confirmed).await.name);
        }
        let first = world.bring(&cases[0], Programme::P1, State::Rostered).await;
        world.check_roster(&first.roster).await.expect("checked");
        let clerk = world.clerk();
        world.withdraw(&clerk, &cases[1]).await.expect("withdrawn");
        let recorder = world.recorder();
        let recorded = world.record(&recorder, &first.roster).await;
        assert_eq!(refused(recorded), failed("ROSTER_CHANGED"));
        assert_eq!(world.look(&cases[0]).await.state(), State::Rostered);
        let again = world.propose_recording(&first.roster).await;
        assert_eq!(
            again.expect("checked again").state(),
            roster::State::Checked
        );
        let recorded = world.record(&recorder, &first.roster).await;
        assert_eq!(recorded.expect("recorded").state(), roster::State::Recorded);
        assert_eq!(world.look(&cases[1]).await.state(), State::Withdrawn);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_archived_while_a_proposal_waits() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Paid).await.name;
        fraud::propose(&world, &case).await.expect("proposed");
        assert_eq!(
            refused(world.archive(&case).await),
            failed("PROPOSAL_WAITING")
        );
        assert_eq!(world.look(&case).await.state(), State::Paid);
    })
    .await;
}

#[tokio::test]
async fn what_was_archived_before_its_batch_was_heard_of_is_the_banks_to_answer_for() {
    on_every_world(async |world| {
        for (serial, credited, end) in [(1, true, State::Paid), (2, false, State::Withdrawn)] {
            world.on(date!(2025 - 03 - 10));
            let case = world.family_at(&Family::of(serial), State::Funded).await;
            let name = case.name.as_str();
            let clerk = world.clerk();
            world.withdraw(&clerk, name).await.expect("withdrawn");
            let closed = world.archive(name).await.expect("archived");
            assert_eq!(closed.state(), State::Closed);
            world.sent(name).await;
            assert_eq!(world.look(name).await.state(), State::InPayment);
            world.settled(name, credited).await;
            assert_eq!(world.look(name).await.state(), end);
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_paid_and_archived_is_not_sent_again() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Paid).await.name;
        world.archive(&case).await.expect("archived");
        world.sent(&case).await;
        assert_eq!(world.look(&case).await.state(), State::Closed);
    })
    .await;
}
