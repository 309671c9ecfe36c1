//! Later never means earlier: dates move forward together, and more of a good thing never harms.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;
use time::{Date, macros::date};
use yuhui_kernel::{Calendar, dates};

use super::{dates as law, properties::PLAYED};
use crate::{Decision, PolicyPack, Programme, Reason, case_file::Played, decide};

/// The pack, and the pack with every other reading of a date.
static PACKS: LazyLock<Vec<PolicyPack>> = LazyLock::new(|| {
    let readings = [
        json!({}),
        json!({"p1.transition": "STRICT"}),
        json!({"p1.transition": "ONE_YEAR_FROM_PUBLICATION"}),
        json!({"calendar.roll_applicant_deadlines": false, "notice.roll_over_holidays": false}),
        json!({"age.birthday_still_under": false, "age.limit_years": 2, "p1.limit_years": 2}),
        json!({"calendar.family_filing_close": "04-30", "calendar.institution_filing_close": "02-29"}),
    ];
    let with = |reading: &serde_json::Value| {
        PolicyPack::baotou()
            .with_overrides(reading.as_object().expect("an object"))
            .expect("known parameters")
    };
    readings.iter().map(with).collect()
});

fn day() -> impl Strategy<Value = Date> {
    (0_i64..1_500).prop_map(|days| dates::add_days(date!(2023 - 06 - 01), days))
}

/// The claims that are paid, and whose decision rests on one day of lodging.
fn paid(programme: Programme) -> impl Iterator<Item = &'static (PolicyPack, Played)> {
    PLAYED.iter().filter(move |(_, played)| {
        played.claim.programme == programme && played.determination.decision == Decision::Pay
    })
}

proptest! {
    #[test]
    fn a_later_day_never_has_an_earlier_limit(one in day(), days in 0_i64..400) {
        let china = Calendar::china();
        let later = dates::add_days(one, days);
        for pack in PACKS.iter() {
            prop_assert!(law::p1_last_day(pack, china, one) <= law::p1_last_day(pack, china, later));
            prop_assert!(
                law::last_day_under_three(pack, one) <= law::last_day_under_three(pack, later)
            );
            prop_assert!(
                law::notice_last_day(pack, china, one) <= law::notice_last_day(pack, china, later)
            );
            prop_assert!(law::family_round(pack, china, one) <= law::family_round(pack, china, later));
            prop_assert!(
                law::institution_round(pack, china, one) <= law::institution_round(pack, china, later)
            );
        }
    }

    #[test]
    fn a_limit_lies_after_the_day_it_starts_on(one in day()) {
        let china = Calendar::china();
        for pack in PACKS.iter() {
            prop_assert!(law::p1_last_day(pack, china, one) > one);
            prop_assert!(law::notice_last_day(pack, china, one) > one);
            prop_assert!(law::last_day_under_three(pack, one) > one);
        }
    }

    #[test]
    fn a_round_is_the_first_that_is_still_open(one in day()) {
        let china = Calendar::china();
        for pack in PACKS.iter() {
            let first = pack.parameters.policy_first_round;
            let round = law::family_round(pack, china, one);
            prop_assert!(law::family_window_close(pack, china, round) >= one);
            prop_assert!(round == first || law::family_window_close(pack, china, round - 1) < one);
            let round = law::institution_round(pack, china, one);
            prop_assert!(law::institution_window_close(pack, china, round) >= one);
            prop_assert!(
                round == first || law::institution_window_close(pack, china, round - 1) < one
            );
        }
    }

    #[test]
    fn a_longer_stay_never_has_fewer_months(from in day(), days in 0_i64..500, more in 0_i64..60) {
        let months = |days| law::whole_months(&[(from, dates::add_days(from, days))]);
        prop_assert!(months(days) <= months(days + more));
        let far = (dates::add_days(from, 700), dates::add_days(from, 750));
        let with_far = |days| law::whole_months(&[far, (from, dates::add_days(from, days))]);
        prop_assert!(with_far(days) <= with_far(days + more));
    }

    #[test]
    fn who_is_too_late_is_never_paid_later(days in 0_i64..900, more in 1_i64..200) {
        let too_late = [Reason::DeemedWaived, Reason::WindowClosed];
        for (pack, played) in paid(Programme::P1).chain(paid(Programme::P2)) {
            let reason = |days| {
                let mut claim = played.claim.clone();
                claim.lodged_on = dates::add_days(claim.lodged_on, days);
                // Years pass; nothing else happens to the family.
                let mut facts = played.facts.clone();
                facts.other_claims.clear();
                facts.hukou.iter_mut().for_each(|entry| entry.to = None);
                let progress = crate::Progress {
                    confirmed_on: None,
                    paid_on: None,
                    paid: false,
                    known_on: claim.lodged_on,
                };
                decide(pack, Calendar::china(), &facts, &claim, &progress).reason
            };
            if reason(days).is_some_and(|it| too_late.contains(&it)) {
                prop_assert!(reason(days + more).is_some(), "{}", &played.claim.id);
            }
        }
    }

    #[test]
    fn more_days_of_a_stay_never_cost_money(more in 1_i64..40) {
        for (pack, played) in paid(Programme::P2).chain(paid(Programme::P3)) {
            let mut facts = played.facts.clone();
            let subject = &played.claim.subject;
            let own = { facts.enrolments.iter_mut() }
                .filter(|stay| stay.child == *subject || stay.institution == *subject);
            for stay in own {
                stay.to = stay.to.map(|to| dates::add_days(to, more));
            }
            let Played { claim, progress, determination, .. } = played;
            let longer = decide(pack, Calendar::china(), &facts, claim, progress);
            prop_assert_eq!(longer.decision, Decision::Pay, "{}", &claim.id);
            prop_assert!(longer.amount >= determination.amount, "{}", &claim.id);
        }
    }
}
