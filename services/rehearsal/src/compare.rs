//! What came out, compared with what must come out.

use std::collections::BTreeMap;

use yuhui_proto::{
    eligibility::v1::{Case, case::State},
    types::v1::{BirthClass, Decision, Determination},
};

use super::{
    play::{Play, Standing},
    plot::{Claim, Claimant, DecisionKind, End, Plot},
};

/// What was found of one claim.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    /// One line per difference.
    pub(crate) differences: Vec<String>,
    /// The system does not do this yet.
    pub(crate) unsupported: bool,
}

/// Compares every claim of the plot.
pub(crate) fn compare(play: &Play<'_>) -> Vec<Verdict> {
    let plot = play.plot;
    plot.claims
        .iter()
        .zip(&play.standing)
        .map(|(claim, standing)| one(play, plot, claim, standing))
        .collect()
}

/// How a case ended, by its state.
pub(crate) fn end_of(state: State) -> End {
    End::Decided(match state {
        State::Paid => DecisionKind::Pay,
        State::Terminated => DecisionKind::Terminate,
        State::Recovering | State::Recovered | State::WrittenOff => DecisionKind::Clawback,
        State::Rejected => DecisionKind::Reject,
        State::NotAccepted => DecisionKind::NotAccepted,
        State::Referred => DecisionKind::Refer,
        State::Withdrawn => return End::Withdrawn,
        State::PayFailed => return End::PayFailed,
        _ => return End::Unknown,
    })
}

/// The same, of a case: what is confirmed with nothing due is over too (八e).
fn ended(case: &Case, told: &Determination) -> End {
    let nothing_due = told.decision() == Decision::Pay && told.amount_fen == 0;
    match case.state() {
        State::Closed if nothing_due => End::Decided(DecisionKind::Pay),
        state => end_of(state),
    }
}

fn one(play: &Play<'_>, plot: &Plot, claim: &Claim, standing: &Standing) -> Verdict {
    if standing.unsupported {
        return Verdict {
            unsupported: true,
            ..Verdict::default()
        };
    }
    let mut found = Found::new(claim);
    if let Some(trouble) = &standing.trouble {
        found.add(format!("could not be played on: {trouble}"));
    }
    let Some(case) = &standing.case else {
        if standing.trouble.is_none() {
            found.add("was never opened".into());
        }
        return found.verdict();
    };
    if claim.expected.end == End::Unknown {
        return found.verdict();
    }
    let told = case.determination.clone().unwrap_or_default();
    decision(&mut found, claim, case, &told);
    money(&mut found, play, plot, claim, case, &told);
    particulars(&mut found, claim, case, &told);
    found.verdict()
}

fn decision(found: &mut Found, claim: &Claim, case: &Case, told: &Determination) {
    let end = ended(case, told);
    let told_kind = DecisionKind::of(told.decision());
    if end == claim.expected.end {
        // A referral that a person resolved keeps what the rules said.
        let by_person = claim.fate.resolved_on.is_some();
        if let End::Decided(kind) = end
            && told_kind != Some(kind)
            && !by_person
        {
            let told = told_kind.map_or("nothing", DecisionKind::as_str);
            found.add(format!(
                "decision: the case ended {}, the rules say {told}",
                end.as_str()
            ));
        }
    } else {
        found.add(format!(
            "decision: expected {}, got {} {} (state {})",
            claim.expected.end.as_str(),
            told_kind.map_or("nothing", DecisionKind::as_str),
            told.reason,
            case.state().as_str_name()
        ));
    }
    if claim.expected.end != End::Withdrawn {
        found.compare(
            "reason",
            claim.expected.reason.as_str(),
            told.reason.as_str(),
        );
    }
}

/// Amounts: by the rules, and by what the bank credited.
fn money(
    found: &mut Found,
    play: &Play<'_>,
    plot: &Plot,
    claim: &Claim,
    case: &Case,
    told: &Determination,
) {
    let end = ended(case, told);
    let was_paid = matches!(
        end,
        End::Decided(DecisionKind::Pay | DecisionKind::Clawback)
    );
    let confirmed = if was_paid || end == End::PayFailed {
        told.amount_fen
    } else {
        0
    };
    found.compare("amount_fen", claim.expected.amount_fen, confirmed);
    let credited = play.bank.credited_for(&case.name);
    let due = if was_paid { confirmed } else { 0 };
    found.compare("credited by the bank", due, credited);
    if let Some(expected) = &claim.expected.payees {
        let names = names(play, plot, claim, expected);
        let name = |reference: &str| {
            names
                .get(reference)
                .map_or(reference, String::as_str)
                .to_owned()
        };
        let told: BTreeMap<String, i64> = if was_paid {
            told.payees
                .iter()
                .map(|it| (name(&it.payee_ref), it.amount_fen))
                .collect()
        } else {
            BTreeMap::new()
        };
        let expected: BTreeMap<String, i64> = expected
            .iter()
            .map(|(number, fen)| (number.clone(), *fen))
            .collect();
        found.compare("payees", format!("{expected:?}"), format!("{told:?}"));
    }
    if let Some(clawback) = claim.expected.clawback_fen {
        found.compare("clawback_fen", clawback, told.clawback_fen);
    }
}

/// Blind references of everybody who could be meant, and whose they are.
fn names(
    play: &Play<'_>,
    plot: &Plot,
    claim: &Claim,
    expected: &[(String, i64)],
) -> BTreeMap<String, String> {
    let vault = &play.system.vault;
    let mut names = BTreeMap::new();
    let own = match &claim.claimant {
        Claimant::Family { number, .. } => Some(number.clone()),
        Claimant::Nursery(index) => plot
            .nurseries
            .get(*index)
            .map(|it| it.institution.credit_code.clone()),
    };
    for number in expected.iter().map(|(number, _)| number.clone()).chain(own) {
        for domain in ["identity-number", "credit-code"] {
            names.insert(vault.blind(domain, &number), number.clone());
        }
    }
    names
}

fn particulars(found: &mut Found, claim: &Claim, case: &Case, told: &Determination) {
    let expected = &claim.expected;
    if let Some(class) = expected.class {
        found.compare("class", class_name(class), class_name(told.birth_class()));
    }
    if let Some(headcount) = expected.headcount {
        found.compare("headcount", headcount, told.headcount);
    }
    if let Some(round) = expected.round {
        found.compare("round", round, case.round);
    }
    for cite in &expected.cites {
        if !told.cites.contains(cite) {
            found.add(format!(
                "cites: {cite} is missing from {}",
                told.cites.join(" ")
            ));
        }
    }
}

fn class_name(class: BirthClass) -> &'static str {
    match class {
        BirthClass::Second => "SECOND",
        BirthClass::Third => "THIRD",
        BirthClass::Unspecified => "-",
    }
}

/// Gathers differences of one claim.
struct Found {
    place: String,
    lines: Vec<String>,
}

impl Found {
    fn new(claim: &Claim) -> Self {
        let place = claim.label.split_once(' ').map_or("", |(_, place)| place);
        Self {
            place: place.to_owned(),
            lines: Vec::new(),
        }
    }

    fn add(&mut self, line: String) {
        self.lines.push(format!("{} {line}", self.place));
    }

    fn compare<T: PartialEq + std::fmt::Display>(&mut self, field: &str, expected: T, got: T) {
        if expected != got {
            self.add(format!("{field}: expected {expected}, got {got}"));
        }
    }

    fn verdict(self) -> Verdict {
        Verdict {
            differences: self.lines,
            unsupported: false,
        }
    }
}
