//! The caller's own session.

use yuhui_platform::{Caller, Result, db::Tenancy};
use yuhui_proto::identity::v1 as pb;

use crate::{context::Context, convert, store::sessions};

/// Whose session it is, and what it may call.
pub async fn get(context: &Context, caller: &Caller) -> Result<pb::GetSessionResponse> {
    let account = context.own(caller).await?;
    let tx = context.db.read(Tenancy::City).await?;
    let session = sessions::by_id(&tx, &caller.session).await?;
    Ok(pb::GetSessionResponse {
        account: Some(convert::account(&context.vault, account)?),
        methods: context.methods_of(caller),
        under: session.map(|it| it.under).unwrap_or_default(),
    })
}
