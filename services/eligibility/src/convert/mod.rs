//! Between the messages of the contract and the values of the domain: what acts, reads and events need
//! alike.

pub(crate) mod case_list;
pub(crate) mod comparison;
pub(crate) mod deadlines;
pub(crate) mod documents;
pub(crate) mod forms;
pub(crate) mod particulars;
pub(crate) mod policy_packs;
pub(crate) mod portal;
pub(crate) mod review_requests;
pub(crate) mod samples;
pub(crate) mod statistics;
pub(crate) mod supervision;
pub(crate) mod text;
pub(crate) mod work;

use prost_types::Timestamp;
use time::{Date, OffsetDateTime};
use yuhui_kernel::{DivisionCode, DivisionLevel, dates};
use yuhui_platform::{Result, caller::Caller};
use yuhui_policy::{Class, Decision, Determination, Finding, Programme, Reason, facts::GapState};
use yuhui_proto::{
    authz::v1::{Level, Power},
    eligibility::v1 as pb,
    types::v1 as types,
};

use crate::{
    domain::{
        Case, Outcome, State, case as cases,
        comparison::role,
        documents::Document,
        notice::{self, Notice},
        private::{Private, mask},
        roster::{self, Roster, RosterState},
        waiting::Waiting,
    },
    store::transitions::Transition,
};

/// The etag of a case: it changes with every change.
pub(crate) fn etag(case: &Case) -> String {
    format!("r{}", case.revision)
}

/// A case as the caller sees it: numbers masked. What waits for a decision of the county is not the claimant's to know.
pub(crate) fn case(caller: &Caller, case: &Case, private: &Private) -> Result<pb::Case> {
    let tenant = case.tenant;
    let pending_proposal = match caller.power() {
        Power::Claimant => pb::PendingProposal::Unspecified,
        _ => pending(case.pending_proposal()),
    };
    Ok(pb::Case {
        name: case.name(),
        state: state(case.state()).into(),
        claim: Some(claim(case, private)?),
        receipt_number: case.receipt_number.clone(),
        lodged_on: day(case.lodged_on),
        round: case.round,
        determination: case
            .outcome
            .as_ref()
            .map(|it| determination(case, it, &it.found)),
        resume_state: case
            .place
            .resume()
            .map_or(pb::case::State::Unspecified, state)
            .into(),
        defects: case.defects.clone(),
        return_due_on: day(case.return_due_on),
        notice: case
            .notice
            .map(|it| notice::name(tenant, it))
            .unwrap_or_default(),
        roster: case
            .roster
            .map(|it| roster::name(tenant, it))
            .unwrap_or_default(),
        pending_proposal: pending_proposal.into(),
        return_code: case.return_code.clone(),
        confirmed_on: day(case.confirmed_on),
        paid_on: day(case.paid_on),
        etag: etag(case),
        create_time: Some(timestamp(case.created_at)),
        update_time: Some(timestamp(case.updated_at)),
        waiting_for: case
            .waiting_for
            .iter()
            .map(|it| waiting(case, it))
            .collect(),
    })
}

/// What a case waits for: of whom in words, for a reference says nothing to the reader.
fn waiting(case: &Case, it: &Waiting) -> pb::WaitingFor {
    let reason = it.state.reason();
    pb::WaitingFor {
        register: it.register.clone(),
        fact: it.fact.code().into(),
        fact_zh: it.fact.chinese().into(),
        subject: role(case, &it.subject).into(),
        reason: reason.code().into(),
        reason_zh: reason.chinese().into(),
        since_on: dates::format(it.since),
        last_known_on: day(it.last_known_on),
    }
}

/// The claim, numbers masked.
pub(crate) fn claim(case: &Case, private: &Private) -> Result<pb::Claim> {
    let unit = case.unit.to_string();
    let (village, township) = if case.programme.is_family() {
        (unit, String::new())
    } else {
        (String::new(), unit)
    };
    let family = particulars::family(case, private)?;
    let institution = particulars::institution(case, private)?;
    Ok(pb::Claim {
        programme: programme(case.programme).into(),
        claimant_number: mask(&private.claimant_number),
        child_number: mask(&private.child_number),
        credit_code: private.credit_code.clone(),
        claimant_name: private.claimant_name.clone(),
        village,
        township,
        subsidy_year: case.subsidy_year,
        account: Some(pb::BankAccount {
            holder_name: private.account.holder_name.clone(),
            account_number: private.account.masked(),
            bank_name: private.account.bank_name.clone(),
            corporate: private.account.corporate,
        }),
        documents: case
            .documents
            .iter()
            .map(|it| pb::Document {
                kind: it.kind.clone(),
                digest: it.digest.clone(),
                original_seen: it.original_seen,
            })
            .collect(),
        truth_signed: case.truth_signed,
        family: family.map(particulars::family_masked),
        institution: institution.map(particulars::institution_masked),
    })
}

/// A result, with its findings if `told` has any.
pub(crate) fn determination(
    case: &Case,
    outcome: &Outcome,
    told: &Determination,
) -> types::Determination {
    determination_of(case.round, outcome, told)
}

/// The same of a case of that round.
pub(crate) fn determination_of(
    round: i32,
    outcome: &Outcome,
    told: &Determination,
) -> types::Determination {
    types::Determination {
        decision: decision(told.decision).into(),
        reason: told.reason.map_or("", Reason::code).into(),
        reason_zh: told.reason.map_or("", Reason::chinese).into(),
        birth_class: class(told.class).into(),
        headcount: told
            .headcount
            .and_then(|it| i32::try_from(it).ok())
            .unwrap_or_default(),
        amount_fen: told.amount.fen(),
        payees: told
            .payees
            .iter()
            .map(|it| types::Payee {
                payee_ref: it.payee.clone(),
                amount_fen: it.amount.fen(),
            })
            .collect(),
        round,
        clawback_fen: told.clawback.fen(),
        cites: told.cites.iter().map(|it| it.as_str().into()).collect(),
        findings: told.findings.iter().map(finding).collect(),
        pack_version: told.pack_version.clone(),
        evidence_hash: outcome.evidence_hash.clone(),
        evaluated_on: dates::format(outcome.evaluated_on),
    }
}

pub(crate) fn finding(it: &Finding) -> types::Finding {
    let facts = it.facts.iter().map(|fact| types::FactUsed {
        name: fact.name.to_string(),
        value: fact.value.to_string(),
        source: fact.source.to_string(),
        answered_on: day(fact.answered_on),
        state: fact.state.map_or("", GapState::code).into(),
    });
    types::Finding {
        rule: it.rule.to_string(),
        clause: it.clause.as_str().into(),
        outcome: it.outcome.code().into(),
        facts: facts.collect(),
        note: it.note.to_string(),
    }
}

/// A step a case has taken.
pub(crate) fn transition(it: Transition) -> pb::Transition {
    let named = |name: &str| {
        State::parse(name)
            .map_or(pb::case::State::Unspecified, state)
            .into()
    };
    pb::Transition {
        from_state: named(&it.from_state),
        to_state: named(&it.to_state),
        action: it.action,
        actor: it.actor,
        role: it.role,
        unit: it.unit,
        effective_on: it.effective_on,
        time: OffsetDateTime::parse(&it.at, &time::format_description::well_known::Rfc3339)
            .ok()
            .map(timestamp),
        reason: it.reason,
    }
}

/// A notice as anybody reads it: names of persons masked, and no case named.
pub(crate) fn public_notice(notice: &Notice, claimants: &[String]) -> pb::Notice {
    let mut told = self::notice(notice, notice.masked(claimants));
    for line in &mut told.lines {
        line.case.clear();
    }
    told
}

/// A notice and the claimants of its lines; without them, as in lists, the lines are left out.
pub(crate) fn notice(notice: &Notice, claimants: Vec<String>) -> pb::Notice {
    let lines = notice
        .lines
        .iter()
        .zip(claimants)
        .zip(1..)
        .map(|((it, claimant), number)| pb::NoticeLine {
            number,
            case: cases::name(notice.tenant, it.case),
            claimant,
            division: it.division.to_string(),
            programme: programme(it.programme).into(),
            grounds: it.grounds.clone(),
            amount_fen: it.amount.fen(),
        });
    pb::Notice {
        name: notice.name(),
        unit: notice.unit.to_string(),
        level: level(notice.unit).into(),
        posted_on: dates::format(notice.posted_on),
        last_on: dates::format(notice.last_on),
        state: match notice.closed {
            true => pb::notice::State::Closed,
            false => pb::notice::State::Posted,
        }
        .into(),
        lines: lines.collect(),
        objections_to: format!("{} / 12345", notice.tenant.name()),
        digest: notice.digest.clone(),
    }
}

/// What names of what waits for a second person begin with in the contract.
const PENDING: &str = "PENDING_PROPOSAL_";

/// What waits for a second person, by its stable name, which a case has.
fn pending(name: &str) -> pb::PendingProposal {
    pb::PendingProposal::from_str_name(&format!("{PENDING}{name}")).unwrap_or_default()
}

/// The stable name of what waits.
fn pending_name(of: pb::PendingProposal) -> &'static str {
    of.as_str_name().trim_start_matches(PENDING)
}

/// Level of the unit that posts a notice.
pub(crate) fn level(unit: DivisionCode) -> Level {
    match unit.level() {
        DivisionLevel::Village => Level::Village,
        DivisionLevel::Township => Level::Township,
        DivisionLevel::County => Level::County,
        DivisionLevel::Prefecture | DivisionLevel::Province => Level::Unspecified,
    }
}

/// A roster.
pub(crate) fn roster(roster: &Roster) -> pb::Roster {
    let state = match roster.state {
        RosterState::Building => pb::roster::State::Building,
        RosterState::Sealing => pb::roster::State::Sealing,
        RosterState::Sealed => pb::roster::State::Sealed,
        RosterState::Checked => pb::roster::State::Checked,
        RosterState::Recorded => pb::roster::State::Recorded,
        RosterState::Superseded => pb::roster::State::Superseded,
    };
    pb::Roster {
        name: roster.name(),
        programme: programme(roster.programme).into(),
        round: roster.round,
        supplement: roster.supplement,
        state: state.into(),
        line_count: roster.line_count,
        total_fen: roster.total.fen(),
        hash: roster
            .sealed_on
            .map_or_else(String::new, |_| roster.hash.clone()),
        record_number: roster.record_number.clone(),
        sealed_on: day(roster.sealed_on),
        recorded_on: day(roster.recorded_on),
        etag: roster.etag(),
        version: roster.version,
        operation: roster.operation.clone(),
    }
}

/// State of the contract.
pub(crate) fn state(state: State) -> pb::case::State {
    pb::case::State::from_str_name(&format!("STATE_{}", state.as_str()))
        .unwrap_or(pb::case::State::Unspecified)
}

/// State of the domain.
pub(crate) fn domain_state(state: pb::case::State) -> Option<State> {
    State::parse(state.as_str_name().strip_prefix("STATE_")?)
}

/// Programme of the contract.
pub(crate) fn programme(programme: Programme) -> types::Programme {
    match programme {
        Programme::P1 => types::Programme::P1,
        Programme::P2 => types::Programme::P2,
        Programme::P3 => types::Programme::P3,
        Programme::P4 => types::Programme::P4,
        // The contract has no word for it: no case of it is ever opened here.
        Programme::N1 => types::Programme::Unspecified,
    }
}

/// Programme of the domain.
pub(crate) fn domain_programme(programme: types::Programme) -> Option<Programme> {
    Some(match programme {
        types::Programme::P1 => Programme::P1,
        types::Programme::P2 => Programme::P2,
        types::Programme::P3 => Programme::P3,
        types::Programme::P4 => Programme::P4,
        types::Programme::Unspecified => return None,
    })
}

pub(crate) fn decision(decision: Decision) -> types::Decision {
    match decision {
        Decision::Pay => types::Decision::Pay,
        Decision::Reject => types::Decision::Reject,
        Decision::NotAccepted => types::Decision::NotAccepted,
        Decision::Terminate => types::Decision::Terminate,
        Decision::Refer => types::Decision::Refer,
        Decision::Clawback => types::Decision::Clawback,
        Decision::Wait => types::Decision::Wait,
    }
}

/// Decision of the domain.
pub(crate) fn domain_decision(of: types::Decision) -> Option<Decision> {
    Some(match of {
        types::Decision::Pay => Decision::Pay,
        types::Decision::Reject => Decision::Reject,
        types::Decision::NotAccepted => Decision::NotAccepted,
        types::Decision::Terminate => Decision::Terminate,
        types::Decision::Refer => Decision::Refer,
        types::Decision::Clawback => Decision::Clawback,
        types::Decision::Wait => Decision::Wait,
        types::Decision::Unspecified => return None,
    })
}

pub(crate) fn class(class: Option<Class>) -> types::BirthClass {
    match class {
        Some(Class::Second) => types::BirthClass::Second,
        Some(Class::Third) => types::BirthClass::Third,
        None => types::BirthClass::Unspecified,
    }
}

/// A document to bring.
pub(crate) fn required_document(it: &Document) -> pb::RequiredDocument {
    pb::RequiredDocument {
        kind: it.kind.into(),
        name_zh: it.zh.into(),
        name_en: it.en.into(),
        copies: it.copies,
        original: it.manner.original(),
        copy: it.manner.copy(),
        register_replaces: it.manner.register_replaces(),
        clause: it.clause.map_or("", |it| it.as_str()).into(),
        remark_zh: it.remark.into(),
    }
}

/// A day, empty if there is none.
pub(crate) fn day(date: Option<Date>) -> String {
    date.map(dates::format).unwrap_or_default()
}

fn timestamp(at: OffsetDateTime) -> Timestamp {
    Timestamp {
        seconds: at.unix_timestamp(),
        nanos: i32::try_from(at.nanosecond()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_place_in_the_contract() {
        for it in State::ALL {
            assert_eq!(domain_state(state(*it)), Some(*it));
        }
    }

    #[test]
    fn every_decision_can_be_asked_for() {
        let all = [
            Decision::Pay,
            Decision::Reject,
            Decision::NotAccepted,
            Decision::Terminate,
            Decision::Refer,
            Decision::Clawback,
            Decision::Wait,
        ];
        for it in all {
            assert_eq!(domain_decision(decision(it)), Some(it));
        }
    }
}
