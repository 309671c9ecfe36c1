//! What is said not to be known must be something that could be.

use super::{Case, Complaints};
use crate::facts::{GapState, names};

/// Most gaps of one case.
const GAPS: usize = 200;

pub(super) fn check(case: &Case, complaints: &mut Complaints<'_>) {
    let gaps = case.gaps.len() + case.silent.len();
    if gaps > GAPS {
        complaints.add(
            &case.id,
            "gaps",
            format!("{gaps} gaps in one case, more than {GAPS}"),
        );
    }
    for gap in &case.gaps {
        if gap.from > gap.to && gap.to.is_some() {
            complaints.add(&gap.subject, "gaps.from", "begins after it ends");
        }
        let contradicted = gap.state == GapState::Contradicted;
        if contradicted == gap.candidates.is_empty() {
            let message = "what is contradicted, and nothing else, has candidates";
            complaints.add(&gap.subject, "gaps.candidates", message);
        }
        if gap.subject.is_empty() {
            complaints.add(&case.id, "gaps.subject", "an id is empty");
        }
    }
    for silent in &case.silent {
        if !names::ALL.contains(&silent.register.as_str()) {
            complaints.add(&silent.register, "silent.register", "no such register");
        }
        if silent.state == GapState::Contradicted {
            let message = "a whole register contradicts nobody";
            complaints.add(&silent.register, "silent.state", message);
        }
    }
}
