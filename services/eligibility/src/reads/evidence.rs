//! A case as one file that replays without this system.

use std::collections::{BTreeMap, btree_map::Entry};

use yuhui_kernel::Tenant;
use yuhui_platform::{Result, caller::Caller};
use yuhui_policy::evidence::file::Record;
use yuhui_proto::eligibility::v1::{self as pb, case_view::Kind};

use super::{answers::shows_papers, views};
use crate::{
    context::Context,
    store::{self, evidence::Stored},
};

/// The versions of the law and the working days first, then every decision, each replayed before it leaves.
pub(crate) async fn export(
    context: &Context,
    caller: &Caller,
    ask: pb::ExportEvidenceRequest,
) -> Result<pb::ExportEvidenceResponse> {
    let case = context.case(caller, &ask.name).await?.case;
    let tx = context.db.read(case.tenant).await?;
    shows_papers(&tx, caller, &case).await?;
    let stored = store::evidence::of(&tx, &[case.id]).await?;
    drop(tx);
    views::note(context, caller, &case, Kind::Evidence).await;
    let records = replayable(context, case.tenant, &stored).await?;
    let lines = records.iter().map(|it| it.to_line() + "\n");
    Ok(pb::ExportEvidenceResponse {
        file: lines.collect(),
    })
}

/// The versions of the law and the working days, then the decisions that rest on them, each replayed.
pub(super) async fn replayable(
    context: &Context,
    county: Tenant,
    stored: &[Stored],
) -> Result<Vec<Record>> {
    let mut packs = BTreeMap::new();
    let mut calendars = BTreeMap::new();
    let mut decisions = Vec::with_capacity(stored.len());
    for one in stored {
        let taken = context.proven(county, one).await?;
        if let Entry::Vacant(entry) = packs.entry(taken.evidence.pack_version.clone()) {
            let toml = context.pack_version(entry.key()).await?.to_toml();
            entry.insert(Record::Pack { toml });
        }
        if let Some(digest) = &taken.evidence.calendar
            && !calendars.contains_key(digest)
            && let Some(calendar) = context.calendar_of(county, &taken).await?
        {
            let csv = calendar.to_csv();
            calendars.insert(digest.clone(), Record::Calendar { csv });
        }
        decisions.push(Record::Decision(Box::new(taken)));
    }
    let rests_on = packs.into_values().chain(calendars.into_values());
    Ok(rests_on.chain(decisions).collect())
}
