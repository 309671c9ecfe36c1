//! A city approver returns a roster: the second hand (F18, DYN-6). The cases go back to the county; the old
//! roster stays, superseded. Ledger and disbursement strike its lines off one by one.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yuhui_platform::{
    Result,
    caller::Caller,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Slice, Work},
};
use yuhui_proto::{eligibility::v1 as pb, internal::v1::event::Payload};

use super::{
    Asked, at_work, begin, begun, count, look_on, moved, page, propose_return::not_funded,
    set_operation, write,
};
use crate::{
    context::Context,
    domain::{
        Case,
        roster::{Roster, RosterState},
    },
    events::outgoing::{event, line_terminated},
    gate::roster::RosterDeed,
    names::{self, DISBURSEMENT, LEDGER},
    reads::rosters::find,
    ritual::{Change, OutgoingEvent},
    store,
};

/// Why lines of a returned roster are taken back.
const RETURNED: &str = "ROSTER_RETURNED";

pub(crate) async fn approve(
    context: &Context,
    caller: &Caller,
    ask: pb::ApproveRosterReturnRequest,
) -> Result<pb::ApproveRosterReturnResponse> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "rosters")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let seen = Asked {
        name: ask.name,
        id,
        words: String::new(),
        etag: ask.etag,
    };
    let answer = |roster, operation| pb::ApproveRosterReturnResponse { roster, operation };
    let whose = (caller, tenant, id);
    begin(
        context,
        TakeBack(context.clone()),
        whose,
        (key, seen),
        answer,
    )
    .await
}

/// The work of [`approve`].
pub(crate) struct TakeBack(pub(crate) Context);

/// Where it stands: after which case.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) enum Place {
    /// Nothing is looked at yet.
    #[default]
    Start,
    /// Looking whether money has arrived.
    Looking(Option<Uuid>),
    /// Taking cases back.
    Taking(Option<Uuid>),
}

#[async_trait::async_trait]
impl Work for TakeBack {
    type Ask = Asked;
    type Place = Place;
    type Ready = ();
    const METHOD: &'static str = "ApproveRosterReturn";

    async fn prepare(&self, _: &At<'_, Self>) -> Result<()> {
        // The days of what goes back to the county follow from it.
        self.0.pack_on(self.0.today()).await.map(|_| ())
    }

    async fn apply(&self, at: &At<'_, Self>, tx: &Tx, (): ()) -> Result<Slice<Place>> {
        let is_first = matches!(at.place, Place::Start);
        let mut roster = match is_first {
            true => start(at, tx).await?,
            false => at_work(tx, at.ask.id, at.operation).await?,
        };
        let after = match at.place {
            Place::Taking(after) => *after,
            Place::Start | Place::Looking(_) => {
                let after = match at.place {
                    Place::Looking(after) => *after,
                    _ => None,
                };
                let (cases, more) = page(tx, roster.id, after, at.slice).await?;
                let next = match not_funded(&roster, &cases) {
                    Err(funded) => Next::Failed(funded.into()),
                    Ok(()) if at.is_cancelling => Next::Cancelled,
                    Ok(()) if more.is_some() => Next::More(Place::Looking(more)),
                    Ok(()) => Next::Done,
                };
                if !matches!(next, Next::Done) {
                    return look_on((&self.0, tx), &mut roster, (is_first, at.operation), next)
                        .await;
                }
                None
            }
        };
        self.take_back(at, tx, roster, (after, is_first)).await
    }
}

async fn start(at: &At<'_, TakeBack>, tx: &Tx) -> Result<Roster> {
    let Asked { name, id, .. } = &at.ask;
    let round = find(tx, name, *id).await?.round;
    store::rosters::lock_round(tx, round).await?;
    begun(tx, at.caller, RosterDeed::ApproveReturn, at.ask).await
}

impl TakeBack {
    async fn take_back(
        &self,
        at: &At<'_, Self>,
        tx: &Tx,
        mut roster: Roster,
        (after, is_first): (Option<Uuid>, bool),
    ) -> Result<Slice<Place>> {
        let Self(context) = self;
        let (cases, more) = page(tx, roster.id, after, at.slice).await?;
        // No money arrives meanwhile.
        not_funded(&roster, &cases)?;
        let done = count(&cases);
        let changes = moved(cases, &roster.name(), Case::unroster);
        let events = struck_off(context, &changes);
        let proposal = roster.return_proposal.clone();
        let defects = proposal.map_or_else(String::new, |it| it.defects);
        let next = if more.is_some() {
            if is_first {
                set_operation((&self.0, tx), &mut roster, at.operation).await?;
            }
            Next::More(Place::Taking(more))
        } else {
            roster.return_proposal = None;
            roster.state = RosterState::Superseded;
            set_operation((&self.0, tx), &mut roster, "").await?;
            Next::Done
        };
        let told = ("roster.return", "case.unroster", &*defects);
        write((context, at, tx), &roster, told, changes, events).await?;
        Ok(Slice {
            total: Some(roster.line_count.into()),
            done,
            items: Vec::new(),
            next,
        })
    }
}

fn struck_off(context: &Context, changes: &[Change]) -> Vec<OutgoingEvent> {
    let today = context.today();
    let lines = changes
        .iter()
        .filter_map(|it| line_terminated(&it.before, RETURNED));
    let events = lines.flat_map(|line| {
        [LEDGER, DISBURSEMENT].map(|destination| {
            let told = Payload::LineTerminated(line.clone());
            (destination, event(today, told))
        })
    });
    events.collect()
}
