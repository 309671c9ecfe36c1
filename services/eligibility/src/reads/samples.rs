//! Seeds and samples, as they are shown.

use yuhui_platform::{
    Result,
    caller::Caller,
    db::{Tenancy, Tx},
    refusal::not_found,
};
use yuhui_proto::eligibility::v1 as pb;

use super::rosters::find;
use crate::{
    context::Context,
    convert::samples,
    domain::{roster::Roster, sampling::Seed},
    names,
    refusal::recording::{NotRecorded, round_name},
    store,
};

/// The seed of a round.
pub(crate) async fn get_seed(
    context: &Context,
    _: &Caller,
    ask: pb::GetSeedRequest,
) -> Result<pb::GetSeedResponse> {
    let tx = context.db.read(Tenancy::City).await?;
    let seed = store::samples::seed(&tx, ask.round).await?;
    let seed = seed.ok_or_else(|| not_found(round_name(ask.round)))?;
    Ok(pb::GetSeedResponse {
        seed: Some(samples::seed(&seed)),
    })
}

/// The sample of a roster.
pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetSampleRequest,
) -> Result<pb::Sample> {
    let (tenant, id) = names::parse_own(caller, &ask.roster, "rosters")?;
    let tx = context.db.read(tenant).await?;
    let roster = find(&tx, &ask.roster, id).await?;
    let sample = store::samples::of(&tx, id).await?;
    if sample.is_empty() {
        return Err(not_found(&ask.roster).into());
    }
    let seed = seed_of(&tx, &roster).await?;
    Ok(samples::sample(&roster, &seed, &sample))
}

/// The seed of the roster's round.
pub(crate) async fn seed_of(tx: &Tx, roster: &Roster) -> Result<Seed> {
    let round = roster.round;
    let seed = store::samples::seed(tx, round).await?;
    seed.ok_or_else(|| NotRecorded::NoSeed { round }.into())
}
