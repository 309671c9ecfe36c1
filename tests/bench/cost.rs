//! Time per claim.

use std::{hint::black_box, time::Instant};

use sha2::{Digest as _, Sha256};
use yuhui_kernel::Calendar;
use yuhui_policy::{decide, determine};

use crate::mix::Sample;

/// Passes over the claims: enough for some to be undisturbed.
const PASSES: usize = 301;

/// Time per claim, in picoseconds: whole numbers, and small ones stay distinct.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// Decision only.
    pub(crate) decision_ps: u64,
    /// With every finding.
    pub(crate) determination_ps: u64,
    /// SHA-256 of the evidence.
    pub(crate) hash_ps: u64,
}

impl Cost {
    /// Times over many passes in which the three take turns, so that all meet the same machine.
    pub(crate) fn of(samples: &[&Sample]) -> Self {
        let (mut decisions, mut determinations, mut hashes) = (vec![], vec![], vec![]);
        for _ in 0..PASSES {
            decisions.push(per_claim(samples, decide_one));
            determinations.push(per_claim(samples, determine_one));
            hashes.push(per_claim(samples, |it| {
                black_box(Sha256::digest(black_box(&*it.evidence)));
            }));
        }
        Self {
            decision_ps: quiet(decisions),
            determination_ps: quiet(determinations),
            hash_ps: quiet(hashes),
        }
    }
}

/// Decides one claim.
pub(crate) fn decide_one(it: &Sample) {
    let calendar = Calendar::china();
    black_box(decide(
        &it.pack,
        calendar,
        black_box(&it.facts),
        &it.claim,
        &it.progress,
    ));
}

/// Decides one claim with all findings, and drops them.
pub(crate) fn determine_one(it: &Sample) {
    let calendar = Calendar::china();
    black_box(determine(
        &it.pack,
        calendar,
        black_box(&it.facts),
        &it.claim,
        &it.progress,
    ));
}

/// Time of one pass, by claim.
pub(crate) fn per_claim<'a>(
    samples: impl IntoIterator<Item = &'a &'a Sample>,
    act: impl Fn(&Sample),
) -> u64 {
    let start = Instant::now();
    let mut claims: u128 = 0;
    for sample in samples {
        act(sample);
        claims += 1;
    }
    let picoseconds = start.elapsed().as_nanos() * 1_000 / claims.max(1);
    u64::try_from(picoseconds).unwrap_or(u64::MAX)
}

/// The time that one pass in ten stays under: what the work costs while nothing else has the core.
pub(crate) fn quiet(mut times: Vec<u64>) -> u64 {
    times.sort_unstable();
    times.get(times.len() / 10).copied().unwrap_or_default()
}
