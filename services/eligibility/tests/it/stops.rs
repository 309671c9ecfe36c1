//! Holds, inquiries, referrals, withdrawals and terminations, and what they mean for money.

use time::macros::date;
use yuhui_proto::{
    eligibility::v1::{self as pb, case::State, resolve_inquiry_request::Outcome},
    internal::v1::event::Payload,
    types::v1::{Decision, Programme},
};

use yuhui_proto::eligibility::v1::PendingProposal;

use crate::{
    books::Family,
    harness::{OTHER_COUNTY, World, on_every_world, refused},
    walk::act,
};

/// What disbursement was told of holds since the last call.
async fn holds(world: &World) -> Vec<bool> {
    let told = world.to_disbursement().await.into_iter();
    told.filter_map(|it| match it {
        Payload::HoldChanged(it) => Some(it.held),
        _ => None,
    })
    .collect()
}

/// What ledger and disbursement were told of lines struck off.
async fn struck(world: &World) -> Vec<(i64, String)> {
    let mut struck = Vec::new();
    for told in [world.to_ledger().await, world.to_disbursement().await] {
        for payload in told {
            if let Payload::LineTerminated(it) = payload {
                struck.push((it.amount_fen, it.reason));
            }
        }
    }
    struck
}

#[tokio::test]
async fn a_hold_keeps_money_back_until_it_is_lifted() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Funded).await;
        let name = case.name.as_str();
        world.on(date!(2025 - 10 - 20));
        assert_eq!(world.check().await.expect("checked").cleared, 1);
        assert_eq!(world.cleared().await, [name]);
        let held = world.hold(name).await.expect("held");
        assert_eq!(
            (held.state(), held.resume_state()),
            (State::Hold, State::Funded)
        );
        assert_eq!(holds(&world).await, [true]);
        assert!(world.cleared().await.is_empty());
        let checked = world.check().await.expect("checked");
        assert_eq!(
            (checked.cleared, checked.held.as_slice()),
            (0, &[case.name.clone()][..])
        );
        let withdrawn = world.withdraw(&world.clerk(), name).await;
        assert_eq!(refused(withdrawn).1, "WRONG_STATE");
        assert_eq!(
            world.release(name).await.expect("released").state(),
            State::Funded
        );
        assert_eq!(holds(&world).await, [false]);
        let checked = world.check().await.expect("checked");
        assert_eq!(checked.cleared, 1);
        world.on(date!(2025 - 10 - 21));
        assert!(world.cleared().await.is_empty(), "cleared for its day only");
    })
    .await;
}

#[tokio::test]
async fn rosters_and_money_move_on_underneath() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Rostered).await;
        let name = case.name.as_str();
        world.object(&world.maker(), name).await.expect("recorded");
        world.hold(name).await.expect("held on top");
        world.check_roster(&case.roster).await.expect("checked");
        world
            .record(&world.recorder(), &case.roster)
            .await
            .expect("recorded");
        world.funded(&case.roster).await;
        assert_eq!(holds(&world).await, [true], "told once");
        let released = world.release(name).await.expect("released");
        assert_eq!(
            (released.state(), released.resume_state()),
            (State::Inquiry, State::Funded)
        );
        assert!(holds(&world).await.is_empty(), "the inquiry goes on");
        let back = world.resolve(name, Outcome::Return).await;
        assert_eq!(
            refused(back).1,
            "WRONG_STATE",
            "what is confirmed is not corrected"
        );
        let resumed = world.resolve(name, Outcome::Resume).await.expect("resumed");
        assert_eq!(resumed.state(), State::Funded);
        assert_eq!(holds(&world).await, [false]);
    })
    .await;
}

#[tokio::test]
async fn a_returned_roster_takes_along_what_is_on_hold() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Rostered).await;
        world.hold(&case.name).await.expect("held");
        world.relay().await;
        world.disbursement.heard();
        world.give_back(&case.roster).await.expect("returned");
        assert_eq!(
            holds(&world).await,
            [false],
            "there is no line to keep back"
        );
        let held = world.look(&case.name).await;
        assert_eq!(
            (held.state(), held.resume_state()),
            (State::Hold, State::CReview)
        );
        assert_eq!(
            struck(&world).await,
            [(500_000, "ROSTER_RETURNED".to_owned())]
        );
        let released = world.release(&case.name).await.expect("released");
        assert_eq!(released.state(), State::CReview);
    })
    .await;
}

#[tokio::test]
async fn an_objection_stops_the_clock_and_its_author_stays_unknown() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::VNotice).await;
        let (name, clerk) = (case.name.as_str(), world.clerk());
        let notice = world.post(&clerk, &[name]).await.expect("posted");
        let stopped = world.object(&clerk, name).await.expect("recorded");
        assert_eq!(
            (stopped.state(), stopped.resume_state()),
            (State::Inquiry, State::VNotice)
        );
        world.on(date!(2025 - 03 - 18));
        assert_eq!(world.close(&clerk, &notice.name).await.expect("closed"), 0);
        let resumed = world.resolve(name, Outcome::Resume).await.expect("resumed");
        assert_eq!(
            (resumed.state(), resumed.notice.as_str()),
            (State::VNotice, "")
        );
        world.notice(&clerk, name).await;
        assert_eq!(
            world.look(name).await.state(),
            State::TReview,
            "after another seven days"
        );

        let ask = pb::ListTransitionsRequest {
            parent: name.into(),
            ..Default::default()
        };
        let own = world.applicant(&family.mother);
        let seen = own
            .cases()
            .list_transitions(ask.clone())
            .await
            .expect("it")
            .into_inner();
        let objection = seen
            .transitions
            .iter()
            .find(|it| it.action == "case.object");
        assert_eq!(
            objection.expect("it").reason,
            "",
            "what was said may name its speaker"
        );
        let seen = clerk
            .cases()
            .list_transitions(ask)
            .await
            .expect("it")
            .into_inner();
        let objection = seen
            .transitions
            .iter()
            .find(|it| it.action == "case.object");
        assert!(objection.expect("it").reason.contains("邻居"));
        let kept = format!(
            "{:?} {:?} {seen:?}",
            world.audited().await,
            world.look(name).await
        );
        assert!(!kept.contains("王某"), "who objected is sealed");
    })
    .await;
}

#[tokio::test]
async fn a_hold_over_the_end_of_a_notice_does_not_lose_the_case() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CNotice).await;
        let name = case.name.as_str();
        let maker = world.maker();
        let notice = world.post(&maker, &[name]).await.expect("posted");
        world.hold(name).await.expect("held");
        let last = yuhui_kernel::dates::parse(&notice.last_on).expect("a day");
        world.on(last.next_day().expect("a day"));
        assert_eq!(world.close(&maker, &notice.name).await.expect("closed"), 0);
        world.release(name).await.expect("released");
        world.notice(&maker, name).await;
        world
            .confirm(&world.checker(), name)
            .await
            .expect("confirmed");
    })
    .await;
}

#[tokio::test]
async fn an_inquiry_ends_as_the_county_decides() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::TNotice).await;
        world
            .object(&world.reviewer(), &case.name)
            .await
            .expect("recorded");
        let returned = world
            .resolve(&case.name, Outcome::Return)
            .await
            .expect("returned");
        assert_eq!(
            (returned.state(), returned.resume_state()),
            (State::Returned, State::TReview)
        );
        assert_eq!(returned.defects, ["经核查"]);
        let (name, answer, clerk) = (case.name.clone(), "已补正".to_owned(), world.clerk());
        let back = act!(
            world,
            clerk,
            resubmit_case,
            ResubmitCaseRequest { name, answer }
        );
        assert_eq!(back.expect("brought back").state(), State::TReview);

        let recorded = world
            .bring(&case.name, Programme::P1, State::Recorded)
            .await;
        world
            .object(&world.maker(), &recorded.name)
            .await
            .expect("recorded");
        world.relay().await;
        world.ledger.heard();
        world.disbursement.heard();
        let ended = world
            .resolve(&recorded.name, Outcome::Refuse)
            .await
            .expect("ended");
        assert_eq!(ended.state(), State::Terminated);
        assert_eq!(
            struck(&world).await,
            vec![(500_000, "OTHER_GROUND".to_owned()); 2]
        );
    })
    .await;
}

#[tokio::test]
async fn a_withdrawal_frees_the_money_and_the_child() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::Funded).await;
        struck(&world).await;
        let own = world.applicant(&family.mother);
        let withdrawn = world.withdraw(&own, &case.name).await.expect("withdrawn");
        assert_eq!(withdrawn.state(), State::Withdrawn);
        assert_eq!(
            struck(&world).await,
            vec![(500_000, "WITHDRAWN".to_owned()); 2]
        );
        let again = world
            .lodge(&own, family.claim())
            .await
            .expect("lodged again");
        assert_eq!(again.determination.expect("it").decision(), Decision::Pay);
    })
    .await;
}

#[tokio::test]
async fn the_check_before_payment_stops_who_has_moved_away() {
    on_every_world(async |world| {
        let (leaves, stays) = (Family::of(1), Family::of(2));
        let case = world.family_at(&leaves, State::Confirmed).await;
        world.on(date!(2025 - 03 - 10));
        world.family_at(&stays, State::Confirmed).await;
        world.bring(&case.name, Programme::P1, State::Funded).await;
        struck(&world).await;
        world.on(date!(2025 - 10 - 20));
        leaves.moves(&world, "110101", "2025-09-01", "2025-08-31");
        let checked = world.check().await.expect("checked");
        assert_eq!(
            (checked.cleared, checked.proposed_terminations),
            (1, vec![case.name.clone()])
        );
        let again = world.check().await.expect("checked again");
        assert_eq!(
            (again.cleared, again.proposed_terminations),
            (1, vec![case.name.clone()])
        );
        let before = world.look(&case.name).await.determination.expect("it");
        assert_eq!(
            before.decision(),
            Decision::Pay,
            "a proposal is no decision"
        );
        let stopped = world
            .approve_termination(&world.checker(), &case.name)
            .await;
        let told = stopped.expect("stopped").determination.expect("it");
        assert_eq!(told.decision(), Decision::Terminate);
        assert_eq!(told.reason, "CHILD_MOVED_OUT");
        assert!(told.cites.contains(&"六1".to_owned()), "{:?}", told.cites);
        assert_eq!(
            struck(&world).await,
            vec![(500_000, "CHILD_MOVED_OUT".to_owned()); 2]
        );
    })
    .await;
}

#[tokio::test]
async fn moving_inside_the_city_changes_nothing() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::Funded).await;
        world.on(date!(2025 - 10 - 20));
        family.moves(&world, OTHER_COUNTY, "2025-09-01", "2025-08-31");
        assert_eq!(world.check().await.expect("checked").cleared, 1);
        assert_eq!(world.cleared().await, [case.name]);
    })
    .await;
}

#[tokio::test]
async fn what_is_stopped_after_the_batch_went_out_is_the_banks_to_answer_for() {
    on_every_world(async |world| {
        for (serial, credited, end) in [(1, true, State::Paid), (2, false, State::Terminated)] {
            world.on(date!(2025 - 03 - 10));
            let case = world.family_at(&Family::of(serial), State::Funded).await;
            world
                .propose_termination(&case.name, "OTHER_GROUND")
                .await
                .expect("proposed");
            let stopped = world
                .approve_termination(&world.checker(), &case.name)
                .await;
            assert_eq!(stopped.expect("stopped").state(), State::Terminated);
            world.sent(&case.name).await;
            assert_eq!(world.look(&case.name).await.state(), State::InPayment);
            world.settled(&case.name, credited).await;
            assert_eq!(world.look(&case.name).await.state(), end);
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_proposed_while_the_line_was_on_its_way_locks_nothing() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Funded).await.name;
        let proposed = world.propose_termination(&case, "OTHER_GROUND").await;
        proposed.expect("proposed");
        world.sent(&case).await;
        world.settled(&case, true).await;
        let paid = world.look(&case).await;
        assert_eq!(paid.state(), State::Paid);
        assert_eq!(
            paid.pending_proposal(),
            PendingProposal::Unspecified,
            "nothing is left to approve"
        );
    })
    .await;
}
