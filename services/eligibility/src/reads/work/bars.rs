//! What keeps a caller from doing what waits at his desk: the same rules as when he does it.

use yuhui_platform::{Result, actions::why, caller::Caller, relatives::Relatives};
use yuhui_proto::{types::v1::Action, work::v1::WorkBar};

use crate::{
    domain::{Case, review_request::ReviewRequest, roster::Roster, sampling::Sampled, turn::Act},
    gate::{self, Deed, Seen, review::ReviewDeed, roster::RosterDeed},
    separation::conflict,
};

/// The rule of separation that stands against it, if one does.
pub(super) fn told(free: Result<()>) -> Option<WorkBar> {
    let Action { rule, zh, en, .. } = why(&free.err()?);
    (!rule.is_empty()).then_some(WorkBar { rule, zh, en })
}

/// DYN-3 and DYN-2, then what the act itself is asked.
pub(super) fn on_case(seen: &Seen<'_>, relatives: &Relatives, act: Act) -> Result<()> {
    conflict(seen.caller, relatives, seen.case)?;
    match Deed::of(act) {
        Some(deed) => gate::may(deed, seen),
        None => Ok(()),
    }
}

/// R-PRC-5 too.
pub(super) fn on_review(
    (caller, relatives): (&Caller, &Relatives),
    case: &Case,
    review: &ReviewRequest,
    act: Act,
) -> Result<()> {
    conflict(caller, relatives, case)?;
    match ReviewDeed::of(act) {
        Some(deed) => gate::review::may(deed, caller, review, case),
        None => Ok(()),
    }
}

/// Whole rosters are nobody's relatives' (DYN-3); DYN-1, DYN-6 and DYN-9.
pub(super) fn on_roster(
    caller: &Caller,
    roster: &Roster,
    sample: &[Sampled],
    act: Act,
) -> Result<()> {
    match RosterDeed::of(act) {
        Some(deed) => gate::roster::may(deed, caller, roster, sample),
        None => Ok(()),
    }
}
