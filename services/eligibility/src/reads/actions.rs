//! What a caller may do to a case, a roster or a review: the same questions as the act is asked.

use yuhui_platform::{
    Result,
    actions::{KnownRelatives, action, caller_of},
    caller::Caller,
    db::Tx,
};
use yuhui_proto::types::v1::Action;

use crate::{
    context::Context,
    domain::{Case, review_request::ReviewRequest, roster::Roster},
    gate::{self, Deed, Seen, review::ReviewDeed, roster::RosterDeed},
    separation::{conflict, reaches},
    store,
};

/// What the caller's role may ever do to a roster.
pub(crate) async fn on_roster(tx: &Tx, caller: &Caller, roster: &Roster) -> Result<Vec<Action>> {
    let admitted = RosterDeed::ALL.into_iter();
    let admitted = admitted.filter_map(|it| Some((it, caller_of(caller, it.path())?)));
    let admitted: Vec<(RosterDeed, Caller)> = admitted.collect();
    let looks_at_the_sample = |it: &(RosterDeed, _)| it.0 == RosterDeed::ApproveRecording;
    let sample = match admitted.iter().any(looks_at_the_sample) {
        true => store::samples::of(tx, roster.id).await?,
        false => Vec::new(),
    };
    let actions = admitted.iter().map(|(deed, caller)| {
        let free = gate::roster::may(*deed, caller, roster, &sample);
        action(deed.path(), free, deed.may_still_fail())
    });
    Ok(actions.collect())
}

/// What the caller's role may ever do to the review of a case.
pub(crate) async fn on_review(
    context: &Context,
    caller: &Caller,
    review: &ReviewRequest,
    case: &Case,
) -> Result<Vec<Action>> {
    let admitted = ReviewDeed::ALL.into_iter();
    let admitted = admitted.filter_map(|it| Some((it, caller_of(caller, it.path())?)));
    let admitted: Vec<(ReviewDeed, Caller)> = admitted.collect();
    if admitted.is_empty() {
        return Ok(Vec::new());
    }
    let known = KnownRelatives::of(context.relatives(caller, case.tenant).await)?;
    let actions = admitted.iter().map(|(deed, caller)| {
        known.action(deed.path(), &[], |relatives| {
            conflict(caller, relatives, case)?;
            gate::review::may(*deed, caller, review, case)
        })
    });
    Ok(actions.collect())
}

/// Every act on a case that the caller's role may ever do, in the order of the life-cycle.
pub(crate) async fn on_case(
    context: &Context,
    caller: &Caller,
    case: &Case,
) -> Result<Vec<Action>> {
    let admitted = Deed::ALL.into_iter().filter_map(|deed| {
        let caller = caller_of(caller, deed.path())?;
        reaches(&caller, case).then_some((deed, caller))
    });
    let admitted: Vec<(Deed, Caller)> = admitted.collect();
    if admitted.is_empty() {
        return Ok(Vec::new());
    }
    let known = KnownRelatives::of(context.relatives(caller, case.tenant).await)?;
    let tx = context.db.read(case.tenant).await?;
    let reviews = store::review_requests::of_case(&tx, case.id).await?;
    drop(tx);
    let actions = admitted.iter().map(|(deed, caller)| {
        let seen = Seen::of(context, (caller, case), &reviews);
        known.action(deed.path(), deed.may_still_fail(), |relatives| {
            gate::may(*deed, &seen)?;
            Ok(conflict(caller, relatives, case)?)
        })
    });
    Ok(actions.collect())
}
