//! What other services say: each event has its effect once, in the
//! transaction that remembers it.

use std::collections::BTreeMap;

use tonic::{Request, Response, Status};
use yuhui_kernel::Tenant;
use yuhui_platform::{Caller, Error, Result, audit, caller, clock::fresh_id, db::Tx, inbox};
use yuhui_proto::events::v1::{
    AccountCorrected, DeliverRequest, DeliverResponse, HoldChanged, LineTerminated, RoundFunded,
    event::Payload, event_sink_service_server::EventSinkService,
};

use super::rosters;
use crate::{
    Deps,
    domain::{
        line::{Step, payment_key, tail},
        name,
        placement::{Correction, correct},
    },
    refusal::Refused,
    store::{fund, lines, standing},
};

/// The service.
pub struct Sink(pub Deps);

impl Sink {
    async fn take(&self, caller: &Caller, ask: DeliverRequest) -> Result<DeliverResponse> {
        let event = ask.event.ok_or(Refused::BadEvent("it is empty"))?;
        let county = Tenant::parse(&event.county).map_err(|_| Refused::BadEvent("no county"))?;
        let tenant = caller.tenant_for(&county)?;
        let payload = event.payload.ok_or(Refused::UnknownEvent)?;
        let source = source(&payload).ok_or(Refused::UnknownEvent)?;
        if caller.via.as_deref() != Some(source) {
            return Err(Refused::ForeignEvent.into());
        }
        let tx = self.0.db.begin(tenant).await?;
        if inbox::first_time(&tx, &event.event_id).await? {
            let entry = self.effect(&tx, tenant, payload).await?;
            audit::record(&tx, caller, self.0.clock.now(), entry).await?;
            tx.commit().await?;
        }
        Ok(DeliverResponse {})
    }

    async fn effect(&self, tx: &Tx, tenant: Tenant, payload: Payload) -> Result<audit::Entry> {
        match payload {
            Payload::RosterSealed(it) => rosters::sealed(&self.0, tx, tenant, it).await,
            Payload::LineTerminated(it) => terminated(tx, tenant, &it).await,
            Payload::HoldChanged(it) => hold_changed(tx, tenant, &it).await,
            Payload::AccountCorrected(it) => self.account_corrected(tx, tenant, &it).await,
            Payload::RoundFunded(it) => funded(tx, &it).await,
            _ => Err(Refused::UnknownEvent.into()),
        }
    }

    /// A corrected account (F23): a new attempt for a returned line; a line
    /// that was not sent yet goes to the new account.
    async fn account_corrected(
        &self,
        tx: &Tx,
        tenant: Tenant,
        event: &AccountCorrected,
    ) -> Result<audit::Entry> {
        own_case(&event.case, tenant)?;
        let account = |line| {
            let place = lines::ACCOUNT.at(tenant, line);
            Ok::<_, Error>(lines::Account {
                payee_name: event.payee_name.clone(),
                sealed: self.0.vault.seal(&place, &event.account_number)?,
                tail: tail(&event.account_number).into(),
                bank_name: event.bank_name.clone(),
            })
        };
        let cases = [event.case.clone()];
        let held = !standing::held(tx, &cases).await?.is_empty();
        let mut last: BTreeMap<i32, lines::Model> = BTreeMap::new();
        for row in lines::of_cases(tx, &cases).await? {
            let newer = last
                .get(&row.round)
                .is_none_or(|it| row.attempt > it.attempt);
            if row.payee_ref == event.payee_ref && newer {
                last.insert(row.round, row);
            }
        }
        let (mut done, mut orders) = (Vec::new(), Vec::new());
        for row in last.values() {
            let key = match correct(row.state()?) {
                Correction::Nothing => continue,
                Correction::ChangeAccount => {
                    lines::change_account(tx, row, account(row.id)?).await?;
                    orders.extend(row.order_id.map(|it| name::of_order(&row.tenant, it)));
                    row.payment_key.clone()
                }
                Correction::NextAttempt if struck(tx, row).await? => continue,
                Correction::NextAttempt => {
                    let attempt = row.attempt + 1;
                    let key = payment_key(row.round, &row.case_name, &row.payee_ref, attempt);
                    let id = fresh_id();
                    let new = (id, key.clone());
                    lines::insert_next_attempt(tx, row, new, account(id)?, held).await?;
                    key
                }
            };
            done.push(key);
        }
        let entry = audit::Entry::new("disbursement.account.correct", &event.case).after(&done);
        Ok(match orders.is_empty() {
            true => entry,
            false => entry.note(format!("taken out of {}", orders.join(", "))),
        })
    }
}

/// Which service an event must come from; none for events that do not concern
/// this service.
fn source(payload: &Payload) -> Option<&'static str> {
    match payload {
        Payload::RosterSealed(_)
        | Payload::LineTerminated(_)
        | Payload::HoldChanged(_)
        | Payload::AccountCorrected(_) => Some("eligibility"),
        Payload::RoundFunded(_) => Some("funding-ledger"),
        _ => None,
    }
}

/// A case struck off its roster (F24): a line that waits is cancelled, and one
/// still to come will be. What was sent is the bank's to answer for.
async fn terminated(tx: &Tx, tenant: Tenant, event: &LineTerminated) -> Result<audit::Entry> {
    own_case(&event.case, tenant)?;
    standing::terminate(tx, &event.case, &event.roster).await?;
    let mut waiting = Vec::new();
    for row in lines::of_cases(tx, std::slice::from_ref(&event.case)).await? {
        if row.roster == event.roster && row.state()?.after(Step::Cancel).is_ok() {
            waiting.push(row.id);
        }
    }
    lines::cancel(tx, &waiting).await?;
    let entry = audit::Entry::new("disbursement.line.cancel", &event.case);
    Ok(entry.after(&waiting).reason(&event.reason))
}

/// Whether the case of a line was struck off its roster.
async fn struck(tx: &Tx, line: &lines::Model) -> Result<bool> {
    let struck = standing::terminated(tx, &line.roster).await?;
    Ok(struck.contains(&line.case_name))
}

/// A hold set or lifted (F28).
async fn hold_changed(tx: &Tx, tenant: Tenant, event: &HoldChanged) -> Result<audit::Entry> {
    own_case(&event.case, tenant)?;
    standing::set_held(tx, &event.case, event.held).await?;
    lines::set_held(tx, &event.case, event.held).await?;
    let entry = audit::Entry::new("disbursement.case.hold", &event.case);
    Ok(entry.after(&event.held))
}

/// Both shares have arrived for rosters of a round (R-FUN-3).
async fn funded(tx: &Tx, event: &RoundFunded) -> Result<audit::Entry> {
    let new = fund::add(tx, event.round, &event.rosters).await?;
    let object = format!("counties/{}/rounds/{}", tx.scope(), event.round);
    let entry = audit::Entry::new("disbursement.round.funded", object);
    Ok(entry.after(&event.rosters).note(format!("{new} new")))
}

fn own_case(case: &str, tenant: Tenant) -> Result<()> {
    if name::lies_in(case, tenant) {
        Ok(())
    } else {
        Err(Refused::BadEvent("a case of another county").into())
    }
}

#[tonic::async_trait]
impl EventSinkService for Sink {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.take(&caller, ask).await?))
    }
}
