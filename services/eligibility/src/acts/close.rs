//! Archiving: F31.

use yuhui_platform::{Result, caller::Caller, unless_answered};
use yuhui_proto::eligibility::v1 as pb;

use crate::{context::Context, domain::Step, gate::Deed, ritual::Command};

/// F31 归档, unless the decision is under review (C.8).
pub(crate) async fn close(
    context: &Context,
    caller: &Caller,
    ask: pb::CloseCaseRequest,
) -> Result<pb::Case> {
    let command = Command::new(
        (caller, Deed::Close),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    act.step(Step::Close)?;
    let today = act.today();
    act.reserve(Some(today));
    act.finish("case.close", "").await
}
