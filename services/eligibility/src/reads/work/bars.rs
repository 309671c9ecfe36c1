//! What keeps a caller from doing what waits at his desk: the same rules as when he does it.

use yuhui_platform::{Result, actions::why, caller::Caller, relatives::Relatives};
use yuhui_proto::{types::v1::Action, work::v1::WorkBar};

use crate::{
    domain::{Case, Hand, review_request::ReviewRequest, roster::Roster, turn::Act},
    gate::{self, Deed, Seen},
    separation::{conflict, had_no_hand, not_the_maker},
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

/// R-PRC-5 too, unless an order is carried out.
pub(super) fn on_review(
    caller: &Caller,
    relatives: &Relatives,
    case: &Case,
    review: &ReviewRequest,
) -> Result<()> {
    conflict(caller, relatives, case)?;
    none_is_the_maker(caller, review.proposal.as_ref().map(|it| &it.by))?;
    match review.order {
        None => Ok(had_no_hand(caller, case)?),
        Some(_) => Ok(()),
    }
}

/// Whole rosters are nobody's relatives' (DYN-3); DYN-1, DYN-6 and DYN-9.
pub(super) fn on_roster<'a>(
    caller: &Caller,
    roster: &'a Roster,
    act: Act,
    samplers: impl Iterator<Item = &'a Hand>,
) -> Result<()> {
    match act {
        Act::SealRoster => none_is_the_maker(caller, [&roster.built_by]),
        Act::ApproveRecording => {
            none_is_the_maker(caller, roster.checked_by.iter().chain(samplers))
        }
        Act::ApproveRosterReturn => {
            none_is_the_maker(caller, roster.return_proposal.as_ref().map(|it| &it.by))
        }
        _ => Ok(()),
    }
}

fn none_is_the_maker<'a>(
    caller: &Caller,
    makers: impl IntoIterator<Item = &'a Hand>,
) -> Result<()> {
    for maker in makers {
        not_the_maker(caller, maker)?;
    }
    Ok(())
}
