//! What is said of applications afterwards: days, findings, expectations.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;
use yuhui_kernel::Calendar;

use super::{Case, Complaints};
use crate::{
    Law, NationalPack, Pack, Policy, PolicyPack,
    case_file::{Application, play},
};

pub(super) fn check(case: &Case, policy: Policy, complaints: &mut Complaints<'_>) {
    let applications: BTreeMap<&str, &Application> = case
        .applications
        .iter()
        .map(|application| (application.id.as_str(), application))
        .collect();
    let known: BTreeSet<&str> = applications.keys().copied().collect();
    let named = case.process.iter().map(|days| days.application.as_str());
    complaints.unique("process.application", named);
    for days in &case.process {
        let id = days.application.as_str();
        complaints.known("process.application", id, &known);
        let lodged_on = applications
            .get(id)
            .map(|application| application.lodged_on);
        if lodged_on > days.confirmed_on && days.confirmed_on.is_some() {
            complaints.add(id, "process.confirmed_on", "confirmed before it was lodged");
        }
        if days.paid_on.is_some() && days.paid_on < days.confirmed_on.or(lodged_on) {
            complaints.add(
                id,
                "process.paid_on",
                "paid before it was confirmed or lodged",
            );
        } else if let Some(paid_on) = days.paid_on
            && let Some(application) = applications.get(id)
            && let Some(confirmed_on) = confirmed_on(case, application, policy)
            && paid_on < confirmed_on
        {
            let message = format!("paid on {paid_on}, before it is confirmed on {confirmed_on}");
            complaints.add(id, "process.paid_on", message);
        }
    }
    for finding in &case.findings {
        complaints.known("findings.application", &finding.application, &known);
    }
    let mut decided = BTreeSet::new();
    for expected in &case.expected {
        let id = expected.application.as_str();
        complaints.known("expected.application", id, &known);
        let Some(application) = applications.get(id) else {
            continue;
        };
        let claimed = match (&expected.child, &expected.institution) {
            (Some(child), None) => application.children.contains(child),
            (None, Some(institution)) => application.institution.as_ref() == Some(institution),
            _ => false,
        };
        if !claimed {
            let message = format!("the application `{id}` claims for no such child or institution");
            complaints.add(expected.subject().unwrap_or(id), "expected.child", message);
        } else if !decided.insert((id, expected.subject())) {
            complaints.add(id, "expected.application", "two answers to one claim");
        }
    }
}

/// The day on which an application is confirmed, with the parameters of the case; nothing if these
/// cannot be read.
fn confirmed_on(case: &Case, application: &Application, policy: Policy) -> Option<Date> {
    fn of<L: Law>(case: &Case, application: &Application, pack: &Pack<L>) -> Option<Date> {
        let pack = pack.with_overrides(&case.params).ok()?;
        play::confirmed_on(case, application, &pack, Calendar::china())
    }
    match policy {
        Policy::Baotou126 => of(case, application, PolicyPack::baotou()),
        Policy::NationalChildcare => of(case, application, NationalPack::national()),
    }
}
