//! Whether many claims cost more per claim than few.

use crate::{
    cost::{decide_one, determine_one, per_claim, quiet},
    mix::Sample,
};

/// Numbers of claims, each with facts of its own.
const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// Claims made at a time: a million with their facts would fill the memory of a small machine.
const BATCH: usize = 1_000;
/// Batches that are enough for some to be undisturbed, where a size has fewer of them.
const FEWEST_BATCHES: usize = 200;
/// What the dearest size may cost, in thousandths of the cheapest: timing is never quite still.
const LIMIT: u64 = 1_250;

/// Decides ever more claims and compares the cost of one.
pub(crate) fn is_constant(mix: &[Sample]) -> bool {
    println!("    claims  decision  determination");
    let costs: Vec<(u64, u64)> = SIZES.iter().map(|size| at(mix, *size)).collect();
    let decisions = spread("decision", costs.iter().map(|cost| cost.0));
    let determinations = spread("determination", costs.iter().map(|cost| cost.1));
    decisions && determinations
}

/// Cost of a claim among so many.
fn at(mix: &[Sample], claims: usize) -> (u64, u64) {
    let (mut decisions, mut determinations) = (vec![], vec![]);
    let batches = (claims / BATCH).max(FEWEST_BATCHES);
    for batch in 0..batches {
        let made = make(mix, batch * BATCH % claims);
        let made: Vec<&Sample> = made.iter().collect();
        decisions.push(per_claim(&made, decide_one));
        determinations.push(per_claim(&made, determine_one));
    }
    let (decision, determination) = (quiet(decisions), quiet(determinations));
    println!(
        "{claims:>10}  {:>5} ns  {:>10} ns",
        decision / 1_000,
        determination / 1_000
    );
    (decision, determination)
}

/// A batch of claims with facts of their own; the first is this one of the mix.
fn make(mix: &[Sample], first: usize) -> Vec<Sample> {
    let turns = mix.iter().cycle().skip(first % mix.len().max(1));
    turns.take(BATCH).cloned().collect()
}

fn spread(what: &str, costs: impl Iterator<Item = u64> + Clone) -> bool {
    let (least, most) = (costs.clone().min(), costs.max());
    let ratio = most.unwrap_or_default() * 1_000 / least.unwrap_or_default().max(1);
    let holds = ratio <= LIMIT;
    let verdict = if holds { "pass" } else { "FAIL" };
    println!(
        "{verdict}  {what}: the dearest size costs {ratio} ‰ of the cheapest, at most {LIMIT} ‰"
    );
    holds
}
