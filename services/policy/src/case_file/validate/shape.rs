//! Keys that belong to another kind of case, and codes that name no county.

use yuhui_kernel::{DivisionCode, DivisionLevel, city, divisions};

use super::{Case, Complaints};
use crate::case_file::{CalendarQuery, Kind, Query};

pub(super) fn check(case: &Case, complaints: &mut Complaints<'_>) {
    keys(case, complaints);
    counties(case, complaints);
    amounts(case, complaints);
    spans(case, complaints);
}

fn keys(case: &Case, complaints: &mut Complaints<'_>) {
    let household = matches!(case.kind, Kind::Family | Kind::Institution);
    let funding = case.kind == Kind::Funding;
    let asks = matches!(case.kind, Kind::Calendar | Kind::Identifier);
    let belongs = [
        ("persons", household, !case.persons.is_empty()),
        ("hukou", household, !case.hukou.is_empty()),
        ("marriages", household, !case.marriages.is_empty()),
        ("births", household, !case.births.is_empty()),
        ("adoptions", household, !case.adoptions.is_empty()),
        ("custody", household, !case.custody.is_empty()),
        ("guardianships", household, !case.guardianships.is_empty()),
        (
            "national_payments",
            household,
            !case.national_payments.is_empty(),
        ),
        ("institutions", household, !case.institutions.is_empty()),
        ("enrolments", household, !case.enrolments.is_empty()),
        ("applications", household, !case.applications.is_empty()),
        ("process", household, !case.process.is_empty()),
        ("findings", household, !case.findings.is_empty()),
        ("expected", household, !case.expected.is_empty()),
        (
            "expected_totals",
            household,
            !case.expected_totals.is_empty(),
        ),
        ("gaps", household, !case.gaps.is_empty()),
        ("silent", household, !case.silent.is_empty()),
        ("stage", household, case.stage.is_some()),
        ("county", funding, case.county.is_some()),
        ("ledger_events", funding, !case.ledger_events.is_empty()),
        (
            "expected_balances",
            funding,
            !case.expected_balances.is_empty(),
        ),
        ("queries", asks, !case.queries.is_empty()),
    ];
    for (key, allowed, present) in belongs {
        if present && !allowed {
            complaints.add(
                &case.id,
                key,
                "the key does not belong to this kind of case",
            );
        }
    }
    if funding && case.county.is_none() {
        complaints.add(
            &case.id,
            "county",
            "a funding case names the county of its book",
        );
    }
    let wrong_question = case.queries.iter().any(|query| match query {
        Query::Calendar(_) => case.kind != Kind::Calendar,
        Query::Identifier(_) => case.kind != Kind::Identifier,
    });
    if asks && wrong_question {
        complaints.add(&case.id, "queries", "a question of another kind of case");
    }
}

fn counties(case: &Case, complaints: &mut Complaints<'_>) {
    for hukou in &case.hukou {
        county(&hukou.person, "hukou.county", hukou.county, complaints);
    }
    for institution in &case.institutions {
        county(
            &institution.id,
            "institutions.county",
            institution.county,
            complaints,
        );
    }
    for application in &case.applications {
        baotou(
            &application.id,
            "applications.county",
            application.county,
            complaints,
        );
    }
    for total in &case.expected_totals {
        baotou(&case.id, "expected_totals.county", total.county, complaints);
    }
    if let Some(code) = case.county {
        baotou(&case.id, "county", code, complaints);
    }
}

/// Any county of the country, and any city, for some have no counties (东莞 441900); of Baotou one
/// that there is.
fn county(subject: &str, field: &'static str, code: DivisionCode, complaints: &mut Complaints<'_>) {
    let level = DivisionLevel::Prefecture..=DivisionLevel::County;
    if !level.contains(&code.level()) || code.contains(&city()) {
        let message = format!("{code} is no six-digit code of a county");
        complaints.add(subject, field, message);
    } else if city().contains(&code) && !divisions::is_served(code) {
        let message = format!("{code} begins like a county of Baotou, and is none");
        complaints.add(subject, field, message);
    }
}

/// Claims are lodged, and books kept, in the counties of Baotou only.
fn baotou(subject: &str, field: &'static str, code: DivisionCode, complaints: &mut Complaints<'_>) {
    if code.level() != DivisionLevel::County || !divisions::is_served(code) {
        complaints.add(subject, field, format!("{code} is no county of Baotou"));
    }
}

fn amounts(case: &Case, complaints: &mut Complaints<'_>) {
    let negative = "an amount below nought";
    for event in case
        .ledger_events
        .iter()
        .filter(|event| event.amount.fen() < 0)
    {
        complaints.add(&event.event, "ledger_events.amount_fen", negative);
    }
    for payment in &case.national_payments {
        if payment.amount.fen() <= 0 {
            let message = "an amount not above nought";
            complaints.add(&payment.child, "national_payments.amount_fen", message);
        }
    }
    for expected in &case.expected {
        if expected.amount.fen() < 0 {
            complaints.add(&expected.application, "expected.amount_fen", negative);
        }
        if expected.clawback.fen() < 0 {
            complaints.add(&expected.application, "expected.clawback_fen", negative);
        }
    }
}

fn spans(case: &Case, complaints: &mut Complaints<'_>) {
    for query in &case.queries {
        if let Query::Calendar(query @ CalendarQuery::WholeMonths { spans, .. }) = query {
            for span in spans.iter().filter(|span| span.1 < span.0) {
                let message = format!("ends on {}, before it starts on {}", span.1, span.0);
                complaints.add(query.function(), "queries.spans", message);
            }
        }
    }
}
