//! What was credited, for the forecast of next year's needs (五(二)6).

use yuhui_platform::{Caller, Result};
use yuhui_proto::internal::v1 as pb;

use crate::{Deps, convert, store::lines};

/// What was credited in a round, by programme.
pub async fn paid(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::SumPaidRequest,
) -> Result<pb::SumPaidResponse> {
    let county = convert::county(caller, &ask.parent)?;
    let tx = deps.db.read(county).await?;
    let paid = lines::credited(&tx, ask.round).await?.into_iter();
    Ok(pb::SumPaidResponse {
        paid: paid
            .map(|(programme, lines, amount)| pb::PaidProgramme {
                programme: convert::programme_shown(programme).into(),
                lines,
                amount_fen: amount.fen(),
            })
            .collect(),
    })
}
