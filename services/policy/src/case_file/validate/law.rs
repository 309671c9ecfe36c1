//! What the law of the file does not know: programmes, kinds of cases and clauses of the other.

use super::{Case, Complaints};
use crate::{NationalPack, Policy, PolicyPack, case_file::Kind};

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
    let parameters = match policy {
        Policy::Baotou126 => PolicyPack::baotou().with_overrides(&case.params).err(),
        Policy::NationalChildcare => NationalPack::national().with_overrides(&case.params).err(),
    };
    if let Some(error) = parameters {
        complaints.add(&case.id, "params", error.to_string());
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
