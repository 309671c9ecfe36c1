//! How many cases stand where, without personal data.

use yuhui_platform::{Result, caller::Caller};
use yuhui_proto::{authz::v1::Desk, eligibility::v1 as pb};

use crate::{context::Context, convert, names::tenancy, store};

/// Fewer are not told to publicity: who is one of three is soon known by name.
const FEW: i64 = 5;

/// Cases of a round by county, programme and state.
pub(crate) async fn count_cases(
    context: &Context,
    caller: &Caller,
    ask: pb::CountCasesRequest,
) -> Result<pb::CountCasesResponse> {
    let tenancy = tenancy(caller, &ask.parent)?;
    let tx = context.db.read(tenancy).await?;
    let all = caller.desk() != Desk::Publicity;
    let counts = store::cases::count(&tx, ask.round).await?;
    let counts = counts.into_iter().map(|it| pb::CaseCount {
        county: it.county,
        programme: convert::programme(it.programme).into(),
        state: convert::state(it.state).into(),
        cases: Some(it.cases).filter(|cases| all || *cases >= FEW),
    });
    Ok(pb::CountCasesResponse {
        counts: counts.collect(),
    })
}
