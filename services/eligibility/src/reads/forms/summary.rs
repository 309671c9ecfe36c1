//! Summaries of the sealed rosters of a round (annexes 7, 10 and 12): of a county by township, of the city by county.

use yuhui_kernel::{Money, divisions};
use yuhui_platform::{Error, Result, caller::Caller, db::Tx};
use yuhui_policy::Law as _;
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    context::Context,
    convert::forms,
    domain::{
        roster::{Roster, RosterState},
        summary::{Kind, Summary},
    },
    names::{self, ALL_COUNTIES},
    store,
};

/// Rosters read at a time.
const ROSTERS: u64 = 500;

pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetRosterSummaryRequest,
) -> Result<pb::GetRosterSummaryResponse> {
    let is_of_city = ask.parent == ALL_COUNTIES;
    let tenancy = names::tenancy(caller, &ask.parent)?;
    let kind = match ask.kind() {
        pb::SummaryKind::Operating => Kind::Operating,
        pb::SummaryKind::Model => Kind::Model,
        pb::SummaryKind::Families | pb::SummaryKind::Unspecified => Kind::Families,
    };
    let tx = context.db.read(tenancy).await?;
    let rosters = sealed(&tx, ask.round, kind).await?;
    drop(tx);
    let mut summary = Summary::default();
    for roster in &rosters {
        let county = roster.tenant.as_str();
        for (township, row) in &roster.summed_up().0 {
            let division = if is_of_city { county } else { township };
            let too_large = || Error::fault("a summary too large to count");
            summary.add(division, row).ok_or_else(too_large)?;
        }
    }
    let pack = context.pack_on(context.today()).await?;
    let (rows, total) = forms::summary(&summary, kind.columns(), |it| pack.parameters.shares(it))?;
    let versions = rosters.iter().filter_map(Roster::printed_version);
    let county = match names::parse_parent(caller, &ask.parent) {
        Ok(tenant) if !is_of_city => tenant.code(),
        _ => divisions::city(),
    };
    Ok(pb::GetRosterSummaryResponse {
        header: Some(forms::header(
            kind.annex(),
            kind.title().into(),
            county,
            ask.round,
            versions.map(ToOwned::to_owned).collect(),
        )),
        rosters: rosters.iter().map(Roster::name).collect(),
        total_capitals: forms::capitals(Money::from_fen(total.amount_fen)),
        rows,
        total: Some(total),
    })
}

/// Rosters of the round that are sealed and stand, by name.
async fn sealed(tx: &Tx, round: i32, kind: Kind) -> Result<Vec<Roster>> {
    let (mut sealed, mut after) = (Vec::new(), None);
    loop {
        let page = store::rosters::list(tx, round, after.as_deref(), ROSTERS).await?;
        let Some(last) = page.last() else {
            sealed.sort_by_key(Roster::name);
            return Ok(sealed);
        };
        after = Some(last.id.to_string());
        sealed.extend(page.into_iter().filter(|it| {
            let stands = it.sealed_on.is_some() && it.state != RosterState::Superseded;
            stands && kind.programmes().contains(&it.programme)
        }));
    }
}
