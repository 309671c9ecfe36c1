//! What other services say: each event has its effect once, in the
//! transaction that remembers it.

use yuhui_platform::{
    Result, audit,
    db::Tx,
    inbox::{Consumer, Inbox, Progress, Told, slices},
};
use yuhui_proto::{eligibility::v1::Payee, internal::v1::event::Payload};

use crate::{
    Deps,
    acts::{account, roster, standing},
    clients::eligibility::{self, ELIGIBILITY, Slice},
    refusal::Refused,
    store::lines,
};

/// Where the other services' events arrive.
pub fn inbox(deps: Deps) -> Inbox<Events> {
    Inbox::new(deps.db.clone(), deps.clock.clone(), Events(deps))
}

/// What the other services' events do here.
pub struct Events(Deps);

/// What an event refers to.
pub enum Fetched {
    /// It says everything itself.
    Nothing,
    /// Lines of a sealed roster.
    Slice(Slice),
    /// Who is paid for a case.
    Payee(Option<Payee>),
}

#[tonic::async_trait]
impl Consumer for Events {
    type Fetched = Fetched;

    fn sender(&self, payload: &Payload) -> Option<&'static str> {
        match payload {
            Payload::RosterSealed(_)
            | Payload::LineTerminated(_)
            | Payload::HoldChanged(_)
            | Payload::AccountCorrected(_) => Some(ELIGIBILITY),
            Payload::RoundFunded(_) => Some("funding-ledger"),
            _ => None,
        }
    }

    async fn fetch(&self, told: &Told<'_>) -> Result<Fetched> {
        let (deps, tenant) = (&self.0, told.tenant);
        Ok(match told.payload {
            Payload::RosterSealed(it) => {
                let next = slices::arrival(&it.roster, told.cursor)?.next;
                Fetched::Slice(eligibility::slice(deps, tenant, &it.roster, next).await?)
            }
            Payload::AccountCorrected(it) => {
                standing::own_case(&it.case, tenant)?;
                let cases = vec![it.case.clone()];
                let mut found = eligibility::payees_of(deps, tenant, cases).await?;
                Fetched::Payee(found.remove(&it.case))
            }
            _ => Fetched::Nothing,
        })
    }

    async fn apply(&self, tx: &Tx, told: &Told<'_>, fetched: Fetched) -> Result<Progress> {
        let tenant = told.tenant;
        let entry = match (told.payload, fetched) {
            (Payload::RosterSealed(it), Fetched::Slice(slice)) => {
                return roster::receive(&self.0, tx, told, it, slice).await;
            }
            (Payload::AccountCorrected(it), Fetched::Payee(Some(payee))) => {
                account::correct_account(&self.0, tx, tenant, it, payee).await?
            }
            (Payload::LineTerminated(it), _) => standing::terminate(tx, tenant, it).await?,
            (Payload::HoldChanged(it), _) => standing::change_hold(tx, tenant, it).await?,
            (Payload::RoundFunded(it), _) => standing::fund_rosters(tx, it).await?,
            _ => return Err(Refused::BadEvent("nobody is paid for the case").into()),
        };
        audit::record(tx, told.caller, self.0.clock.now(), entry).await?;
        Ok(Progress::Done)
    }

    async fn start_over(&self, tx: &Tx, told: &Told<'_>) -> Result<()> {
        match told.payload {
            Payload::RosterSealed(it) => lines::turn_away(tx, &it.roster, None).await,
            _ => Ok(()),
        }
    }
}
