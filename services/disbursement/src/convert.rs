//! Between the contract and what is stored: names and results in requests, and what answers show.

use serde_json::{Value, json};
use yuhui_kernel::dates;
use yuhui_platform::{Result, refusal::not_found, vault::Vault};
use yuhui_proto::disbursement::v1 as pb;

use crate::{
    domain::{
        line::{self, LineState},
        name,
        order::OrderState,
        result::{BankResult, Outcome},
    },
    store::{batches, lines, orders, pages, reports},
};

/// What a resource name names, if it is one.
pub fn named<T>(read: impl FnOnce(&str) -> Option<T>, name: &str) -> Result<T> {
    Ok(read(name).ok_or_else(|| not_found(name))?)
}

/// The states a list of lines is narrowed to.
pub fn states(ask: &pb::ListPaymentLinesRequest) -> Vec<pages::Shown> {
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
    let state = match row.order()?.state {
        OrderState::Proposing => pb::payment_order::State::Proposing,
        OrderState::Proposed => pb::payment_order::State::Proposed,
        OrderState::Approving => pb::payment_order::State::Approving,
        OrderState::Approved => pb::payment_order::State::Approved,
        OrderState::Releasing => pb::payment_order::State::Releasing,
        OrderState::Released => pb::payment_order::State::Released,
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
    })
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
    pb::Batch {
        name: name::of_batch(&row.tenant, row.id),
        round: row.round,
        line_count: row.line_count,
        total_fen: row.total_fen,
        hash: row.hash.clone(),
        released_on: dates::format(row.released_on),
        acknowledged: row.acknowledged,
        open_count: row.open_count,
    }
}

/// A report.
pub fn report(row: &reports::Model) -> pb::ResultReport {
    pb::ResultReport {
        name: name::of_report(&row.tenant, row.batch_id, row.id),
        result_count: row.result_count,
        authorised: row.authoriser.is_some(),
    }
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
