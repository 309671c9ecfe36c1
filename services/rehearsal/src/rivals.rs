//! Claims that stand in each other's way: an earlier one that is bound to fail
//! is refused before the next one comes, so that it makes no duplicate of it
//! (R-P1-11).

use std::collections::{HashMap, HashSet};

use time::Date;
use yuhui_proto::{eligibility::v1::Case, types::v1::Decision};

use super::{
    intake::{decision, reason},
    plot::{Claim, Claimant, Plot},
    review::CURABLE,
};

/// Claims that a later claim for the same child or nursery and year follows.
pub(super) fn rivals(plot: &Plot) -> HashSet<usize> {
    let subject = |claim: &Claim| {
        let subject = match &claim.claimant {
            Claimant::Family { child, .. } => child.clone(),
            Claimant::Nursery(index) => index.to_string(),
        };
        (claim.programme as i32, subject, claim.subsidy_year)
    };
    let mut last: HashMap<_, Date> = HashMap::new();
    for claim in &plot.claims {
        let day = last.entry(subject(claim)).or_insert(claim.lodged_on);
        *day = claim.lodged_on.max(*day);
    }
    let is_followed = |claim: &Claim| {
        last.get(&subject(claim))
            .is_some_and(|it| *it > claim.lodged_on)
    };
    let claims = plot.claims.iter().enumerate();
    claims
        .filter(|(_, claim)| is_followed(claim))
        .map(|(index, _)| index)
        .collect()
}

/// Whether the rules refuse the claim for something that cannot be made up.
pub(super) fn is_bound_to_fail(case: &Case) -> bool {
    decision(case) == Decision::Reject && reason(case) != CURABLE
}
