//! What a caller may do to a case: the same questions as the act is asked.

use yuhui_platform::{
    Error, Result,
    actions::{action, caller_of},
    caller::Caller,
    relatives::Relatives,
};
use yuhui_proto::types::v1::Action;

use crate::{
    context::Context,
    domain::Case,
    gate::{self, Deed, Seen},
    separation::{conflict, reaches},
    store,
};

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
    let (relatives, unknown) = match context.relatives(caller, case.tenant).await {
        Err(error) if error.is_silence() => (Relatives::default(), true),
        other => (other?, false),
    };
    let tx = context.db.read(case.tenant).await?;
    let reviews = store::review_requests::of_case(&tx, case.id).await?;
    drop(tx);
    let actions = admitted.iter().map(|(deed, caller)| {
        let seen = Seen {
            caller,
            case,
            reviews: &reviews,
            calendar: context.calendar,
            today: context.today(),
        };
        let free = gate::may(*deed, &seen);
        let free = free.and_then(|()| conflict(caller, &relatives, case).map_err(Error::from));
        let mut told = action(deed.path(), free, deed.may_still_fail());
        if unknown {
            // Whose relative the caller is, the register has not said.
            told.may_still_fail.push("SEPARATION_OF_DUTIES".into());
        }
        told
    });
    Ok(actions.collect())
}
