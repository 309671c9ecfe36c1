//! Cases that have waited long for a register go to a panel (F15), which completes the facts with the
//! office that keeps them.

use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::{Error, Result};

use super::{Run, service};
use crate::{
    domain::{Case, State, Step, waiting},
    ritual::Change,
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
        let fits = |it: &Case| self.is_due(it);
        while let Some(due) = self.next_due(tenant, &mut filter, fits).await? {
            referred.extend(self.refer(tenant, &due).await?);
        }
        Ok(referred)
    }

    fn is_due(&self, case: &Case) -> bool {
        REFERRED_FROM.contains(&case.state()) && case.has_waited_long(self.year.calendar, self.on)
    }

    async fn refer(&self, tenant: Tenant, ids: &[Uuid]) -> Result<Vec<Uuid>> {
        let me = hand(&service(tenant));
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
        self.write(tx, "case.refer_waiting", changes).await
    }
}
