//! Every duty and its boundaries, on cases, rosters and notices as values.

use time::{Date, macros::date};
use uuid::Uuid;
use yuhui_kernel::{Calendar, Money, Tenant};
use yuhui_policy::{PolicyPack, Programme};

use super::*;
use crate::domain::{
    Case, Hand, Step,
    notice::Notice,
    roster::{Roster, RosterState},
    summary::Summary,
};

const VILLAGE: &str = "150203002001";
const TOWNSHIP: &str = "150203002";

fn year() -> Year<'static> {
    Year {
        pack: PolicyPack::baotou(),
        calendar: Calendar::china(),
    }
}

fn county() -> Tenant {
    Tenant::parse("150203").expect("a county")
}

fn hand() -> Hand {
    Hand {
        account: "somebody".into(),
        person: None,
        unit: None,
    }
}

/// A case lodged on 10 March 2025 that takes steps, each on its day.
fn case(programme: Programme, steps: &[(Step, Date)]) -> Case {
    let unit = match programme {
        Programme::P1 | Programme::P2 | Programme::N1 => VILLAGE,
        Programme::P3 | Programme::P4 => TOWNSHIP,
    };
    let lodged_on = date!(2025 - 03 - 10);
    let at = lodged_on
        .midnight()
        .assume_offset(time::macros::offset!(+8));
    let unit = unit.parse().expect("a unit");
    let mut case = Case::draft(Uuid::nil(), county(), unit, programme, at);
    case.round = 2025;
    case.lodged_on = Some(lodged_on);
    for (step, on) in [&[(Step::Lodge, lodged_on)], steps].concat() {
        take(&mut case, step, on);
    }
    case
}

fn take(case: &mut Case, step: Step, on: Date) {
    let before = case.clone();
    case.step(step, &hand()).expect("the step fits");
    case.revision += 1;
    case.note_days(&before, on);
}

/// Duty, office, unit, day and posting day of the one thing that is due.
fn due(case: &Case, notice_ends_on: Option<Date>) -> (Duty, Office, String, Date, Option<Date>) {
    let mut all = year().of_case(case, notice_ends_on);
    all.retain(|it| !it.paused);
    let [one] = &all[..] else { panic!("{all:?}") };
    let unit = one.unit.to_string();
    (one.duty, one.office, unit, one.due_on, one.post_by)
}

const ACCEPTED: (Step, Date) = (Step::Accept, date!(2025 - 03 - 12));
const V_NOTICE: [(Step, Date); 2] = [ACCEPTED, (Step::SignAgreeing, date!(2025 - 04 - 01))];
const T_REVIEW: [(Step, Date); 2] = [ACCEPTED, (Step::SignDisagreeing, date!(2025 - 04 - 14))];
const C_REVIEW: [(Step, Date); 3] = [
    ACCEPTED,
    (Step::SignDisagreeing, date!(2025 - 04 - 14)),
    (Step::SignDisagreeing, date!(2025 - 05 - 14)),
];

#[test]
fn the_village_posts_by_23_april_and_ends_by_30_april() {
    let expected = (
        Duty::VillageReview,
        Office::Village,
        VILLAGE.to_owned(),
        date!(2025 - 04 - 30),
        Some(date!(2025 - 04 - 23)),
    );
    assert_eq!(due(&case(Programme::P1, &[]), None), expected);
    assert_eq!(due(&case(Programme::P2, &[ACCEPTED]), None), expected);
    assert_eq!(
        due(&case(Programme::P1, &V_NOTICE), None),
        expected,
        "not posted"
    );
    let [one] = &year().of_case(&case(Programme::P1, &[]), None)[..] else {
        panic!("one")
    };
    assert_eq!(one.days_left(date!(2025 - 03 - 31)), 23, "C.1");
    assert_eq!(one.days_left(date!(2025 - 04 - 24)), -1);
}

#[test]
fn a_notice_that_ends_in_time_ends_the_stage_and_a_late_one_does_not() {
    let case = case(Programme::P1, &V_NOTICE);
    assert!(
        year()
            .of_case(&case, Some(date!(2025 - 04 - 30)))
            .is_empty()
    );
    let (duty, _, _, due_on, post_by) = due(&case, Some(date!(2025 - 05 - 06)));
    let late = (Duty::VillageReview, date!(2025 - 04 - 30), None);
    assert_eq!((duty, due_on, post_by), late);
}

#[test]
fn the_township_has_until_the_last_working_day_of_may() {
    let expected = (
        Duty::TownshipReview,
        Office::Township,
        TOWNSHIP.to_owned(),
        date!(2025 - 05 - 30),
        Some(date!(2025 - 05 - 23)),
    );
    assert_eq!(due(&case(Programme::P1, &T_REVIEW), None), expected);
}

#[test]
fn a_late_village_does_not_make_its_township_late() {
    let late = [ACCEPTED, (Step::SignDisagreeing, date!(2025 - 06 - 10))];
    let (_, _, _, due_on, post_by) = due(&case(Programme::P1, &late), None);
    assert_eq!(post_by, Some(date!(2025 - 06 - 24)), "ten working days");
    assert_eq!(due_on, date!(2025 - 07 - 01));
}

#[test]
fn institutions_have_no_village_and_one_day_for_township_and_county() {
    let lodged = case(Programme::P3, &[]);
    assert_eq!(
        due(&lodged, None).0,
        Duty::CountyReview,
        "I2: county intake"
    );
    let (duty, office, unit, due_on, post_by) = due(&case(Programme::P3, &[ACCEPTED]), None);
    assert_eq!((duty, office), (Duty::TownshipReview, Office::Township));
    assert_eq!(unit, TOWNSHIP);
    assert_eq!((due_on, post_by), (date!(2025 - 07 - 31), None), "四(二)2");
}

#[test]
fn the_county_posts_by_24_july_and_confirms_the_day_after_the_notice() {
    let mut case = case(Programme::P1, &C_REVIEW);
    let (duty, office, unit, due_on, post_by) = due(&case, None);
    assert_eq!((duty, office), (Duty::CountyReview, Office::County));
    assert_eq!(unit, "150203");
    let term = (date!(2025 - 07 - 31), Some(date!(2025 - 07 - 24)));
    assert_eq!((due_on, post_by), term);
    take(&mut case, Step::Review, date!(2025 - 07 - 24));
    let (.., due_on, post_by) = due(&case, Some(date!(2025 - 07 - 31)));
    assert_eq!((due_on, post_by), (date!(2025 - 08 - 01), None));
    let (.., due_on, _) = due(&case, Some(date!(2025 - 08 - 04)));
    assert_eq!(due_on, date!(2025 - 07 - 31), "posted too late");
    take(&mut case, Step::Confirm, date!(2025 - 07 - 30));
    let (duty, _, _, due_on, _) = due(&case, None);
    assert_eq!((duty, due_on), (Duty::CountyRoster, date!(2025 - 07 - 31)));
}

#[test]
fn who_is_confirmed_late_is_on_a_roster_within_ten_working_days() {
    let mut case = case(Programme::P1, &C_REVIEW);
    take(&mut case, Step::Review, date!(2025 - 07 - 24));
    take(&mut case, Step::Confirm, date!(2025 - 08 - 01));
    assert_eq!(due(&case, None).3, date!(2025 - 08 - 15));
}

#[test]
fn a_returned_case_is_its_claimants_and_the_clock_of_the_office_stands() {
    let mut case = case(Programme::P1, &[ACCEPTED]);
    take(&mut case, Step::Return, date!(2025 - 04 - 02));
    case.return_due_on = Some(date!(2025 - 04 - 17));
    let all = year().of_case(&case, None);
    let kinds: Vec<_> = all.iter().map(|it| (it.duty, it.paused)).collect();
    assert_eq!(
        kinds,
        [(Duty::VillageReview, true), (Duty::Correction, false)]
    );
    assert_eq!(all[1].unit.to_string(), VILLAGE);
    assert_eq!(all[1].office, Office::Claimant);
    let on = date!(2025 - 07 - 01);
    let flags: Vec<_> = all
        .iter()
        .flat_map(|it| it.flags(Calendar::china(), on))
        .collect();
    assert!(
        flags.iter().all(|it| it.duty == Duty::Correction),
        "{flags:?}"
    );
    // Back after the last posting day, the office has a term of its own.
    take(&mut case, Step::Resubmit, date!(2025 - 04 - 28));
    assert_eq!(case.stage_since, Some(date!(2025 - 04 - 28)));
    assert!(due(&case, None).3 > date!(2025 - 04 - 30));
}

#[test]
fn an_inquiry_has_ten_working_days() {
    let mut case = case(Programme::P1, &C_REVIEW);
    take(&mut case, Step::Object, date!(2025 - 06 - 03));
    let (duty, office, unit, due_on, _) = due(&case, None);
    assert_eq!((duty, office), (Duty::Inquiry, Office::County));
    assert_eq!((unit.as_str(), due_on), ("150203", date!(2025 - 06 - 17)));
}

#[test]
fn a_referral_is_the_countys_and_a_hold_nobodys() {
    let mut case = case(Programme::P1, &[ACCEPTED]);
    take(&mut case, Step::Refer, date!(2025 - 03 - 20));
    let (duty, office, _, due_on, _) = due(&case, None);
    assert_eq!((duty, office), (Duty::Referral, Office::County));
    assert_eq!(due_on, date!(2025 - 07 - 31));
    take(&mut case, Step::Hold, date!(2025 - 03 - 21));
    case.hold_until = Some(date!(2025 - 03 - 28));
    assert!(year().of_case(&case, None).iter().all(|it| it.paused));
    take(&mut case, Step::Release, date!(2025 - 03 - 31));
    assert_eq!(case.hold_until, None);
    let since = (case.state_since, case.stage_since);
    let (back, first) = (date!(2025 - 03 - 31), date!(2025 - 03 - 10));
    assert_eq!(since, (Some(back), Some(first)), "it is away still");
}

#[test]
fn a_review_and_its_notice_are_one_turn_of_an_office() {
    let case = case(Programme::P1, &V_NOTICE);
    assert_eq!(case.stage_since, Some(date!(2025 - 03 - 10)));
    assert_eq!(case.state_since, Some(date!(2025 - 04 - 01)));
}

fn roster(state: RosterState) -> Roster {
    Roster {
        id: Uuid::nil(),
        tenant: county(),
        revision: 1,
        programme: Programme::P1,
        round: 2025,
        supplement: 0,
        version: 1,
        state,
        line_count: 1,
        total: Money::from_fen(500_000),
        hash: String::new(),
        built_by: hand(),
        checked_by: None,
        checked_lines: String::new(),
        return_proposal: None,
        record_number: String::new(),
        sealed_on: Some(date!(2025 - 07 - 31)),
        operation: String::new(),
        summary: Summary::default(),
        recorded_on: Some(date!(2025 - 08 - 14)),
    }
}

#[test]
fn a_roster_is_recorded_funded_and_paid_by_its_days() {
    let due = |state, progress| {
        let it = year().of_roster(&roster(state), progress);
        it.map(|it| (it.duty, it.office, it.due_on))
    };
    let nothing = RosterProgress::default();
    let recording = (Duty::CityRecording, Office::City, date!(2025 - 08 - 15));
    assert_eq!(due(RosterState::Sealed, nothing), Some(recording));
    assert_eq!(due(RosterState::Checked, nothing), Some(recording));
    let unfunded = RosterProgress {
        unfunded: true,
        funded_since: None,
    };
    let funding = (Duty::Funding, Office::Finance, date!(2025 - 09 - 30));
    assert_eq!(due(RosterState::Recorded, unfunded), Some(funding));
    let funded = RosterProgress {
        unfunded: false,
        funded_since: Some(date!(2025 - 09 - 29)),
    };
    let payment = (Duty::Payment, Office::Bank, date!(2025 - 10 - 31));
    assert_eq!(due(RosterState::Recorded, funded), Some(payment));
    assert_eq!(due(RosterState::Recorded, nothing), None, "all paid");
    assert_eq!(due(RosterState::Superseded, nothing), None);
    assert_eq!(due(RosterState::Building, nothing), None);
}

#[test]
fn who_gets_a_roster_late_has_a_term_of_its_own() {
    let late = Roster {
        sealed_on: Some(date!(2025 - 08 - 18)),
        ..roster(RosterState::Sealed)
    };
    let due = year().of_roster(&late, RosterProgress::default());
    assert_eq!(due.map(|it| it.due_on), Some(date!(2025 - 09 - 01)));
    let funded = RosterProgress {
        unfunded: false,
        funded_since: Some(date!(2025 - 11 - 03)),
    };
    let due = year().of_roster(&roster(RosterState::Recorded), funded);
    assert_eq!(due.map(|it| it.due_on), Some(date!(2025 - 11 - 17)));
}

#[test]
fn a_notice_is_closed_on_the_working_day_after_its_last() {
    let notice = |unit: &str, closed| Notice {
        id: Uuid::nil(),
        tenant: county(),
        unit: unit.parse().expect("a unit"),
        posted_on: date!(2025 - 04 - 23),
        last_on: date!(2025 - 04 - 30),
        closed,
        closed_on: None,
        proof: String::new(),
        documents: Vec::new(),
        posted_by: String::new(),
        digest: String::new(),
        lines: Vec::new(),
    };
    for (unit, office) in [
        (VILLAGE, Office::Village),
        (TOWNSHIP, Office::Township),
        ("150203", Office::County),
    ] {
        let due = year().of_notice(&notice(unit, false)).expect("due");
        let expected = (Duty::NoticeClosing, office, date!(2025 - 05 - 06));
        assert_eq!((due.duty, due.office, due.due_on), expected);
        assert!(
            due.flags(Calendar::china(), date!(2025 - 05 - 06))
                .is_empty()
        );
        let steps = due.flags(Calendar::china(), date!(2025 - 05 - 07));
        assert_eq!(steps.len(), 2, "overdue, and one working day after");
    }
    assert_eq!(year().of_notice(&notice(VILLAGE, true)), None);
}

#[test]
fn nothing_is_flagged_for_a_day_before_the_duty_began() {
    let case = case(Programme::P1, &[ACCEPTED]);
    let [one] = &year().of_case(&case, None)[..] else {
        panic!("one")
    };
    let early = Obligation {
        due_on: date!(2025 - 03 - 01),
        ..one.clone()
    };
    let china = Calendar::china();
    assert!(early.flags(china, date!(2025 - 03 - 09)).is_empty());
    assert!(!early.flags(china, date!(2025 - 03 - 10)).is_empty());
}

#[test]
fn keys_tell_subject_duty_day_and_step_apart() {
    let case = case(Programme::P1, &[ACCEPTED]);
    let [one] = &year().of_case(&case, None)[..] else {
        panic!("one")
    };
    let flags = one.flags(Calendar::china(), date!(2025 - 06 - 30));
    let keys: std::collections::BTreeSet<_> = flags.iter().map(Flag::key).collect();
    assert_eq!((flags.len(), keys.len()), (4, 4));
    assert!(flags.iter().all(|it| it.episode() == one.episode()));
}
