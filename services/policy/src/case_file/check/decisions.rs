//! Decision by decision.

use std::collections::{BTreeMap, BTreeSet};

use yuhui_kernel::{Calendar, Citation};

use super::{Differences, totals::Totals};
use crate::{
    Determination, Law, Pack,
    case_file::{Case, Expected, ExpectedPayee, claim_id, play::each},
};

pub(super) fn check<L: Law>(
    case: &Case,
    pack: &Pack<L>,
    calendar: &Calendar,
    differences: &mut Differences<'_>,
) {
    let mut expected: BTreeMap<(&str, &str), (usize, &Expected)> = BTreeMap::new();
    for (place, it) in case.expected.iter().enumerate() {
        let claim = (&*it.application, it.subject().unwrap_or_default());
        expected.insert(claim, (place, it));
    }
    let mut totals = Totals::of(case);
    let mut told: BTreeMap<usize, Differences<'_>> = BTreeMap::new();
    let mut untold = differences.empty();
    each(case, pack, calendar, |seen| {
        let (claim, got) = (seen.claim, &seen.determination);
        totals.add(claim.county, got);
        match expected.get(&(&*seen.application.id, &*claim.subject)) {
            Some((place, expected)) => {
                let mut differences = differences.empty();
                one(&claim.id, expected, got, &mut differences);
                told.insert(*place, differences);
            }
            None => {
                let got = got.decision.code();
                untold.add(&claim.id, "decision", "an entry in `expected`", got);
            }
        }
    });
    for ((application, subject), (place, expected)) in expected {
        if told.contains_key(&place) {
            continue;
        }
        let mut differences = differences.empty();
        let id = claim_id(application, subject);
        differences.add(&id, "decision", expected.decision.code(), "no such claim");
        told.insert(place, differences);
    }
    for more in told.into_values().chain([untold]) {
        differences.found.extend(more.found);
    }
    totals.check(&pack.parameters, differences);
}

fn one(id: &str, expected: &Expected, got: &Determination, differences: &mut Differences<'_>) {
    let code = |reason: Option<crate::Reason>| reason.map_or("null", crate::Reason::code);
    differences.compare(
        id,
        "decision",
        expected.decision.code(),
        got.decision.code(),
    );
    differences.compare(id, "reason", code(expected.reason), code(got.reason));
    let fen = |money: yuhui_kernel::Money| money.fen();
    differences.compare(id, "amount_fen", fen(expected.amount), fen(got.amount));
    differences.compare(
        id,
        "clawback_fen",
        fen(expected.clawback),
        fen(got.clawback),
    );
    let got_payees = got.payees.iter().map(|due| ExpectedPayee {
        payee: due.payee.clone(),
        amount: due.amount,
    });
    let expected_payees = payees(expected.payees.clone());
    differences.compare(id, "payees", expected_payees, payees(got_payees.collect()));
    if let Some(class) = expected.class {
        let got_class = got.class.map_or("null", crate::Class::code);
        differences.compare(id, "class", class.code(), got_class);
    }
    if let Some(headcount) = expected.headcount {
        differences.compare(
            id,
            "headcount",
            headcount.to_string(),
            or_null(got.headcount),
        );
    }
    if let Some(round) = expected.round {
        differences.compare(id, "round", round.to_string(), or_null(got.round));
    }
    let cited: BTreeSet<&Citation> = got.cites.iter().collect();
    let missing: BTreeSet<&Citation> = expected.cites.iter().collect();
    for clause in missing.difference(&cited) {
        let cited: Vec<&str> = got.cites.iter().map(|clause| clause.as_str()).collect();
        differences.add(id, "cites", clause, cited.join(" "));
    }
}

/// Payees as a set: who comes first says nothing.
fn payees(mut payees: Vec<ExpectedPayee>) -> String {
    payees.sort();
    let due = payees
        .iter()
        .map(|due| format!("{} {}", due.payee, due.amount.fen()));
    format!("[{}]", due.collect::<Vec<_>>().join(", "))
}

fn or_null(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "null".to_owned(), |value| value.to_string())
}
