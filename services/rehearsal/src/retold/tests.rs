use std::collections::BTreeMap;

use yuhui_kernel::Calendar;
use yuhui_policy::{
    PolicyPack,
    case_file::{Played, play},
};

use super::*;
use crate::{
    plot::{DecisionKind, End},
    synthetic::{self, Scale},
};

/// What the rules alone say of a synthetic round is what the round expects of the system; but for
/// what people decide, take back, or the bank returns.
#[test]
fn the_rules_decide_a_synthetic_round_as_the_system_must() {
    let scale: Scale = "0.05".parse().expect("a scale");
    let plot = synthetic::write(126, scale).expect("a plot");
    let told = cases(&plot).expect("it can be told");
    let mut households: BTreeMap<usize, Vec<&Claim>> = BTreeMap::new();
    for claim in &plot.claims {
        if claim.fate.withdrawn_on.is_none() {
            households.entry(claim.household).or_default().push(claim);
        }
    }
    assert_eq!(told.len(), households.len());
    let mut compared = 0;
    for (case, claims) in told.iter().zip(households.values()) {
        let played = play(case, PolicyPack::baotou(), Calendar::china());
        assert_eq!(played.len(), claims.len());
        for (place, claim) in claims.iter().enumerate() {
            let id = format!("a{}", place + 1);
            let played = played.iter().find(|it| it.application == id);
            let played = played.expect("every claim is played");
            if claim.fate.resolved_on.is_none() {
                assert_same(claim, played);
                compared += 1;
            }
        }
    }
    assert!(compared > 400, "{compared}");
}

fn assert_same(claim: &Claim, played: &Played) {
    let (found, expected) = (&played.determination, &claim.expected);
    let decision = match expected.end {
        End::Decided(kind) => kind,
        // Confirmed, and then returned by the bank.
        End::PayFailed => DecisionKind::Pay,
        End::Withdrawn | End::Unknown => panic!("{} ends otherwise", claim.label),
    };
    assert_eq!(found.decision.code(), decision.as_str(), "{}", claim.label);
    let reason = found.reason.map_or("", yuhui_policy::Reason::code);
    assert_eq!(reason, expected.reason, "{}", claim.label);
    assert_eq!(found.amount.fen(), expected.amount_fen, "{}", claim.label);
    let headcount = found.headcount.map(i64::from);
    if expected.headcount.is_some() {
        assert_eq!(
            headcount,
            expected.headcount.map(i64::from),
            "{}",
            claim.label
        );
    }
}
