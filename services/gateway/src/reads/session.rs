//! The caller's own session.

use yuhui_platform::{Caller, Result};
use yuhui_proto::identity::v1 as pb;

use crate::{context::Context, convert};

/// Whose session it is, and what it may call.
pub async fn get(context: &Context, caller: &Caller) -> Result<pb::GetSessionResponse> {
    let account = context.own(caller).await?;
    Ok(pb::GetSessionResponse {
        account: Some(convert::account(&context.vault, account)?),
        methods: context.methods_of(caller.role).to_vec(),
    })
}
