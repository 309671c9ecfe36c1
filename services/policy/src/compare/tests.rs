use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    NationalPack, PolicyPack,
    case_file::{CaseFile, Kind, play},
    rules::properties::PLAYED,
};

const SHARED: &str = include_str!("../../../../tests/data/cases_shared.json");
const NATIONAL: &str = include_str!("../../../../tests/data/cases_national.json");

type Instance = (Facts, Claim, Progress);

/// The claims of the shared cases that keep the default parameters, and of those named.
fn claims(ids: &[&str]) -> Vec<Instance> {
    let file = CaseFile::parse(SHARED).expect("readable");
    let cases = file.cases.iter().filter(|case| {
        matches!(case.kind, Kind::Family | Kind::Institution)
            && case.params.is_empty()
            && (ids.is_empty() || ids.contains(&case.id.as_str()))
    });
    cases
        .flat_map(|case| play(case, PolicyPack::baotou(), Calendar::china()))
        .map(|played| (played.facts, played.claim, played.progress))
        .collect()
}

fn other(overrides: &Value) -> PolicyPack {
    PolicyPack::baotou()
        .with_overrides(overrides.as_object().expect("an object"))
        .expect("known parameters")
}

fn against(after: &PolicyPack, round: Option<i32>, claims: Vec<Instance>) -> Comparison {
    compare(
        PolicyPack::baotou(),
        after,
        Calendar::china(),
        round,
        claims,
    )
    .expect("it fits")
}

#[test]
fn a_pack_beside_itself_changes_nothing() {
    let comparison = against(PolicyPack::baotou(), None, claims(&[]));
    assert!(comparison.changes.is_empty());
    let total = comparison.total().expect("it fits");
    assert!(total.claims > 100 && total.before > Money::ZERO);
    assert_eq!(total.before, total.after);
    assert_eq!(
        (total.gain, total.lose, total.otherwise),
        (Side::default(), Side::default(), 0)
    );
}

#[test]
fn another_amount_is_a_gain_of_every_claim_paid() {
    // One second child in 150203, paid 5,000 yuan; nothing else.
    let one = claims(&["S-P1-001"]);
    let paid = u64::try_from(one.len()).expect("few");
    let comparison = against(
        &other(&json!({"p1.amount_fen": {"SECOND": 600_000}})),
        None,
        one,
    );
    let total = comparison.total().expect("it fits");
    assert_eq!(total.claims, paid);
    assert_eq!(
        total.gain,
        Side {
            claims: 1,
            amount: Money::from_fen(100_000)
        }
    );
    assert_eq!(total.lose, Side::default());
    let change = comparison.changes.first().expect("one change");
    assert_eq!(comparison.changes.len(), 1);
    assert_eq!((change.before.reason, change.after.reason), (None, None));
    assert_eq!(change.before.amount, Money::from_fen(500_000));
    assert_eq!(change.after.amount, Money::from_fen(600_000));
    let county = comparison.of_county(change.county).expect("it fits");
    assert_eq!(county, total);
    let programme = comparison.of_programme(Programme::P1).expect("it fits");
    assert_eq!(programme, total);
    let none = comparison.of_programme(Programme::P2).expect("it fits");
    assert_eq!(none, Tally::default());
}

#[test]
fn a_stricter_reading_is_a_loss_with_its_reason() {
    let comparison = against(
        &other(&json!({"p1.transition": "STRICT"})),
        None,
        claims(&[]),
    );
    let total = comparison.total().expect("it fits");
    assert!(total.lose.claims > 0 && total.gain.claims == 0);
    let lost = total.before.checked_sub(total.after);
    assert_eq!(lost, Some(total.lose.amount));
    for change in &comparison.changes {
        assert_eq!(change.programme, Programme::P1);
        assert_eq!(change.before.reason, None);
        assert_eq!(change.after.reason, Some(Reason::DeemedWaived));
        assert_eq!(change.after.amount, Money::ZERO);
    }
}

#[test]
fn another_reason_for_the_same_amount_is_neither_gain_nor_loss() {
    // Closing the scheme is step 5: every claim that failed later now fails for that.
    let closed = other(&json!({"national_scheme.interaction": {"CLOSE_FROM": "2024-01-01"}}));
    let comparison = against(&closed, None, claims(&[]));
    let total = comparison.total().expect("it fits");
    assert!(total.otherwise > 0 && total.lose.claims > 0);
    let changed = u64::try_from(comparison.changes.len()).expect("few");
    assert_eq!(
        changed,
        total.otherwise + total.lose.claims + total.gain.claims
    );
}

#[test]
fn what_is_recovered_is_not_kept() {
    let fraud = claims(&["S-P3-015"]);
    let comparison = against(PolicyPack::baotou(), None, fraud);
    assert_eq!(comparison.total().expect("it fits").before, Money::ZERO);
}

#[test]
fn claims_of_another_round_are_left_out() {
    let all = claims(&[]);
    let count = |round| {
        let comparison = against(PolicyPack::baotou(), round, all.clone());
        comparison.total().expect("it fits").claims
    };
    assert_eq!(count(None), u64::try_from(all.len()).expect("few"));
    let rounds: u64 = (2025..=2027).map(|round| count(Some(round))).sum();
    assert_eq!(rounds, count(None));
    assert!(count(Some(2025)) > count(Some(2026)));
    assert_eq!(count(Some(2024)), 0);
}

#[test]
fn a_refused_claim_is_of_the_round_it_was_lodged_in() {
    // Lodged the day after the window: lapsed, or paid in the next round.
    let late = claims(&["S-P2-011"]);
    let moved = other(&json!({"p2.late_filing": "NEXT_ROUND"}));
    for (round, gained) in [(2025, 0), (2026, 50_000), (2027, 0)] {
        let comparison = against(&moved, Some(round), late.clone());
        let total = comparison.total().expect("it fits");
        assert_eq!(total.gain.amount, Money::from_fen(gained), "{round}");
    }
    let comparison = against(&moved, Some(2026), late);
    let change = comparison.changes.first().expect("one change");
    assert_eq!(change.before.reason, Some(Reason::WindowClosed));
    assert_eq!(change.after.decision, Decision::Pay);
}

#[test]
fn packs_of_the_national_law_are_compared_too() {
    let file = CaseFile::parse(NATIONAL).expect("readable");
    let cases = file
        .cases
        .iter()
        .filter(|case| case.kind == Kind::Family && case.params.is_empty());
    let claims: Vec<Instance> = cases
        .flat_map(|case| play(case, NationalPack::national(), Calendar::china()))
        .map(|played| (played.facts, played.claim, played.progress))
        .collect();
    let overrides = json!({"birth.beyond_third_child": "REJECT"});
    let stricter = NationalPack::national()
        .with_overrides(overrides.as_object().expect("an object"))
        .expect("a known parameter");
    let comparison = compare(
        NationalPack::national(),
        &stricter,
        Calendar::china(),
        Some(2025),
        claims,
    )
    .expect("it fits");
    let reasons: Vec<_> = { comparison.changes.iter() }
        .map(|change| (change.claim.as_str(), change.after.reason))
        .collect();
    assert_eq!(reasons, [("a1/c1", Some(Reason::BeyondThirdChild))]);
    let lost = comparison.total().expect("it fits").lose;
    assert_eq!(lost.amount, Money::from_fen(360_000));
}

#[test]
fn too_much_is_refused() {
    let most = other(&json!({"p1.amount_fen": {"SECOND": i64::MAX, "THIRD": i64::MAX}}));
    let claims = claims(&["S-P1-001", "S-P1-002", "S-P1-003"]);
    let refused = compare(&most, &most, Calendar::china(), None, claims);
    let total = refused.and_then(|comparison| comparison.total());
    assert_eq!(total, Err(TooMuch));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Sums by county, by programme and over all are the same, and say what the amounts say.
    #[test]
    fn sums_agree(second in 0_i64..1_000_000, third in 0_i64..1_000_000, p2 in 0_i64..100_000) {
        let after = other(&json!({
            "p1.amount_fen": {"SECOND": second, "THIRD": third},
            "p2.amount_fen": p2,
        }));
        let all = { PLAYED.iter() }.map(|(_, played)| {
            (played.facts.clone(), played.claim.clone(), played.progress)
        });
        let comparison = against(&after, None, all.collect());
        let total = comparison.total().expect("it fits");
        let by_programme = [Programme::P1, Programme::P2, Programme::P3, Programme::P4]
            .iter()
            .try_fold(Tally::default(), |sum, programme| {
                sum.plus(&comparison.of_programme(*programme)?)
            });
        prop_assert_eq!(by_programme, Ok(total));
        let net = total.after.fen() - total.before.fen();
        prop_assert_eq!(net, total.gain.amount.fen() - total.lose.amount.fen());
        let changed = u64::try_from(comparison.changes.len()).expect("few");
        prop_assert_eq!(changed, total.gain.claims + total.lose.claims + total.otherwise);
    }
}
