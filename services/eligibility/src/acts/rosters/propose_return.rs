//! A city registrar proposes to return a sealed or recorded roster: the first of two hands (F18, DYN-6).

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yuhui_platform::{
    Result,
    caller::Caller,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Slice, Work},
};
use yuhui_proto::eligibility::v1 as pb;

use super::{Asked, at_work, begin, begun, count, look_on, page, set_operation, write};
use crate::{
    context::Context,
    convert::text,
    domain::{
        State,
        roster::{ReturnProposal, Roster, RosterState},
    },
    gate::roster::RosterDeed,
    names,
    refusal::recording::NotRecorded,
    separation::hand,
    store::cases::Stored,
};

pub(crate) async fn propose(
    context: &Context,
    caller: &Caller,
    ask: pb::ProposeRosterReturnRequest,
) -> Result<pb::ProposeRosterReturnResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let (tenant, wanted) = wanted(caller, &ask.name, &ask.defects, false)?;
    let answer = |roster, operation| pb::ProposeRosterReturnResponse { roster, operation };
    let whose = (caller, tenant, wanted.roster.id);
    let work = ProposeReturn(context.clone());
    begin(context, work, whose, (key, wanted), answer).await
}

/// Formal defects of a roster that is not recorded yet.
pub(crate) async fn give_back(
    context: &Context,
    caller: &Caller,
    ask: pb::ReturnRosterRequest,
) -> Result<pb::ReturnRosterResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let (tenant, wanted) = wanted(caller, &ask.name, &ask.defects, true)?;
    let answer = |roster, operation| pb::ReturnRosterResponse { roster, operation };
    let whose = (caller, tenant, wanted.roster.id);
    let work = ProposeReturn(context.clone());
    begin(context, work, whose, (key, wanted), answer).await
}

fn wanted(
    caller: &Caller,
    name: &str,
    defects: &str,
    only_unrecorded: bool,
) -> Result<(yuhui_kernel::Tenant, Wanted)> {
    let words = text::needed("defects", defects)?;
    let (tenant, id) = names::parse_own(caller, name, "rosters")?;
    let roster = Asked {
        name: name.into(),
        id,
        words,
        etag: String::new(),
    };
    let wanted = Wanted {
        roster,
        only_unrecorded,
    };
    Ok((tenant, wanted))
}

/// The work of [`propose`] and [`give_back`].
pub(crate) struct ProposeReturn(pub(crate) Context);

#[derive(Serialize, Deserialize)]
pub(crate) struct Wanted {
    roster: Asked,
    only_unrecorded: bool,
}

#[async_trait::async_trait]
impl Work for ProposeReturn {
    type Ask = Wanted;
    /// The last case that was looked at.
    type Place = Option<Uuid>;
    type Ready = ();
    const METHOD: &'static str = "ProposeRosterReturn";

    async fn prepare(&self, _: &At<'_, Self>) -> Result<()> {
        Ok(())
    }

    async fn apply(&self, at: &At<'_, Self>, tx: &Tx, (): ()) -> Result<Slice<Option<Uuid>>> {
        let (asked, is_first) = (&at.ask.roster, at.place.is_none());
        let deed = match at.ask.only_unrecorded {
            true => RosterDeed::Return,
            false => RosterDeed::ProposeReturn,
        };
        let mut roster = match is_first {
            true => begun(tx, at.caller, deed, asked).await?,
            false => at_work(tx, asked.id, at.operation).await?,
        };
        let (cases, more) = page(tx, roster.id, *at.place, at.slice).await?;
        let next = match not_funded(&roster, &cases) {
            Err(funded) => Next::Failed(funded.into()),
            Ok(()) if at.is_cancelling => Next::Cancelled,
            Ok(()) if more.is_some() => Next::More(more),
            Ok(()) => Next::Done,
        };
        if !matches!(next, Next::Done) {
            return look_on((&self.0, tx), &mut roster, (is_first, at.operation), next).await;
        }
        roster.return_proposal = Some(ReturnProposal {
            by: hand(at.caller),
            defects: asked.words.clone(),
        });
        set_operation((&self.0, tx), &mut roster, "").await?;
        let told = ("roster.propose_return", "", &*asked.words);
        write((&self.0, at, tx), &roster, told, Vec::new(), Vec::new()).await?;
        Ok(Slice {
            done: count(&cases),
            ..next.into()
        })
    }
}

/// Once both shares have arrived the money of every line is there to be paid: what is wrong is
/// stopped case by case.
pub(super) fn not_funded(roster: &Roster, cases: &[Stored]) -> Result<(), NotRecorded> {
    let on_it = match roster.state {
        RosterState::Recorded => State::Recorded,
        _ => State::Rostered,
    };
    let ended = [State::Terminated, State::Withdrawn, State::Closed];
    let moved_on = cases.iter().map(|it| &it.case).find(|case| {
        let stage = case.stage();
        stage != on_it && !(ended.contains(&stage) && case.paid_on.is_none())
    });
    moved_on.map_or(Ok(()), |case| {
        Err(NotRecorded::Funded {
            roster: roster.name(),
            case: case.name(),
        })
    })
}
