//! The claims that are decided: all of the shared cases, P1 to P4, paid and refused.

use std::rc::Rc;

use yuhui_kernel::Calendar;
use yuhui_policy::{
    Claim, Facts, PolicyPack, Programme, Progress,
    case_file::{CaseFile, Kind, Played, play},
    evidence::canonical_bytes,
};

const SHARED: &str = include_str!("../data/cases_shared.json");

/// A claim at the end of its case, with facts of its own.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) pack: Rc<PolicyPack>,
    pub(crate) facts: Facts,
    pub(crate) claim: Claim,
    pub(crate) progress: Progress,
    /// Canonical bytes of everything the decision rested on, and of the decision.
    pub(crate) evidence: Rc<[u8]>,
}

impl Sample {
    pub(crate) fn programme(&self) -> Programme {
        self.claim.programme
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
            let pack = Rc::new(pack);
            let played = play(case, &pack, Calendar::china());
            played
                .into_iter()
                .map(move |played| sample(pack.clone(), played))
        })
        .collect()
}

fn sample(pack: Rc<PolicyPack>, played: Played) -> Sample {
    let Played {
        facts,
        claim,
        progress,
        determination,
        ..
    } = played;
    let evidence = canonical_bytes(&facts, &claim, &progress, None, &determination);
    Sample {
        pack,
        facts,
        claim,
        progress,
        evidence: evidence.into(),
    }
}
