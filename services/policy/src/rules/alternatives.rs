//! Every parameter at its other values, over every claim of both sets: what must hold of the
//! default readings holds of each of them, and none of them is dead.

use std::{collections::BTreeSet, sync::LazyLock};

use serde_json::{Value, json};
use yuhui_kernel::{Calendar, dates};

use super::{
    dates as law,
    properties::{PLAYED, disorder, go_on, later_claim},
};
use crate::{PolicyPack, Programme, case_file::Played, decide, determine, pack::Parameters};

/// Parameters that decide no claim: days of notices, and who bears an odd fen.
const DECIDE_NO_CLAIM: [&str; 3] = [
    "notice.days",
    "notice.roll_over_holidays",
    "funding.residual_fen_bearer",
];

/// Other values of each parameter (B.4).
static ALTERNATIVES: LazyLock<Vec<(&str, Value)>> = LazyLock::new(|| {
    vec![
        ("policy.publication_date", json!("2024-02-01")),
        ("policy.period_from", json!("2024-07-01")),
        ("policy.period_to", json!("2024-12-31")),
        ("policy.first_round", json!(2026)),
        ("calendar.family_filing_close", json!("02-28")),
        ("calendar.institution_filing_close", json!("05-15")),
        ("calendar.roll_applicant_deadlines", json!(false)),
        ("notice.days", json!(5)),
        ("notice.roll_over_holidays", json!(false)),
        ("age.limit_years", json!(2)),
        ("age.birthday_still_under", json!(false)),
        ("order.first_delivery_multiples", json!("EVERY_CHILD")),
        ("order.deceased_children_count", json!(false)),
        ("order.premarital_common_children_count", json!(false)),
        ("order.placed_for_adoption_count", json!(false)),
        ("family.deceased_parent_hukou_counts", json!(false)),
        ("family.child_death_after_lodging", json!("TERMINATE")),
        ("hukou.gap_days", json!(0)),
        (
            "p1.amount_fen",
            json!({"SECOND": 400_001, "THIRD": 600_001}),
        ),
        ("p1.limit_years", json!(2)),
        ("p1.transition", json!("STRICT")),
        ("p1.transition", json!("ONE_YEAR_FROM_PUBLICATION")),
        ("p1.marital_test", json!("BY_APPLICATION")),
        ("p1.marital_grace_days", json!(0)),
        ("p1.custody_split_scope", json!("ALL_CHILDREN")),
        ("p1.wrong_county_preserves_date", json!(false)),
        ("p2.amount_fen", json!(50_001)),
        ("p2.min_months", json!(5)),
        ("p2.min_months_scope", json!("WHOLE_SPELL")),
        ("p2.proration", json!("MONTHLY")),
        ("p2.late_filing", json!("NEXT_ROUND")),
        ("p2.split_shared_custody", json!(true)),
        ("p2.adopted_child_eligible", json!(true)),
        ("p2.marital_test", json!("AT_BIRTH")),
        ("inst.service_years", json!(2)),
        ("p3.amount_fen", json!(60_001)),
        ("p3.min_months", json!(6)),
        ("p3.same_child_multi_institution", json!("EACH")),
        (
            "p4.amount_fen",
            json!({"NATIONAL": 3, "REGIONAL": 2, "MUNICIPAL": 1}),
        ),
        ("p4.upgrade", json!("NONE")),
        ("p4.upgrade", json!("FULL")),
        ("p4.honour_from", json!("2023-01-01")),
        ("p4.honour_to", json!("2026-12-31")),
        ("termination.parents_moved_rule", json!("BOTH_MUST_MOVE")),
        ("fraud.recovery_scope", json!("ALL_PAID")),
        ("fraud.cancel_scope", json!("TAINTED_APPLICATION")),
        ("funding.residual_fen_bearer", json!("CITY")),
        ("national_scheme.interaction", json!("OFFSET")),
        (
            "national_scheme.interaction",
            json!({"CLOSE_FROM": "2025-03-15"}),
        ),
    ]
});

/// Every claim with its own pack, in which one parameter has another value.
fn with(name: &str, value: &Value) -> impl Iterator<Item = (PolicyPack, &'static Played)> {
    let overrides = json!({ name: value });
    PLAYED.iter().map(move |(pack, played)| {
        let overrides = overrides.as_object().expect("an object");
        let pack = pack.with_overrides(overrides).expect("known parameters");
        (pack, played)
    })
}

#[test]
fn every_parameter_has_an_alternative() {
    let named: BTreeSet<&str> = ALTERNATIVES.iter().map(|(name, _)| *name).collect();
    let known: BTreeSet<&str> = Parameters::NAMES.iter().copied().collect();
    assert_eq!(named, known);
}

#[test]
fn every_alternative_changes_some_decision() {
    for (name, value) in ALTERNATIVES.iter() {
        let changed = with(name, value).any(|(pack, played)| {
            let mut facts = played.facts.clone();
            pay_nationally(&mut facts, played);
            let Played {
                claim, progress, ..
            } = played;
            let default = PLAYED
                .iter()
                .find(|(_, other)| std::ptr::eq(other, played))
                .map(|(pack, _)| decide(pack, Calendar::china(), &facts, claim, progress));
            default != Some(decide(&pack, Calendar::china(), &facts, claim, progress))
        });
        assert_eq!(changed, !DECIDE_NO_CLAIM.contains(name), "{name} = {value}");
    }
}

/// The child has the national subsidy too (AMB-47).
fn pay_nationally(facts: &mut crate::Facts, played: &Played) {
    facts.national_payments.push(crate::facts::NationalPayment {
        child: played.claim.subject.clone(),
        amount: yuhui_kernel::Money::from_fen(30_000),
        on: played.claim.lodged_on,
        for_year: None,
    });
}

#[test]
fn both_entrances_agree_whatever_the_reading() {
    for (name, value) in ALTERNATIVES.iter() {
        for (pack, played) in with(name, value) {
            let Played {
                facts,
                claim,
                progress,
                ..
            } = played;
            let found = determine(&pack, Calendar::china(), facts, claim, progress);
            let decided = decide(&pack, Calendar::china(), facts, claim, progress);
            let told = (found.decision, found.reason, found.amount, found.clawback);
            let quick = (
                decided.decision,
                decided.reason,
                decided.amount,
                decided.clawback,
            );
            assert_eq!(told, quick, "{name} = {value}: {}", claim.id);
        }
    }
}

#[test]
fn neither_order_nor_later_facts_matter_whatever_the_reading() {
    for (name, value) in ALTERNATIVES.iter() {
        for (pack, played) in with(name, value) {
            let Played {
                facts,
                claim,
                progress,
                ..
            } = played;
            let china = Calendar::china();
            let decided = decide(&pack, china, facts, claim, progress);

            let mut turned = facts.clone();
            disorder(&mut turned, 3, true);
            let again = decide(&pack, china, &turned, claim, progress);
            assert_eq!(again, decided, "order, {name} = {value}: {}", claim.id);

            let mut lived = facts.clone();
            // A birth-service registration may be made up until then (R-PRC-4).
            let round = law::family_round(&pack, china, claim.lodged_on);
            let last_look = progress.known_on.max(law::village_review_deadline(round));
            let later = dates::add_days(last_look, 40);
            go_on(&mut lived, &claim.subject, &claim.claimant, later);
            if claim.programme != Programme::P3 {
                lived.other_claims.push(later_claim(played, later));
            }
            let again = decide(&pack, china, &lived, claim, progress);
            assert_eq!(again, decided, "later, {name} = {value}: {}", claim.id);
        }
    }
}
