//! Another password.

use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry},
    refusal::{Violation, invalid},
};
use yuhui_proto::identity::v1 as pb;

use super::sign_in::record_failure;
use crate::{context::Context, domain::profile::password_fault, refusal::Refused, store::accounts};

/// Who is signed in gives himself another password; his other sessions end.
pub async fn change(
    context: &Context,
    caller: &Caller,
    ask: pb::ChangePasswordRequest,
) -> Result<pb::ChangePasswordResponse> {
    if let Some(fault) = new_password_fault(&ask.old_password, &ask.new_password) {
        return Err(invalid(vec![fault]).into());
    }
    let account = context.own(caller).await?;
    // Who has somebody's session open must not guess his password here.
    context.throttle.within(&caller.session).await?;
    let old = Some(account.password_hash.as_str());
    if !context.passwords.matches(ask.old_password, old).await? {
        record_failure(context, caller, &account.login).await?;
        return Err(Refused::WrongCredentials.into());
    }
    let hash = context.passwords.hash(ask.new_password).await?;
    let tx = context.db.begin_global().await?;
    accounts::set_password(&tx, &account.id, &account.password_hash, &hash).await?;
    let keep = Some(caller.session.as_str());
    context
        .sessions
        .end_all(&tx, &account.id, keep, "password changed")
        .await?;
    let entry = Entry::new("account.password", account.name());
    audit::record(&tx, caller, context.clock.now(), entry).await?;
    tx.commit().await?;
    Ok(pb::ChangePasswordResponse {})
}

/// What is wrong with a new password that replaces another.
pub fn new_password_fault(old: &str, new: &str) -> Option<Violation> {
    if new == old {
        let (zh, en) = ("须与原密码不同", "must differ from the old one");
        return Some(Violation::new("new_password", zh, en));
    }
    password_fault("new_password", new)
}
