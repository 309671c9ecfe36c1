//! Missed duties that were done after all, or passed on: the next run notes the day.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use time::Date;
use uuid::Uuid;
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{Result, audit, db::Tx};

use super::{BATCH, Run, county_name, service};
use crate::{
    domain::{
        Case,
        deadline::{Duty, Obligation},
    },
    names::parse_name,
    store,
};

/// Cases read at a time.
const PAGE: u64 = 500;

impl Run<'_> {
    /// Settles what is flagged and no longer due; answers how much.
    pub(super) async fn settle(&self, tenant: Tenant, due: &[Obligation]) -> Result<usize> {
        let due: BTreeSet<String> = due.iter().map(Obligation::episode).collect();
        let tx = self.db.read(tenant).await?;
        let done = self.done(&tx, &due).await?;
        drop(tx);
        if done.is_empty() {
            return Ok(0);
        }
        let tx = self.begin(tenant).await?;
        // What another run has settled meanwhile is settled.
        let open = store::deadlines::unsettled(&tx).await?;
        let done: Vec<(String, Date)> = done
            .into_iter()
            .filter(|(episode, _)| open.contains_key(episode))
            .collect();
        if done.is_empty() {
            return Ok(0);
        }
        store::deadlines::settle(&tx, &done, self.on).await?;
        for part in done.chunks(BATCH) {
            let settled = part
                .iter()
                .map(|(episode, on)| (episode, dates::format(*on)));
            let settled: Vec<_> = settled.collect();
            let entry = audit::Entry::new("deadline.settle", county_name(tenant))
                .after(&json!({ "settled": settled }))
                .reason(dates::format(self.on));
            audit::record(&tx, &service(tenant), self.clock.now(), entry).await?;
        }
        tx.commit().await?;
        Ok(done.len())
    }

    /// Flagged, no longer due, and done by the date of the run.
    async fn done(&self, tx: &Tx, due: &BTreeSet<String>) -> Result<Vec<(String, Date)>> {
        let mut gone = store::deadlines::unsettled(tx).await?;
        gone.retain(|episode, _| !due.contains(episode));
        let cases = self.cases(tx, &gone).await?;
        let mut done = Vec::new();
        for (episode, (subject, duty)) in gone {
            let on = match duty {
                Duty::NoticeClosing => match notice_closed_on(tx, &subject).await? {
                    // A run for an earlier day does not see it as due yet; it is not done.
                    None => continue,
                    closed_on => closed_on,
                },
                Duty::CityRecording => roster_recorded_on(tx, &subject).await?,
                Duty::Funding | Duty::Payment => money_moved_on(tx, &subject).await?,
                _ => cases.get(&subject).and_then(|it| moved_on(it, duty)),
            };
            let on = on.unwrap_or(self.on);
            if on <= self.on {
                done.push((episode, on));
            }
        }
        Ok(done)
    }

    /// The cases among the subjects, by name.
    async fn cases(
        &self,
        tx: &Tx,
        gone: &BTreeMap<String, (String, Duty)>,
    ) -> Result<BTreeMap<String, Case>> {
        let ids: BTreeSet<Uuid> = gone
            .values()
            .filter_map(|(subject, _)| Some(parse_name(subject, "cases")?.1))
            .collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let found = store::cases::named(tx, &ids).await?;
        Ok(found
            .into_iter()
            .map(|it| (it.case.name(), it.case))
            .collect())
    }
}

/// Day on which a case left the stage, or the absence, in which the duty was missed.
fn moved_on(case: &Case, duty: Duty) -> Option<Date> {
    match duty {
        Duty::Correction | Duty::Inquiry | Duty::Referral => case.state_since,
        _ => case.stage_since,
    }
}

async fn notice_closed_on(tx: &Tx, subject: &str) -> Result<Option<Date>> {
    let Some((_, id)) = parse_name(subject, "notices") else {
        return Ok(None);
    };
    let notice = store::notices::get(tx, id).await?;
    Ok(notice.and_then(|it| it.closed_on))
}

async fn roster_recorded_on(tx: &Tx, subject: &str) -> Result<Option<Date>> {
    let Some((_, id)) = parse_name(subject, "rosters") else {
        return Ok(None);
    };
    let roster = store::rosters::get(tx, id).await?;
    Ok(roster.and_then(|it| it.recorded_on))
}

/// Day on which the last line of a roster got its shares, or its payment.
async fn money_moved_on(tx: &Tx, subject: &str) -> Result<Option<Date>> {
    let Some((_, id)) = parse_name(subject, "rosters") else {
        return Ok(None);
    };
    let (mut last, mut after) = (None, String::new());
    loop {
        let cases = store::cases::on_roster_after(tx, id, &after, PAGE).await?;
        last = last.max(cases.iter().filter_map(|it| it.case.stage_since).max());
        match cases.last() {
            Some(case) => after = case.case.id.to_string(),
            None => return Ok(last),
        }
    }
}
