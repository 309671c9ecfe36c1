//! Eligibility, which seals the rosters.

use yuhui_kernel::Tenant;
use yuhui_platform::{Caller, Result, inbox::slices::SLICE, peers::referred};
use yuhui_proto::internal::v1::{
    ListSealedRosterLinesRequest, ListSealedRosterLinesResponse,
    payout_service_client::PayoutServiceClient,
};

use crate::{Deps, NAME};

/// Name of the service.
pub const ELIGIBILITY: &str = "eligibility";

/// The slice of a sealed roster's lines that begins at `token`.
pub async fn sealed_lines(
    deps: &Deps,
    tenant: Tenant,
    roster: &str,
    token: String,
) -> Result<ListSealedRosterLinesResponse> {
    let caller = Caller::service(NAME, Some(tenant));
    let channel = deps.peers.call(ELIGIBILITY, &caller)?;
    let ask = ListSealedRosterLinesRequest {
        parent: roster.to_owned(),
        page_size: SLICE,
        page_token: token,
    };
    let mut client = PayoutServiceClient::new(channel);
    referred(ELIGIBILITY, client.list_sealed_roster_lines(ask).await)
}
