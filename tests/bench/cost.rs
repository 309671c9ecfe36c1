//! Time per claim.

use std::{hint::black_box, time::Instant};

use sha2::{Digest as _, Sha256};
use yuhui_kernel::Calendar;
use yuhui_policy::{decide, determine};

use crate::mix::Sample;

/// Passes over the claims; the median needs enough of them to be still.
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
    /// Medians over many passes in which the three take turns.
    pub(crate) fn of(samples: &[&Sample]) -> Self {
        let (mut decisions, mut determinations, mut hashes) = (vec![], vec![], vec![]);
        for _ in 0..PASSES {
            decisions.push(per_claim(samples, decide_one));
            determinations.push(per_claim(samples, determine_one));
            hashes.push(per_claim(samples, |it| {
                black_box(Sha256::digest(black_box(&it.evidence)));
            }));
        }
        Self {
            decision_ps: median(decisions),
            determination_ps: median(determinations),
            hash_ps: median(hashes),
        }
    }
}

/// Decides one claim.
pub(crate) fn decide_one(sample: &Sample) {
    let (pack, played) = (&sample.pack, &sample.played);
    let (facts, claim, progress) = (&played.facts, &played.claim, &played.progress);
    let calendar = Calendar::china();
    black_box(decide(
        black_box(pack),
        calendar,
        black_box(facts),
        claim,
        progress,
    ));
}

/// Decides one claim with all findings, and drops them.
pub(crate) fn determine_one(sample: &Sample) {
    let (pack, played) = (&sample.pack, &sample.played);
    let (facts, claim, progress) = (&played.facts, &played.claim, &played.progress);
    let calendar = Calendar::china();
    black_box(determine(
        black_box(pack),
        calendar,
        black_box(facts),
        claim,
        progress,
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

/// The middle one.
pub(crate) fn median(mut times: Vec<u64>) -> u64 {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
