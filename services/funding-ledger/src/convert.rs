//! Between the contract and the domain: the names in requests, and what answers show.

use yuhui_kernel::{Money, Tenant, dates, proposal::ProposalState, resource_name};
use yuhui_platform::{Caller, Result, caller::actor, db::Tenancy, refusal::not_found};
use yuhui_proto::{
    authz::v1::{Level, Reach},
    funding::v1::{self as pb, proposal},
    types::v1 as types,
};

use crate::{
    domain::{
        book::{Account, Entry, Programme, RoundBook},
        name,
        proposal::{Kind, Proposal},
        reconciliation::Reconciliation,
    },
    store::reading::Chained,
};

/// The county a `counties/{county}` names, if the caller reaches it.
pub fn county(caller: &Caller, parent: &str) -> Result<Tenant> {
    let code = resource_name::county(parent).ok_or_else(|| not_found(parent))?;
    tenant(caller, code, parent)
}

/// Whose book a `counties/{county}` names: a county's, or the city's for whoever reaches every county.
pub fn book(caller: &Caller, parent: &str) -> Result<Tenancy> {
    let code = resource_name::county(parent).ok_or_else(|| not_found(parent))?;
    book_of(caller, code, parent)
}

/// The finance office a `counties/{county}` names, if it is the caller's own: city finance keeps the
/// budget of the city, a county's that of the county (F.5).
pub fn own_book(caller: &Caller, parent: &str) -> Result<Tenancy> {
    let named = book(caller, parent)?;
    match (named, caller.level()) {
        (Tenancy::City, Level::Municipal) | (Tenancy::One(_), Level::County) => Ok(named),
        _ => Err(not_found(parent).into()),
    }
}

/// Whose a proposal `counties/{county}/proposals/{id}` is, and its id, if the caller reaches it.
pub fn proposed<'a>(caller: &Caller, full: &'a str) -> Result<(Tenancy, &'a str)> {
    let named = resource_name::child(full, "proposals");
    let (code, id) = named.ok_or_else(|| not_found(full))?;
    Ok((book_of(caller, code, full)?, id))
}

fn book_of(caller: &Caller, code: &str, full: &str) -> Result<Tenancy> {
    if code != Tenancy::City.scope() {
        return Ok(tenant(caller, code, full)?.into());
    }
    match caller.reach {
        Reach::AllTenants => Ok(Tenancy::City),
        _ => Err(not_found(full).into()),
    }
}

/// County and id of `counties/{county}/{collection}/{id}`, if the caller reaches the county.
pub fn child<'a>(caller: &Caller, full: &'a str, collection: &str) -> Result<(Tenant, &'a str)> {
    let named = resource_name::child(full, collection);
    let (code, id) = named.ok_or_else(|| not_found(full))?;
    Ok((tenant(caller, code, full)?, id))
}

fn tenant(caller: &Caller, code: &str, full: &str) -> Result<Tenant> {
    let named = Tenant::parse(code).map_err(|_| not_found(full))?;
    // Another county's name answers as if there were nothing.
    caller
        .tenant_for(&named)
        .map_err(|_| not_found(full).into())
}

/// A programme of an event.
pub fn programme(named: types::Programme) -> Option<Programme> {
    match named {
        types::Programme::P1 => Some(Programme::P1),
        types::Programme::P2 => Some(Programme::P2),
        types::Programme::P3 => Some(Programme::P3),
        types::Programme::P4 => Some(Programme::P4),
        types::Programme::Unspecified => None,
    }
}

/// A programme as it is shown.
pub fn programme_shown(programme: Programme) -> types::Programme {
    match programme {
        Programme::P1 => types::Programme::P1,
        Programme::P2 => types::Programme::P2,
        Programme::P3 => types::Programme::P3,
        Programme::P4 => types::Programme::P4,
    }
}

pub fn proposal(county: &str, it: &Proposal) -> pb::Proposal {
    let kind = match it.kind {
        Kind::Appropriation => proposal::Kind::Appropriation,
        Kind::CountyShare => proposal::Kind::CountyShare,
        Kind::CityShare => proposal::Kind::CityShare,
        Kind::Remittance => proposal::Kind::Remittance,
        Kind::RecoveryReceipt => proposal::Kind::RecoveryReceipt,
        Kind::RecoveryWriteOff => proposal::Kind::RecoveryWriteOff,
        Kind::Supplement => proposal::Kind::Supplement,
        Kind::YearClose => proposal::Kind::YearClose,
    };
    let journal = it.journal.map(|sequence| name::journal(county, sequence));
    pb::Proposal {
        name: name::proposal(county, &it.id),
        kind: kind.into(),
        round: it.round,
        amount_fen: it.amount.fen(),
        document: it.document.clone(),
        case: it.case_name.clone().unwrap_or_default(),
        journal: journal.unwrap_or_default(),
        state: match it.state {
            ProposalState::Waiting => proposal::State::Waiting,
            ProposalState::Approved => proposal::State::Approved,
            ProposalState::Declined => proposal::State::Declined,
            ProposalState::Withdrawn => proposal::State::Withdrawn,
        }
        .into(),
        proposed_by: actor(&it.maker),
        proposed_on: dates::format(it.proposed_on),
        ended_by: it.checker.as_deref().map(actor).unwrap_or_default(),
        reason: it.words.clone(),
        endorsed_by: it.endorser.as_deref().map(actor).unwrap_or_default(),
        etag: it.etag(),
    }
}

/// The states a list of proposals is narrowed to.
pub fn proposal_states(ask: &pb::ListProposalsRequest) -> Vec<ProposalState> {
    let wanted = ask.states().filter_map(|state| match state {
        proposal::State::Unspecified => None,
        proposal::State::Waiting => Some(ProposalState::Waiting),
        proposal::State::Approved => Some(ProposalState::Approved),
        proposal::State::Declined => Some(ProposalState::Declined),
        proposal::State::Withdrawn => Some(ProposalState::Withdrawn),
    });
    wanted.collect()
}

pub fn share(county: String, round: i32, book: &RoundBook) -> pb::Share {
    let totals = book.totals();
    pb::Share {
        county,
        round,
        payable_fen: totals.committed.fen(),
        city_due_fen: book.city_due().fen(),
        county_due_fen: book.county_due().fen(),
        city_received_fen: totals.received_city.fen(),
        county_received_fen: totals.received_county.fen(),
        funded: book.is_funded(),
    }
}

pub fn balance(account: Account, balance: Money) -> pb::Balance {
    pb::Balance {
        account: account.to_string(),
        title: account.title().to_owned(),
        balance_fen: balance.fen(),
    }
}

/// Memo entries (9001–9003) are single-entry and are seen in the trial balance; a journal shows
/// its balanced entries.
pub fn journal(chained: Chained) -> Result<pb::Journal> {
    let journal = chained.journal?;
    let booked = journal.entries.iter().filter(|it| !it.account.is_memo());
    Ok(pb::Journal {
        name: name::journal(&journal.book, journal.sequence),
        sequence: journal.sequence,
        event: journal.event,
        round: journal.round,
        posted_on: dates::format(journal.posted_on),
        source: journal.source,
        actor: journal.actor,
        entries: booked.map(entry).collect(),
        previous_hash: chained.previous_hash,
        hash: chained.hash,
    })
}

fn entry(entry: &Entry) -> pb::Entry {
    pb::Entry {
        account: entry.account.to_string(),
        debit_fen: entry.debit.fen(),
        credit_fen: entry.credit.fen(),
    }
}

pub fn reconciliation(county: &str, round: i32, it: &Reconciliation) -> pb::Reconciliation {
    pb::Reconciliation {
        county: county.to_owned(),
        round,
        approved_fen: it.approved.fen(),
        funded_fen: it.funded.fen(),
        instructed_fen: it.instructed.fen(),
        credited_fen: it.credited.fen(),
        returned_fen: it.returned.fen(),
        unknown_fen: it.unknown.fen(),
        balanced: it.is_balanced,
    }
}
