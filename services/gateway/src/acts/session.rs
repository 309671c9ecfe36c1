//! A session goes on, and ends.

use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry},
};
use yuhui_proto::identity::v1 as pb;

use crate::{context::Context, convert};

/// New tokens for a session that lasts.
pub async fn refresh(
    context: &Context,
    caller: &Caller,
    ask: &pb::RefreshSessionRequest,
) -> Result<pb::RefreshSessionResponse> {
    let refreshed = context.sessions.refresh(caller, &ask.refresh_token).await?;
    Ok(pb::RefreshSessionResponse {
        tokens: Some(convert::tokens(refreshed)),
    })
}

/// Ends the caller's session.
pub async fn sign_out(context: &Context, caller: &Caller) -> Result<pb::SignOutResponse> {
    let tx = context.db.begin_global().await?;
    let own = [caller.session.clone()];
    context.sessions.end(&tx, &own, "signed out").await?;
    let entry =
        Entry::new("session.end", format!("accounts/{}", caller.account)).reason("signed out");
    audit::record(&tx, caller, context.clock.now(), entry).await?;
    tx.commit().await?;
    Ok(pb::SignOutResponse {})
}
