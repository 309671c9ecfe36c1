//! What the law of the file does not know: programmes, kinds of cases and clauses of the other.

use super::{Case, Complaints};
use crate::{Policy, case_file::Kind};

pub(super) fn check(case: &Case, policy: Policy, complaints: &mut Complaints<'_>) {
    let national = policy == Policy::NationalChildcare;
    if national && matches!(case.kind, Kind::Institution | Kind::Funding) {
        let message = "the national childcare subsidy has no institutions and no county book";
        complaints.add(&case.id, "kind", message);
    }
    if national && !case.expected_totals.is_empty() {
        let message = "the city and its counties do not share the national childcare subsidy 1:1";
        complaints.add(&case.id, "expected_totals", message);
    }
    for application in &case.applications {
        if application.programme.policy() != policy {
            let message = format!("{} grants no such programme", policy.document());
            complaints.add(&application.id, "applications.programme", message);
        }
    }
    for expected in &case.expected {
        for clause in &expected.cites {
            if clause.is_national() != national {
                let message = format!("{clause} is no clause of {}", policy.document());
                complaints.add(&expected.application, "expected.cites", message);
            }
        }
    }
}
