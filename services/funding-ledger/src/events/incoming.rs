//! What the other services tell the ledger: each event is an act.

use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Result,
    db::Tx,
    inbox::{Consumer, Inbox, Progress, Told, slices},
};
use yuhui_proto::internal::v1::{ListSealedRosterLinesResponse, event::Payload};

use crate::{
    Deps,
    acts::{
        act::{Act, inconsistent},
        confirm, payments, recognise, recover, reserve, terminate,
    },
    clients::eligibility::{self, ELIGIBILITY},
    store::{city, lines},
};

/// Where the other services' events arrive.
pub fn inbox(deps: Deps) -> Inbox<Events> {
    Inbox::new(deps.db.clone(), deps.clock.clone(), Events(deps))
}

/// What the other services' events do here.
pub struct Events(Deps);

#[tonic::async_trait]
impl Consumer for Events {
    /// Lines of a sealed roster; no other event refers to anything.
    type Fetched = ListSealedRosterLinesResponse;

    fn sender(&self, payload: &Payload) -> Option<&'static str> {
        match payload {
            Payload::RosterSealed(_)
            | Payload::RosterRecorded(_)
            | Payload::LineTerminated(_)
            | Payload::CaseContestable(_)
            | Payload::RecoveryDecided(_) => Some(ELIGIBILITY),
            Payload::BatchReleased(_) | Payload::LinesSettled(_) => Some("disbursement"),
            _ => None,
        }
    }

    async fn fetch(&self, told: &Told<'_>) -> Result<ListSealedRosterLinesResponse> {
        let Payload::RosterSealed(it) = told.payload else {
            return Ok(ListSealedRosterLinesResponse::default());
        };
        let next = slices::arrival(&it.roster, told.cursor)?.next;
        eligibility::sealed_lines(&self.0, told.tenant, &it.roster, next).await
    }

    async fn apply(
        &self,
        tx: &Tx,
        told: &Told<'_>,
        fetched: ListSealedRosterLinesResponse,
    ) -> Result<Progress> {
        let mut act = Act::open(&self.0, tx, told.caller, told.event_id).await?;
        if let Ok(date) = dates::parse(&told.event.effective_on) {
            act.effective_on(date);
        }
        match told.payload {
            Payload::RosterSealed(it) => {
                return confirm::sealed(&mut act, it, told.cursor, fetched).await;
            }
            Payload::RosterRecorded(it) => recognise::recorded(&mut act, it).await?,
            Payload::LineTerminated(it) => terminate::terminated(&mut act, it).await?,
            Payload::CaseContestable(it) => reserve::contestable(&mut act, it).await?,
            Payload::BatchReleased(it) => payments::released(&mut act, it).await?,
            Payload::LinesSettled(it) => payments::settled(&mut act, it).await?,
            Payload::RecoveryDecided(it) => recover::decided(&mut act, it).await?,
            _ => return Err(inconsistent("the ledger books no such thing").into()),
        }
        Ok(Progress::Done)
    }

    async fn start_over(&self, tx: &Tx, told: &Told<'_>) -> Result<()> {
        match told.payload {
            Payload::RosterSealed(it) => lines::turn_away(tx, &it.roster).await,
            _ => Ok(()),
        }
    }

    /// The city's book follows the county's.
    async fn applied(&self, county: Tenant) {
        if let Err(error) = city::follow(&self.0.db, &self.0.clock, county, None).await {
            tracing::warn!(%county, %error, "the city book is behind");
        }
    }
}
