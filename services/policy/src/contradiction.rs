//! Registers that contradict one another: each answer is tried. If all come to the same, it is decided;
//! otherwise an inquiry has to clear it up (R-PRC-7), and nobody is refused for it meanwhile.

use crate::{
    Decided, Decision, Facts, Reason,
    facts::{Candidate, GapState},
};

/// Most worlds that are tried; what would need more is for persons.
const WORLDS: usize = 64;

/// How facts with contradictions are read.
pub(crate) enum Reading {
    /// Nothing in them contradicts itself.
    Plain,
    /// Whoever is believed, it comes to the same: as here.
    Settled(Box<Facts>),
    /// It depends on who is believed.
    Open,
}

impl Reading {
    /// Tries every answer.
    pub(crate) fn of(facts: &Facts, decide: impl Fn(&Facts) -> Decided) -> Self {
        let contradicted = |state| state == GapState::Contradicted;
        let several: Vec<&[Candidate]> = { facts.gaps.iter() }
            .filter(|gap| contradicted(gap.state))
            .map(|gap| gap.candidates.as_slice())
            .collect();
        if several.is_empty() {
            return Self::Plain;
        }
        let mut worlds = several.iter().map(|it| it.len());
        let worlds = worlds.try_fold(1_usize, |all, one| all.checked_mul(one));
        let Some(worlds @ 1..=WORLDS) = worlds else {
            return Self::Open;
        };
        let mut plain = facts.clone();
        plain.gaps.retain(|gap| !contradicted(gap.state));
        let mut settled: Option<(Decided, Facts)> = None;
        for world in 0..worlds {
            let mut believed = plain.clone();
            let mut rest = world;
            for candidates in &several {
                let chosen = candidates.get(rest % candidates.len());
                rest /= candidates.len();
                if let Some(candidate) = chosen {
                    believed.believing(candidate);
                }
            }
            let decided = decide(&believed);
            match &settled {
                Some((first, _)) if *first != decided => return Self::Open,
                Some(_) => {}
                None => settled = Some((decided, believed)),
            }
        }
        settled.map_or(Self::Open, |(_, facts)| Self::Settled(Box::new(facts)))
    }
}

/// Of what waits because of a contradiction: a person decides, after an inquiry.
pub(crate) fn referred(decided: Decided) -> Decided {
    if decided.decision != Decision::Wait {
        return decided;
    }
    Decided {
        decision: Decision::Refer,
        reason: Some(Reason::FactsContradict),
        ..decided
    }
}
