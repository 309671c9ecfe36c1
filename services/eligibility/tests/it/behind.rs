//! Registers that are behind their time, stays that nobody has checked, and answers of long ago.

use time::macros::date;
use yuhui_proto::{
    eligibility::v1::{self as pb, case::State},
    registry::v1::{FactKind, LastKnown, Register, register_answer::unavailable::Cause},
    types::v1::{Decision, Programme},
};

use crate::{
    books::{self, Family},
    harness::{World, on_every_world},
    unknown::{told, waiting},
    walk::act,
};

/// How old an answer may be depends on the stage.
#[tokio::test]
async fn a_register_a_little_behind_its_time_answers_for_a_review_and_not_for_a_payment() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::VReview).await;
        let child = world.vault.person(&family.second);
        let behind = |from_on: &str| {
            let gap = told(
                Register::PublicSecurity,
                FactKind::Hukou,
                &child,
                Cause::Stale,
                from_on,
            );
            family.amend(&world, |facts| facts.told = vec![gap]);
        };
        // Complete up to 8 February, thirty days ago; one day less is too old, but for the day of lodging
        // only where it is not covered.
        behind("2025-02-09");
        world
            .report(&world.clerk(), &case.name, true)
            .await
            .expect("fresh enough");
        behind("2025-02-08");
        let stale = world.report(&world.clerk(), &case.name, true).await;
        waiting(stale);
        let case = world.look(&case.name).await;
        assert_eq!(case.waiting_for[0].reason, "FACT_STALE");
        family.amend(&world, |facts| facts.told.clear());
        let case = world.bring(&case.name, Programme::P1, State::Funded).await;
        world.on(date!(2025 - 10 - 20));
        behind("2025-10-17");
        let checked = world.check().await.expect("checked");
        assert_eq!((checked.cleared, checked.held.len()), (0, 1), "four days");
        behind("2025-10-18");
        assert_eq!(
            world.check().await.expect("checked").cleared,
            1,
            "three days"
        );
        assert_eq!(world.look(&case.name).await.state(), State::Funded);
    })
    .await;
}

/// Stays that nobody has checked were read as none, and the months fell short.
#[tokio::test]
async fn unchecked_stays_are_waited_for() {
    on_every_world(async |world| {
        let family = Family::of(1);
        family.register(&world);
        let code = books::nursery(&world, 1, 0);
        let child = world.vault.person(&family.second);
        let stay = |from_on: &str, to_on: &str| yuhui_proto::institution::v1::Enrolment {
            child: child.clone(),
            child_born_on: "2024-06-15".into(),
            institution_ref: world.vault.institution(&code),
            from_on: from_on.into(),
            to_on: to_on.into(),
            fee_receipts: true,
        };
        world.registers.known().unchecked = vec![stay("2024-08-01", "2024-12-31")];
        let mut claim = family.claim();
        claim.programme = Programme::P2.into();
        claim.subsidy_year = 2024;
        let case = world.lodge(&world.clerk(), claim).await.expect("lodged");
        let found = case.determination.clone().expect("found");
        assert_eq!(
            (found.decision(), &*found.reason),
            (Decision::Wait, "FACT_PENDING")
        );
        assert_eq!(case.waiting_for[0].fact, "ENROLMENT");
        let letter = world.letter(&case.name).await;
        for words in ["等待核实告知书", "入托记录", "尚待核查", "申报日期保留"]
        {
            assert!(letter.contains(words), "{words}: {letter}");
        }
        // The nursery's county checks them.
        let checked = world
            .registers
            .known()
            .unchecked
            .drain(..)
            .collect::<Vec<_>>();
        let reference = world.vault.institution(&code);
        {
            let mut known = world.registers.known();
            known
                .institutions
                .get_mut(&reference)
                .expect("it")
                .enrolments = checked;
        }
        let name = case.name.clone();
        let clerk = world.clerk();
        act!(
            world,
            clerk,
            accept_case,
            AcceptCaseRequest {
                name: name.clone(),
                originals_seen: true
            }
        )
        .expect("accepted");
        let case = world
            .report(&world.clerk(), &name, true)
            .await
            .expect("reported");
        assert_eq!(case.determination.expect("found").decision(), Decision::Pay);
        assert!(case.waiting_for.is_empty());
    })
    .await;
}

/// What a silent register said before is shown, and decides nothing.
#[tokio::test]
async fn the_last_answer_is_shown_and_never_a_fact() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::VReview).await;
        world.silence(&family, Register::CivilAffairs);
        world.registers.known().last_known = vec![LastKnown {
            register: Register::CivilAffairs.into(),
            answered_on: "2025-03-01".into(),
            digest: "00".into(),
        }];
        waiting(world.report(&world.clerk(), &case.name, true).await);
        let case = world.look(&case.name).await;
        for it in &case.waiting_for {
            assert_eq!(it.last_known_on, "2025-03-01");
        }
        let parents = case
            .waiting_for
            .iter()
            .filter(|it| it.subject == "PARENT")
            .count();
        let claimants = case
            .waiting_for
            .iter()
            .filter(|it| it.subject == "CLAIMANT")
            .count();
        assert_eq!(
            (parents, claimants),
            (1, 1),
            "both marriages: {:?}",
            case.waiting_for
        );
    })
    .await;
}

/// WRONG_COUNTY helps, whatever else is silent.
#[tokio::test]
async fn who_is_in_the_wrong_county_is_told_at_once() {
    on_every_world(async |world| {
        let family = Family::of(1);
        family.register_in(&world, "150204");
        world.silence(&family, Register::CivilAffairs);
        let case = world
            .lodge(&world.clerk(), family.claim())
            .await
            .expect("lodged");
        let found = case.determination.expect("found");
        assert_eq!(
            (found.decision(), &*found.reason),
            (Decision::NotAccepted, "WRONG_COUNTY")
        );
        assert!(case.waiting_for.is_empty());
    })
    .await;
}

impl World {
    async fn letter(&self, name: &str) -> String {
        let ask = pb::GetDeterminationRequest { name: name.into() };
        let answer = self.maker().cases().get_determination(ask).await;
        answer.expect("a determination").into_inner().letter
    }
}
