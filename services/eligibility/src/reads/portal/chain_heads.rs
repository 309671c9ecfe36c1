//! Where the audit record of each county stands.

use yuhui_platform::{Result, audit, caller::Caller};
use yuhui_proto::portal::v1 as pb;

use crate::{context::Context, names::tenancy};

/// The heads of the chains.
pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListChainHeadsRequest,
) -> Result<pb::ListChainHeadsResponse> {
    let tenancy = tenancy(caller, &ask.parent)?;
    let tx = context.db.read(tenancy).await?;
    let mut heads = Vec::new();
    for head in audit::heads(&tx).await? {
        let entry = audit::act_at(&tx, &head.tenant, head.seq).await?;
        heads.push(pb::ChainHead {
            county: head.tenant,
            sequence: head.seq,
            hash: head.hash,
            entry_time: entry.map(|it| it.at).unwrap_or_default(),
        });
    }
    Ok(pb::ListChainHeadsResponse { heads })
}
