//! What keeps a caller from doing what waits at his desk: the same rules as when he does it.

use yuhui_platform::{caller::Caller, refusal::Common, relatives::Relatives};
use yuhui_proto::work::v1::WorkBar;

use crate::{
    domain::{Case, Hand, review_request::ReviewRequest, roster::Roster, turn::Act},
    separation::{conflict, had_no_hand, not_the_confirmer, not_the_maker},
};

/// The rule that stands against it, if one does.
pub(super) fn told(free: Result<(), Common>) -> Option<WorkBar> {
    match free {
        Err(Common::Denied { rule, zh, en }) => Some(WorkBar {
            rule: rule.into(),
            zh: zh.into(),
            en: en.into(),
        }),
        _ => None,
    }
}

/// DYN-3 and DYN-2, then DYN-1 and DYN-5.
pub(super) fn on_case(
    caller: &Caller,
    relatives: &Relatives,
    case: &Case,
    act: Act,
) -> Result<(), Common> {
    conflict(caller, relatives, case)?;
    let stopped_by = case.place.stopped_by();
    match act {
        Act::Sign => none_is_the_maker(caller, case.report.as_ref().map(|it| &it.by)),
        Act::Confirm => none_is_the_maker(caller, case.reviewed_by.as_ref()),
        Act::ApproveRejection
        | Act::ApproveTermination
        | Act::ApproveFraud
        | Act::ApproveRecovery => {
            none_is_the_maker(caller, case.proposal.as_ref().map(|it| &it.by))
        }
        Act::ProposeAccount => not_the_confirmer(caller, case),
        Act::ApproveAccount | Act::ApproveTakeover => {
            not_the_confirmer(caller, case)?;
            none_is_the_maker(caller, case.proposal.as_ref().map(|it| &it.by))
        }
        Act::ResolveReferral => {
            let signed = case.panel.as_ref().map(|it| &it.by);
            none_is_the_maker(caller, stopped_by.into_iter().chain(signed))
        }
        Act::ReportInquiry => none_is_the_maker(caller, stopped_by),
        Act::ResolveInquiry => {
            let reported = case.inquiry.iter().map(|it| &it.by);
            none_is_the_maker(caller, stopped_by.into_iter().chain(reported))
        }
        _ => Ok(()),
    }
}

/// R-PRC-5 too, unless an order is carried out.
pub(super) fn on_review(
    caller: &Caller,
    relatives: &Relatives,
    case: &Case,
    review: &ReviewRequest,
) -> Result<(), Common> {
    conflict(caller, relatives, case)?;
    none_is_the_maker(caller, review.proposal.as_ref().map(|it| &it.by))?;
    match review.order {
        None => had_no_hand(caller, case),
        Some(_) => Ok(()),
    }
}

/// Whole rosters are nobody's relatives' (DYN-3); DYN-1, DYN-6 and DYN-9.
pub(super) fn on_roster<'a>(
    caller: &Caller,
    roster: &'a Roster,
    act: Act,
    samplers: impl Iterator<Item = &'a Hand>,
) -> Result<(), Common> {
    match act {
        Act::SealRoster => not_the_maker(caller, &roster.built_by),
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
) -> Result<(), Common> {
    makers
        .into_iter()
        .try_for_each(|it| not_the_maker(caller, it))
}
