//! How the registers stand.

use yuhui_platform::{Caller, Result};
use yuhui_proto::registry::v1 as pb;

use crate::{Deps, convert, domain::Register, store::states};

/// How each register stands for a county.
pub async fn list(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListRegisterStatesRequest,
) -> Result<pb::ListRegisterStatesResponse> {
    let tenant = convert::county(caller, &ask.parent)?;
    let tx = deps.db.read(tenant).await?;
    let standings = states::all(&tx).await?;
    let states = Register::ALL.map(|it| convert::state(tenant, standings.of(it)));
    Ok(pb::ListRegisterStatesResponse {
        states: states.into(),
    })
}
