//! Cases that have waited long for a register go to a panel (F15), which completes the facts with the
//! office that keeps them.

use serde_json::json;
use uuid::Uuid;
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{Error, Result, audit};

use super::{BATCH, Run, county_name, service};
use crate::{
    domain::{Case, State, Step, waiting},
    record::{Act, Change},
    separation::hand,
    store::{self, cases::Filter},
};

/// Where a case that waits may be taken up by a panel. Before it is taken up it waits for the claimant's
/// office, on a notice for the public, before payment on hold.
const REFERRED_FROM: [State; 4] = [
    State::VReview,
    State::TReview,
    State::CReview,
    State::CNotice,
];

impl Run<'_> {
    /// Refers the cases of a county whose patience is over on the date of the run.
    pub(super) async fn refer_waiting(&self, tenant: Tenant) -> Result<Vec<Uuid>> {
        let mut filter = Filter {
            states: REFERRED_FROM.to_vec(),
            ..Filter::default()
        };
        let mut referred = Vec::new();
        loop {
            let tx = self.db.read(tenant).await?;
            let batch = store::cases::list(&tx, &filter, u64::try_from(BATCH).ok()).await?;
            drop(tx);
            let Some(last) = batch.last() else { break };
            filter.after = Some(last.case.id.to_string());
            let due = batch.iter().filter(|it| self.is_due(&it.case));
            let due: Vec<Uuid> = due.map(|it| it.case.id).collect();
            if !due.is_empty() {
                referred.extend(self.refer(tenant, &due).await?);
            }
        }
        Ok(referred)
    }

    fn is_due(&self, case: &Case) -> bool {
        REFERRED_FROM.contains(&case.state()) && case.has_waited_long(self.year.calendar, self.on)
    }

    async fn refer(&self, tenant: Tenant, ids: &[Uuid]) -> Result<Vec<Uuid>> {
        let caller = service(tenant);
        let me = hand(&caller);
        let tx = self.begin(tenant).await?;
        let mut changes = Vec::new();
        for stored in store::cases::named(&tx, ids).await? {
            // A register may have answered meanwhile.
            if !self.is_due(&stored.case) {
                continue;
            }
            let mut change = Change::of(stored.case);
            let referred = change.after.step(Step::Refer, &me);
            referred.map_err(|it| Error::fault(format!("a case is not referred: {it:?}")))?;
            change.after.cleared_on = None;
            change.reason = format!(
                "等待核实期限届满：{}",
                waiting::told(&change.after.waiting_for)
            );
            changes.push(change);
        }
        let referred: Vec<Uuid> = changes.iter().map(|it| it.after.id).collect();
        if referred.is_empty() {
            return Ok(referred);
        }
        let act = Act {
            tx: &tx,
            caller: &caller,
            now: self.clock.now(),
            action: "case.refer_waiting",
        };
        let entry = audit::Entry::new("case.refer_waiting", county_name(tenant));
        let on = json!({ "on": dates::format(self.on) });
        act.write_all(entry, on, changes, Vec::new()).await?;
        tx.commit().await?;
        Ok(referred)
    }
}
