//! Holds with a term end by themselves (F28): the case goes back to where it stood.

use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{Error, Result, db::Tx};

use super::{Run, service};
use crate::{
    acts::notices::repost_if_taken_down,
    domain::{Case, State, Step},
    ritual::{Change, is_rostered},
    separation::hand,
    store::{
        self,
        rosters::{Sealing, hold_off_sealing},
    },
};

impl Run<'_> {
    /// Whether the case is held, and its last day was before the date of the run.
    pub(super) fn is_over(&self, case: &Case) -> bool {
        let term_is_over = case.hold_until.is_some_and(|it| it < self.on);
        case.state() == State::Hold && term_is_over
    }

    /// Those of these cases whose hold is over still, back where they stood.
    pub(super) async fn released(&self, tx: &Tx, ids: &[Uuid]) -> Result<Vec<Change>> {
        let me = hand(&service(tx.tenant()?));
        let mut changes = Vec::new();
        for stored in store::cases::named(tx, ids).await? {
            // Somebody may have been faster.
            let Some(until) = stored
                .case
                .hold_until
                .filter(|_| self.is_over(&stored.case))
            else {
                continue;
            };
            if waits_for_roster(tx, &stored.case).await? {
                continue;
            }
            let mut change = Change::of(stored.case);
            let released = change.after.step(Step::Release, &me);
            released.map_err(|it| Error::fault(format!("a hold does not lapse: {it:?}")))?;
            repost_if_taken_down(tx, &mut change.after).await?;
            change.reason = format!("暂缓期限（至 {}）届满", dates::format(until));
            changes.push(change);
        }
        Ok(changes)
    }
}

/// While a roster is being sealed its cases stay as they are; the next run takes them up.
async fn waits_for_roster(tx: &Tx, case: &Case) -> Result<bool> {
    let sealing = match is_rostered(case) {
        true => hold_off_sealing(tx, case.programme).await?,
        false => Sealing::None,
    };
    Ok(!matches!(sealing, Sealing::None))
}
