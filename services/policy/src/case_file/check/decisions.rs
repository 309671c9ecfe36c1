//! Decision by decision.

use super::Differences;
use crate::{
    Determination,
    case_file::{Case, Expected, ExpectedPayee, Played, claim_id},
};

pub(super) fn check(case: &Case, played: &[Played], differences: &mut Differences<'_>) {
    for expected in &case.expected {
        let id = claim_id(
            &expected.application,
            expected.subject().unwrap_or_default(),
        );
        match played.iter().find(|played| played.claim.id == id) {
            Some(played) => one(&id, expected, &played.determination, differences),
            None => differences.add(&id, "decision", expected.decision.code(), "no such claim"),
        }
    }
    let told = |claim: &str| {
        let mut expected = case.expected.iter();
        expected.any(|it| claim_id(&it.application, it.subject().unwrap_or_default()) == claim)
    };
    for played in played.iter().filter(|played| !told(&played.claim.id)) {
        let got = played.determination.decision.code();
        differences.add(&played.claim.id, "decision", "an entry in `expected`", got);
    }
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
    for clause in expected
        .cites
        .iter()
        .filter(|clause| !got.cites.contains(clause))
    {
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
