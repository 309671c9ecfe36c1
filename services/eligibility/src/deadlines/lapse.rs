//! Holds with a term end by themselves (F28): the case goes back to where it stood.

use serde_json::json;
use uuid::Uuid;
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{Error, Result, audit};

use super::{BATCH, Run, county_name, repost_if_taken_down, service};
use crate::{
    domain::{Case, State, Step},
    record::{Act, Change},
    separation::hand,
    store::{self, cases::Filter},
};

impl Run<'_> {
    /// Lifts the holds of a county whose last day was before the date of the run.
    pub(super) async fn lapse_holds(&self, tenant: Tenant) -> Result<Vec<Uuid>> {
        let mut filter = Filter {
            states: vec![State::Hold],
            ..Filter::default()
        };
        let mut lapsed = Vec::new();
        loop {
            let tx = self.db.read(tenant).await?;
            let batch = store::cases::list(&tx, &filter, u64::try_from(BATCH).ok()).await?;
            drop(tx);
            let Some(last) = batch.last() else { break };
            filter.after = Some(last.case.id.to_string());
            let over = batch
                .iter()
                .map(|it| &it.case)
                .filter(|it| self.is_over(it));
            let over: Vec<Uuid> = over.map(|it| it.id).collect();
            if !over.is_empty() {
                lapsed.extend(self.release(tenant, &over).await?);
            }
        }
        Ok(lapsed)
    }

    fn is_over(&self, case: &Case) -> bool {
        let term_is_over = case.hold_until.is_some_and(|it| it < self.on);
        case.state() == State::Hold && term_is_over
    }

    async fn release(&self, tenant: Tenant, ids: &[Uuid]) -> Result<Vec<Uuid>> {
        let caller = service(tenant);
        let me = hand(&caller);
        let tx = self.begin(tenant).await?;
        let mut changes = Vec::new();
        for stored in store::cases::named(&tx, ids).await? {
            // Somebody may have been faster.
            let Some(until) = stored
                .case
                .hold_until
                .filter(|_| self.is_over(&stored.case))
            else {
                continue;
            };
            let mut change = Change::of(stored.case);
            let released = change.after.step(Step::Release, &me);
            released.map_err(|it| Error::fault(format!("a hold does not lapse: {it:?}")))?;
            repost_if_taken_down(&tx, &mut change.after).await?;
            change.reason = format!("暂缓期限（至 {}）届满", dates::format(until));
            changes.push(change);
        }
        let released: Vec<Uuid> = changes.iter().map(|it| it.after.id).collect();
        if released.is_empty() {
            return Ok(released);
        }
        let act = Act {
            tx: &tx,
            caller: &caller,
            now: self.clock.now(),
            action: "case.lapse_hold",
        };
        let entry = audit::Entry::new("case.lapse_hold", county_name(tenant));
        let on = json!({ "on": dates::format(self.on) });
        act.write_all(entry, on, changes, Vec::new()).await?;
        tx.commit().await?;
        Ok(released)
    }
}
