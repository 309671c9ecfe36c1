//! What has become of one claim when another is lodged.

use time::{Date, macros::date};
use yuhui_kernel::Calendar;

use super::{Case, play, tests::shared};
use crate::{Decision, PolicyPack, Reason};

/// Both parents claim for one child, whose hukou is outside Baotou from 5 May to 31 July 2025.
fn twice(second_lodged_on: Date) -> Case {
    let cases = shared().cases.into_iter();
    let mut case = { cases }
        .find(|case| case.id == "S-P1-011")
        .expect("a case of the set");
    let mut home = case.hukou.pop().expect("the child's hukou is the last");
    assert_eq!(home.person, "c2");
    home.to = Some(date!(2025 - 05 - 04));
    let mut away = home.clone();
    away.county = "110105".parse().expect("a county");
    (away.from, away.to) = (date!(2025 - 05 - 05), Some(date!(2025 - 07 - 31)));
    let mut back = home.clone();
    (back.from, back.to) = (date!(2025 - 08 - 01), None);
    case.hukou.extend([home, away, back]);
    let second = case.applications.get_mut(1).expect("the father's claim");
    second.lodged_on = second_lodged_on;
    case
}

fn decided(case: &Case) -> Vec<(Decision, Option<Reason>)> {
    play(case, PolicyPack::baotou(), Calendar::china())
        .into_iter()
        .map(|played| (played.determination.decision, played.determination.reason))
        .collect()
}

const MOVED_OUT: (Decision, Option<Reason>) = (Decision::Reject, Some(Reason::ChildHukouNotBaotou));

#[test]
fn a_claim_not_yet_refused_blocks_another() {
    let pending = twice(date!(2025 - 03 - 12));
    let duplicate = (Decision::NotAccepted, Some(Reason::Duplicate));
    assert_eq!(decided(&pending), [MOVED_OUT, duplicate]);
}

#[test]
fn a_refused_claim_stands_against_nothing() {
    let refused = twice(date!(2025 - 08 - 14));
    assert_eq!(decided(&refused), [MOVED_OUT, (Decision::Pay, None)]);
}

#[test]
fn claims_take_their_turn_by_day_and_then_by_file() {
    let mut case = twice(date!(2025 - 03 - 10));
    case.applications.reverse();
    let turns = play(&case, PolicyPack::baotou(), Calendar::china());
    let ids: Vec<&str> = turns.iter().map(|turn| turn.application.as_str()).collect();
    assert_eq!(ids, ["a2", "a1"]);
}

#[test]
fn who_is_confirmed_after_the_batch_is_paid_with_the_next() {
    let mut case = twice(date!(2025 - 08 - 14));
    case.process = vec![super::ProcessDays {
        application: "a1".to_owned(),
        confirmed_on: Some(date!(2025 - 11 - 20)),
        paid_on: None,
    }];
    let turns = play(&case, PolicyPack::baotou(), Calendar::china());
    let paid_on = turns.first().and_then(|turn| turn.progress.paid_on);
    assert_eq!(paid_on, Some(date!(2026 - 10 - 31)));
}
