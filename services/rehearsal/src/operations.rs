//! Work in bulk goes on after the call that began it: whoever needs it done waits for its end.

use tonic::Status;
use yuhui_proto::operations::v1::{
    Item, ListOperationItemsRequest, Operation, WaitOperationRequest, operation::State,
    operation_service_client::OperationServiceClient,
};

use super::offices::{Desk, at};

/// Items listed at a time.
const PAGE: i32 = 1000;

/// The operation once it has ended; what ended otherwise than done is an error.
pub(crate) async fn ended(desk: &Desk, operation: Option<Operation>) -> Result<Operation, Status> {
    let mut operation = operation.unwrap_or_default();
    while matches!(operation.state(), State::Running | State::Cancelling) {
        let ask = WaitOperationRequest {
            name: operation.name.clone(),
            timeout_ms: 0,
            revision: 0,
        };
        let waited = at!(desk, OperationServiceClient.wait_operation, ask)?;
        operation = waited.operation.unwrap_or_default();
    }
    match operation.state() {
        State::Done => Ok(operation),
        _ => Err(Status::aborted(format!(
            "{} of {}: {} {}",
            operation.method, operation.object, operation.reason, operation.message
        ))),
    }
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
