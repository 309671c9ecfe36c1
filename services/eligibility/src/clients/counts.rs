//! What is counted elsewhere: children by the registers, payments by the ledger.

use std::collections::BTreeMap;

use yuhui_kernel::Tenant;
use yuhui_platform::{Result, caller::Caller, peers::answered};
use yuhui_proto::internal::v1::{
    CountChildrenRequest, PaidProgramme, SumPaidRequest, paid_service_client::PaidServiceClient,
    verification_service_client::VerificationServiceClient,
};

use crate::{
    context::Context,
    names::{LEDGER, NAME, REGISTRY},
};

/// Children of a county by their year of birth.
pub(crate) async fn births(
    context: &Context,
    county: Tenant,
    from_year: i32,
) -> Result<BTreeMap<i32, u64>> {
    let me = Caller::service(NAME, Some(county));
    let mut registry = VerificationServiceClient::new(context.peers.call(REGISTRY, &me)?);
    let ask = CountChildrenRequest {
        parent: format!("counties/{}", county.as_str()),
        from_year,
    };
    let reply = answered(REGISTRY, registry.count_children(ask).await)?;
    let years = reply.years.into_iter();
    Ok(years
        .map(|it| (it.year, u64::try_from(it.children).unwrap_or_default()))
        .collect())
}

/// What the ledger paid in a county in a round, by programme.
pub(crate) async fn paid(
    context: &Context,
    county: Tenant,
    round: i32,
) -> Result<Vec<PaidProgramme>> {
    let me = Caller::service(NAME, Some(county));
    let mut ledger = PaidServiceClient::new(context.peers.call(LEDGER, &me)?);
    let ask = SumPaidRequest {
        parent: format!("counties/{}", county.as_str()),
        round,
    };
    Ok(answered(LEDGER, ledger.sum_paid(ask).await)?.paid)
}
