//! Cases that have waited long for a register go to a panel (F15), which completes the facts with the
//! office that keeps them.

use uuid::Uuid;
use yuhui_platform::{Error, Result, db::Tx};

use super::{Run, service};
use crate::{
    domain::{Case, State, Step, waiting},
    ritual::Change,
    separation::hand,
    store,
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
    /// Whether the patience with a register is over on the date of the run.
    pub(super) fn has_waited(&self, case: &Case) -> bool {
        REFERRED_FROM.contains(&case.state()) && case.has_waited_long(self.year.calendar, self.on)
    }

    /// Those of these cases that wait still, referred to a panel.
    pub(super) async fn referred(&self, tx: &Tx, ids: &[Uuid]) -> Result<Vec<Change>> {
        let me = hand(&service(tx.tenant()?));
        let mut changes = Vec::new();
        for stored in store::cases::named(tx, ids).await? {
            // A register may have answered meanwhile.
            if !self.has_waited(&stored.case) {
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
        Ok(changes)
    }
}
