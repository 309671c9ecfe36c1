//! Holds that end by their term (F28), and institutions that are no longer what they were (I8).

use time::macros::date;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, Case, DeadlineDuty, OverdueFlag, case::State},
    institution::v1::{Institution, Suspension},
    internal::v1::event::Payload,
    types::v1::Programme,
};

use crate::{
    books::{self, Family},
    harness::{COUNTY, World, on_every_world},
    walk::act,
};

pub async fn hold(world: &World, name: &str, until_on: &str) -> Case {
    let (name, reason) = (name.into(), "信访核查".into());
    let until_on = until_on.into();
    act!(
        world,
        world.inspector(),
        hold_case,
        HoldCaseRequest {
            name,
            reason,
            until_on
        }
    )
    .expect("held")
}

async fn last_step(world: &World, name: &str) -> pb::Transition {
    let ask = pb::ListTransitionsRequest {
        parent: name.into(),
        ..Default::default()
    };
    let answer = world.maker().cases().list_transitions(ask).await;
    let mut steps = answer.expect("steps").into_inner().transitions;
    steps.pop().expect("a step")
}

#[tokio::test]
async fn a_hold_with_a_term_lapses_and_one_without_does_not() {
    on_every_world(async |world| {
        let held = world.family_at(&Family::of(1), State::VReview).await;
        let open = world.family_at(&Family::of(2), State::VReview).await;
        hold(&world, &held.name, "2025-03-20").await;
        world.hold(&open.name).await.expect("held");
        let on_the_day = world.run_on(date!(2025 - 03 - 20)).await;
        assert!(on_the_day.lapsed_holds.is_empty(), "the last day counts");
        let after = world.run_on(date!(2025 - 03 - 21)).await;
        assert_eq!(after.lapsed_holds, [held.name.as_str()]);
        assert_eq!(world.look(&held.name).await.state(), State::VReview);
        let step = last_step(&world, &held.name).await;
        assert_eq!(step.action, "case.lapse_hold");
        assert_eq!(step.actor, "service:eligibility");
        assert!(step.reason.contains("2025-03-20"), "{step:?}");
        let again = world.run_on(date!(2025 - 03 - 21)).await;
        assert!(again.lapsed_holds.is_empty());
        assert_eq!(world.look(&open.name).await.state(), State::Hold);
        let entries = world.audited().await;
        assert!(entries.iter().any(|it| it.action == "case.lapse_hold"));
        // A later hold without a term has forgotten the earlier one.
        world.hold(&held.name).await.expect("held again");
        let later = world.run_on(date!(2025 - 04 - 30)).await;
        assert!(later.lapsed_holds.is_empty());
    })
    .await;
}

#[tokio::test]
async fn money_is_let_go_when_a_hold_lapses() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Funded).await;
        world.on(date!(2025 - 10 - 09));
        hold(&world, &case.name, "2025-10-15").await;
        world.to_disbursement().await;
        world.run_on(date!(2025 - 10 - 16)).await;
        let told = world.to_disbursement().await;
        assert!(
            matches!(&told[..], [Payload::HoldChanged(it)] if !it.held && it.case == case.name),
            "{told:?}"
        );
        assert_eq!(world.check().await.expect("checked").cleared, 1);
    })
    .await;
}

#[tokio::test]
async fn a_roster_is_due_for_the_line_that_came_back_from_its_hold_the_same_day() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Recorded).await;
        world.on(date!(2025 - 10 - 09));
        hold(&world, &case.name, "2025-10-15").await;
        let funding = |it: &OverdueFlag| it.duty() == DeadlineDuty::Funding;
        let held = world.run_on(date!(2025 - 10 - 14)).await;
        assert!(!held.flags.iter().any(funding), "nothing waits for money");
        let run = world.run_on(date!(2025 - 10 - 16)).await;
        assert_eq!(run.lapsed_holds, [case.name.as_str()]);
        assert_eq!(run.flags.iter().filter(|it| funding(it)).count(), 1);
    })
    .await;
}

/// Changes what the register knows of a nursery.
fn amend(world: &World, code: &str, change: impl FnOnce(&mut Institution)) {
    let institution = world.vault.institution(code);
    let mut known = world.registers.known();
    let dossier = known.institutions.get_mut(&institution).expect("known");
    change(dossier.institution.as_mut().expect("a record"));
}

#[tokio::test]
async fn a_nursery_that_closed_or_is_affordable_no_more_is_referred_before_payment() {
    on_every_world(async |world| {
        let code = books::nursery(&world, 1, 3);
        let own = world.institution(&code);
        let lodged = world.lodge(&own, books::nursery_claim(&code)).await;
        let name = lodged.expect("lodged").name;
        world.bring(&name, Programme::P3, State::Funded).await;
        world.to_disbursement().await;
        world.on(date!(2025 - 10 - 20));
        amend(&world, &code, |it| {
            it.suspensions.push(Suspension {
                from_on: "2025-09-01".into(),
                to_on: String::new(),
            });
        });
        let checked = world.check().await.expect("checked");
        assert_eq!(
            (checked.cleared, &checked.held[..]),
            (0, &[name.clone()][..])
        );
        let referred = world.look(&name).await;
        assert_eq!(
            (referred.state(), referred.resume_state()),
            (State::Referred, State::Funded)
        );
        assert_eq!(last_step(&world, &name).await.reason, "NOT_OPERATING", "I8");
        let told = world.to_disbursement().await;
        assert!(matches!(&told[..], [Payload::HoldChanged(it)] if it.held));

        // It opens again: persons let it go on, and the check clears it.
        amend(&world, &code, |it| it.suspensions.clear());
        let panel = [
            world.checker(),
            world.second(Role::CountyHealthApprover, COUNTY),
        ];
        let mut resolved = None;
        for signer in &panel {
            let signed = world.sign_referral(signer, &name, true).await;
            resolved = Some(signed.expect("signed"));
        }
        let resolved = resolved.expect("two signatures");
        assert_eq!(resolved.state(), State::Funded);
        amend(&world, &code, |it| it.inclusive_recognised_on.clear());
        assert_eq!(world.check().await.expect("checked").cleared, 0);
        assert_eq!(last_step(&world, &name).await.reason, "NOT_INCLUSIVE");
    })
    .await;
}
