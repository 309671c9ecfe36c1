//! What the other services tell the ledger.

mod payments;
mod recoveries;
mod rosters;

use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Caller, Result,
    db::Tx,
    inbox::{Consumer, Progress, Told},
    peers::referred,
};
use yuhui_proto::{
    eligibility::v1::{
        ListSealedRosterLinesRequest, ListSealedRosterLinesResponse,
        payout_service_client::PayoutServiceClient,
    },
    events::v1::event::Payload,
};

use super::act::{Act, inconsistent};
use crate::{
    Deps, NAME,
    book::RoundBook,
    domain::reconciliation::agrees,
    store::{book::refused, city, lines},
};

/// Service that seals the rosters.
const ELIGIBILITY: &str = "eligibility";
/// Lines asked for together.
const SLICE: i32 = 500;

/// What the other services' events do here.
pub struct Events(pub Deps);

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
        let Payload::RosterSealed(roster) = told.payload else {
            return Ok(ListSealedRosterLinesResponse::default());
        };
        let caller = Caller::service(NAME, Some(told.tenant));
        let channel = self.0.peers.call(ELIGIBILITY, &caller)?;
        let ask = ListSealedRosterLinesRequest {
            parent: roster.roster.clone(),
            page_size: SLICE,
            page_token: rosters::arrival(roster, told.cursor)?.next,
        };
        let mut client = PayoutServiceClient::new(channel);
        referred(ELIGIBILITY, client.list_sealed_roster_lines(ask).await)
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
                return rosters::sealed(&mut act, it, told.cursor, fetched).await;
            }
            Payload::RosterRecorded(it) => rosters::recorded(&mut act, it).await?,
            Payload::LineTerminated(it) => rosters::terminated(&mut act, it).await?,
            Payload::CaseContestable(it) => rosters::contestable(&mut act, it).await?,
            Payload::BatchReleased(it) => payments::released(&mut act, it).await?,
            Payload::LinesSettled(it) => payments::settled(&mut act, it).await?,
            Payload::RecoveryDecided(it) => recoveries::decided(&mut act, it).await?,
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

/// F.3: 2001 = Σ open lines, 1002 = Σ lines sent without answer; checked whenever lines moved.
async fn check_lines(act: &Act<'_>, round: i32, book: &RoundBook) -> Result<()> {
    let sums = lines::sums(act.tx, round).await?;
    if agrees(book, &sums).map_err(refused)? {
        Ok(())
    } else {
        Err(inconsistent("payment lines and book would differ").into())
    }
}
