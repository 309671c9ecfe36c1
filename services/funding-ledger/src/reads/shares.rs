//! Shares owed and received.

use yuhui_kernel::Tenant;
use yuhui_platform::{Caller, Result, db::Tenancy, refusal::not_found};
use yuhui_proto::{authz::v1::Reach, funding::v1 as pb};

use crate::{Deps, convert, store::reading};

/// Shares of one county, or of all for whoever reaches all.
pub async fn shares(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListSharesRequest,
) -> Result<pb::ListSharesResponse> {
    let parent = ask.parent.as_str();
    let tenancy = match parent {
        "counties/-" if caller.reach == Reach::AllTenants => Tenancy::All,
        "counties/-" => return Err(not_found(parent).into()),
        _ => convert::county(caller, parent)?.into(),
    };
    let tx = deps.db.read(tenancy).await?;
    let only = (ask.round != 0).then_some(ask.round);
    let rounds = reading::rounds(&tx, only).await?.into_iter();
    let of_counties = rounds.filter(|(code, _, _)| Tenant::parse(code).is_ok());
    let shares = of_counties.map(|(county, round, book)| convert::share(county, round, &book));
    Ok(pb::ListSharesResponse {
        shares: shares.collect(),
    })
}
