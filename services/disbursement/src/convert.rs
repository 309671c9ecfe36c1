//! Between the contract and what is stored: names and results in requests, and what answers show.

use serde_json::{Value, json};
use yuhui_kernel::{Hand, Tenant, dates, proposal::ProposalState, resource_name};
use yuhui_platform::{Caller, Result, caller::actor, refusal::not_found, vault::Vault};
use yuhui_proto::{authz::v1::Reach, disbursement::v1 as pb};

use crate::{
    domain::{
        line::{self, LineState},
        name,
        order::{Order, OrderState},
        result::{BankResult, Outcome},
    },
    refusal::Refused,
    store::{batches, lines, orders, pages, reports},
};

/// What a resource name names, if it is one.
pub fn named<T>(read: impl FnOnce(&str) -> Option<T>, name: &str) -> Result<T> {
    Ok(read(name).ok_or_else(|| not_found(name))?)
}

/// What a list of lines of the county is narrowed to. What is another county's has no lines here.
pub fn narrowed(
    ask: &pb::ListPaymentLinesRequest,
    caller: &Caller,
    tenant: Tenant,
) -> Result<pages::Narrowed> {
    let own = |it: &String| resource_name::is_of(it, tenant.as_str());
    let named = [
        ("order", &ask.order),
        ("batch", &ask.batch),
        ("case", &ask.case),
        ("roster", &ask.roster),
    ];
    let given: Vec<_> = named.into_iter().filter(|(_, it)| !it.is_empty()).collect();
    let to = match given.as_slice() {
        [] => None,
        [(_, name)] if !own(name) => return Err(not_found(*name).into()),
        [("order", name)] => Some(pages::Of::Order(self::named(name::order, name)?.id)),
        [("batch", name)] => Some(pages::Of::Batch(self::named(name::batch, name)?.id)),
        [("case", name)] => Some(pages::Of::Case((*name).clone())),
        [(_, name)] => Some(pages::Of::Roster((*name).clone())),
        more => {
            let fields = more.iter().map(|(field, _)| *field).collect();
            return Err(Refused::OneFilter(fields).into());
        }
    };
    let own_only = caller.reach == Reach::OwnRecords;
    let nobody = || "nobody".to_owned();
    Ok(pages::Narrowed {
        to,
        payee: own_only.then(|| caller.person.clone().unwrap_or_else(nobody)),
        round: (ask.round != 0).then_some(ask.round),
        programme: (ask.programme != 0).then_some(ask.programme),
        shown: states(ask),
    })
}

/// The states a list of lines is narrowed to.
fn states(ask: &pb::ListPaymentLinesRequest) -> Vec<pages::Shown> {
    use pb::payment_line::State;
    let wanted = ask.states().filter_map(|state| match state {
        State::Unspecified => None,
        State::Held => Some(pages::Shown::Held),
        State::Ready => Some(pages::Shown::As(LineState::Ready)),
        State::Corrected => Some(pages::Shown::As(LineState::Corrected)),
        State::Sent => Some(pages::Shown::As(LineState::Sent)),
        State::Credited => Some(pages::Shown::As(LineState::Credited)),
        State::Returned => Some(pages::Shown::As(LineState::Returned)),
        State::Cancelled => Some(pages::Shown::As(LineState::Cancelled)),
    });
    wanted.collect()
}

/// A result as the bank reports it.
pub fn result(result: pb::LineResult) -> BankResult {
    let outcome = match result.outcome() {
        pb::line_result::Outcome::Credited => Some(Outcome::Credited),
        pb::line_result::Outcome::Returned => Some(Outcome::Returned),
        pb::line_result::Outcome::Unspecified => None,
    };
    BankResult {
        payment_key: result.payment_key,
        outcome,
        return_code: result.return_code,
        bank_reference: result.bank_reference,
    }
}

/// An order.
pub fn order(row: &orders::Model) -> Result<pb::PaymentOrder> {
    use pb::payment_order::State;
    let Order { state, hands } = row.order()?;
    let state = match state {
        OrderState::Proposing => State::Proposing,
        OrderState::Proposed => State::Proposed,
        OrderState::Approving => State::Approving,
        OrderState::Approved => State::Approved,
        OrderState::Releasing => State::Releasing,
        OrderState::Released => State::Released,
        OrderState::Declined => State::Declined,
        OrderState::Withdrawn => State::Withdrawn,
    };
    let batch = row.batch_id.map(|id| name::of_batch(&row.tenant, id));
    Ok(pb::PaymentOrder {
        name: name::of_order(&row.tenant, row.id),
        round: row.round,
        state: state.into(),
        line_count: row.line_count,
        total_fen: row.total_fen,
        batch: batch.unwrap_or_default(),
        operation: row.operation.clone(),
        kind: kind(row).into(),
        etag: row.etag(),
        proposed_by: who(Some(&hands.proposed)),
        approved_by: who(hands.approved.as_ref()),
        released_by: who(hands.released.as_ref()),
        closed_by: who(hands.closed.as_ref()),
        reason: row.words.clone(),
    })
}

fn kind(row: &orders::Model) -> pb::OrderKind {
    match row.corrected {
        true => pb::OrderKind::Reissues,
        false => pb::OrderKind::FirstPayments,
    }
}

/// A line, its account masked.
pub fn line(vault: &Vault, row: lines::Model) -> Result<pb::PaymentLine> {
    let masked = line::masked(&row.account_tail);
    line_with(vault, row, masked)
}

/// A line with that account number.
pub fn line_with(
    vault: &Vault,
    row: lines::Model,
    account_number: String,
) -> Result<pb::PaymentLine> {
    let payee_name = row.payee_name(vault)?;
    let state = state(row.state()?, row.held);
    let settled_on = row.settled_on.map(dates::format);
    let order = row.order_id.map(|id| name::of_order(&row.tenant, id));
    let batch = row.batch_id.map(|id| name::of_batch(&row.tenant, id));
    Ok(pb::PaymentLine {
        name: name::of_line(&row.tenant, row.id),
        case: row.case_name,
        payment_key: row.payment_key,
        attempt: row.attempt,
        round: row.round,
        state: state.into(),
        amount_fen: row.amount_fen,
        payee_name,
        account_number,
        bank_name: row.bank_name,
        corporate: row.corporate,
        return_code: row.return_code,
        settled_on: settled_on.unwrap_or_default(),
        order: order.unwrap_or_default(),
        batch: batch.unwrap_or_default(),
        roster: row.roster,
        programme: row.programme,
    })
}

/// A hold shows on a line as long as it waits.
fn state(state: LineState, held: bool) -> pb::payment_line::State {
    match state {
        // Nobody is shown a line of a roster that is still coming in.
        LineState::Arriving => pb::payment_line::State::Unspecified,
        LineState::Ready | LineState::Corrected if held => pb::payment_line::State::Held,
        LineState::Ready => pb::payment_line::State::Ready,
        LineState::Corrected => pb::payment_line::State::Corrected,
        LineState::Sent => pb::payment_line::State::Sent,
        LineState::Credited => pb::payment_line::State::Credited,
        LineState::Returned => pb::payment_line::State::Returned,
        LineState::Cancelled => pb::payment_line::State::Cancelled,
    }
}

/// A batch.
pub fn batch(row: &batches::Model) -> pb::Batch {
    use pb::batch::State;
    let state = match (row.acknowledged, row.open_count) {
        (false, _) => State::Released,
        (true, 0) => State::Closed,
        (true, _) => State::Acknowledged,
    };
    pb::Batch {
        name: name::of_batch(&row.tenant, row.id),
        round: row.round,
        line_count: row.line_count,
        total_fen: row.total_fen,
        hash: row.hash.clone(),
        released_on: dates::format(row.released_on),
        open_count: row.open_count,
        state: state.into(),
    }
}

/// A report.
pub fn report(row: &reports::Model) -> Result<pb::ResultReport> {
    use pb::result_report::State;
    let state = row.state()?;
    Ok(pb::ResultReport {
        name: name::of_report(&row.tenant, row.batch_id, row.id),
        result_count: row.result_count,
        state: match state {
            ProposalState::Waiting => State::Submitted,
            ProposalState::Approved => State::Authorised,
            ProposalState::Declined => State::Declined,
            ProposalState::Withdrawn => State::Withdrawn,
        }
        .into(),
        credited_count: row.credited_count,
        credited_fen: row.credited_fen,
        returned_count: row.returned_count,
        returned_fen: row.returned_fen,
        digest: row.digest.clone(),
        reported_by: who(Some(&row.operator()?)),
        closed_by: who(row.ended_by()?.as_ref()),
        reason: row.words.clone(),
    })
}

/// A result as a report says it.
pub fn reported(result: BankResult) -> pb::LineResult {
    let outcome = match result.outcome {
        Some(Outcome::Credited) => pb::line_result::Outcome::Credited,
        Some(Outcome::Returned) => pb::line_result::Outcome::Returned,
        None => pb::line_result::Outcome::Unspecified,
    };
    pb::LineResult {
        payment_key: result.payment_key,
        outcome: outcome.into(),
        return_code: result.return_code,
        bank_reference: result.bank_reference,
    }
}

/// The states a list of reports is narrowed to.
pub fn report_states(ask: &pb::ListResultReportsRequest) -> Vec<ProposalState> {
    use pb::result_report::State;
    let wanted = ask.states().filter_map(|state| match state {
        State::Unspecified => None,
        State::Submitted => Some(ProposalState::Waiting),
        State::Authorised => Some(ProposalState::Approved),
        State::Declined => Some(ProposalState::Declined),
        State::Withdrawn => Some(ProposalState::Withdrawn),
    });
    wanted.collect()
}

/// Who a hand is, for people; empty if there is none.
fn who(hand: Option<&Hand>) -> String {
    hand.map_or_else(String::new, |it| actor(&it.account))
}

/// An order as the audit record keeps it.
pub fn order_for_audit(row: &orders::Model) -> Value {
    json!({
        "state": row.state,
        "round": row.round,
        "corrected": row.corrected,
        "line_count": row.line_count,
        "total_fen": row.total_fen,
        "batch": row.batch_id,
    })
}
