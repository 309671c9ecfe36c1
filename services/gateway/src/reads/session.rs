//! The caller's own session.

use yuhui_platform::{Caller, Result, token::Claims};
use yuhui_proto::identity::v1 as pb;

use crate::{context::Context, convert};

/// Whose session it is, and what it may call.
pub async fn get(context: &Context, caller: &Caller) -> Result<pb::GetSessionResponse> {
    let account = context.own(caller).await?;
    Ok(pb::GetSessionResponse {
        account: Some(convert::account(&context.vault, account)?),
        methods: methods(context, caller),
    })
}

/// Full names of the methods that admit the caller's role.
fn methods(context: &Context, caller: &Caller) -> Vec<String> {
    let claims = Claims {
        sub: caller.account.clone(),
        role: caller.role.as_str_name().into(),
        ..Claims::default()
    };
    let rules = &context.rules;
    rules
        .paths()
        .filter(|path| rules.check(path, Some(&claims)).is_ok())
        .map(|path| path.trim_start_matches('/').replace('/', "."))
        .collect()
}
