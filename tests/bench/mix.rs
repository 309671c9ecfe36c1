//! The claims that are decided: all of the shared cases, P1 to P4, paid and refused.

use yuhui_kernel::Calendar;
use yuhui_policy::{
    PolicyPack, Programme,
    case_file::{CaseFile, Kind, Played, play},
    evidence::canonical_bytes,
};

const SHARED: &str = include_str!("../data/cases_shared.json");

/// A claim at the end of its case.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) pack: PolicyPack,
    pub(crate) played: Played,
    /// Canonical bytes of everything the decision rested on.
    pub(crate) evidence: Vec<u8>,
}

impl Sample {
    pub(crate) fn programme(&self) -> Programme {
        self.played.claim.programme
    }
}

/// Every claim of the shared cases, in the order of the file.
pub(crate) fn shared() -> Vec<Sample> {
    let file = CaseFile::parse(SHARED).expect("the shared set is readable");
    let cases = file.cases.iter();
    cases
        .filter(|case| matches!(case.kind, Kind::Family | Kind::Institution))
        .flat_map(|case| {
            let pack = PolicyPack::baotou()
                .with_overrides(&case.params)
                .expect("known parameters");
            let played = play(case, &pack, Calendar::china());
            played
                .into_iter()
                .map(move |played| sample(pack.clone(), played))
        })
        .collect()
}

fn sample(pack: PolicyPack, played: Played) -> Sample {
    let evidence = canonical_bytes(
        &played.facts,
        &played.claim,
        &played.progress,
        &played.determination,
    );
    Sample {
        pack,
        played,
        evidence,
    }
}
