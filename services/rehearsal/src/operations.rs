//! Work in bulk goes on after the call that began it: whoever needs it done waits for its end.

use std::time::Duration;

use tokio::time::Instant;
use tonic::{Code, Status};
use yuhui_proto::operations::v1::{
    Item, ListOperationItemsRequest, Operation, WaitOperationRequest, operation::State,
    operation_service_client::OperationServiceClient,
};

use super::offices::{Desk, at};

/// Items listed at a time.
const PAGE: i32 = 1000;
/// Longest that an operation may stand still: one that has not moved for so long does not move any more.
const STANDS_STILL: Duration = Duration::from_secs(180);

/// The operation once it has ended; what ended otherwise than done is an error.
pub(crate) async fn ended(desk: &Desk, operation: Option<Operation>) -> Result<Operation, Status> {
    let mut operation = operation.unwrap_or_default();
    let mut moved = Instant::now();
    while matches!(operation.state(), State::Running | State::Cancelling) {
        let ask = WaitOperationRequest {
            name: operation.name.clone(),
            timeout_ms: 0,
            revision: 0,
        };
        let waited = at!(desk, OperationServiceClient.wait_operation, ask)?;
        let waited = waited.operation.unwrap_or_default();
        let counts = |it: &Operation| (it.done, it.failed, it.skipped, it.changed);
        if counts(&waited) != counts(&operation) {
            moved = Instant::now();
        }
        operation = waited;
        if moved.elapsed() > STANDS_STILL {
            return Err(ended_badly(Code::DeadlineExceeded, &operation));
        }
    }
    match operation.state() {
        State::Done => Ok(operation),
        _ => Err(ended_badly(Code::Aborted, &operation)),
    }
}

fn ended_badly(code: Code, operation: &Operation) -> Status {
    let Operation {
        method,
        object,
        reason,
        message,
        ..
    } = operation;
    let state = operation.state().as_str_name();
    Status::new(
        code,
        format!("{method} of {object}: {state} {reason} {message}"),
    )
}

/// Its items that did not simply come out as done.
pub(crate) async fn items(desk: &Desk, operation: &Operation) -> Result<Vec<Item>, Status> {
    let (mut items, mut page_token) = (Vec::new(), String::new());
    loop {
        let ask = ListOperationItemsRequest {
            parent: operation.name.clone(),
            page_size: PAGE,
            page_token,
        };
        let page = at!(desk, OperationServiceClient.list_operation_items, ask)?;
        items.extend(page.items);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(items);
        }
    }
}
