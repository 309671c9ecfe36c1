//! What other services say: each event has its effect once, in the
//! transaction that remembers it.

use std::collections::BTreeMap;

use yuhui_kernel::Tenant;
use yuhui_platform::{
    Error, Result, audit,
    clock::fresh_id,
    db::Tx,
    inbox::{Consumer, Inbox, Progress, Told},
    vault::Sealed,
};
use yuhui_proto::{
    eligibility::v1::Payee,
    events::v1::{AccountCorrected, HoldChanged, LineTerminated, RoundFunded, event::Payload},
};

use super::{
    payees::{self, Slice},
    rosters,
};
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
            | Payload::AccountCorrected(_) => Some("eligibility"),
            Payload::RoundFunded(_) => Some("funding-ledger"),
            _ => None,
        }
    }

    async fn fetch(&self, told: &Told<'_>) -> Result<Fetched> {
        let (deps, tenant) = (&self.0, told.tenant);
        Ok(match told.payload {
            Payload::RosterSealed(it) => {
                let next = rosters::arrival(it, told.cursor)?.next;
                Fetched::Slice(payees::slice(deps, tenant, &it.roster, next).await?)
            }
            Payload::AccountCorrected(it) => {
                own_case(&it.case, tenant)?;
                let cases = vec![it.case.clone()];
                let mut found = payees::of_cases(deps, tenant, cases).await?;
                Fetched::Payee(found.remove(&it.case))
            }
            _ => Fetched::Nothing,
        })
    }

    async fn apply(&self, tx: &Tx, told: &Told<'_>, fetched: Fetched) -> Result<Progress> {
        let tenant = told.tenant;
        let entry = match (told.payload, fetched) {
            (Payload::RosterSealed(it), Fetched::Slice(slice)) => {
                return rosters::sealed(&self.0, tx, told, it, slice).await;
            }
            (Payload::AccountCorrected(it), Fetched::Payee(Some(payee))) => {
                self.account_corrected(tx, tenant, it, payee).await?
            }
            (Payload::LineTerminated(it), _) => terminated(tx, tenant, it).await?,
            (Payload::HoldChanged(it), _) => hold_changed(tx, tenant, it).await?,
            (Payload::RoundFunded(it), _) => funded(tx, it).await?,
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

impl Events {
    /// A corrected account (F23): a new attempt for a returned line; a line
    /// that was not sent yet goes to the new account.
    async fn account_corrected(
        &self,
        tx: &Tx,
        tenant: Tenant,
        event: &AccountCorrected,
        payee: Payee,
    ) -> Result<audit::Entry> {
        let account = |line| {
            let seal = |column: Sealed, text| self.0.vault.seal(&column.at(tenant, line), text);
            Ok::<_, Error>(lines::Account {
                payee_sealed: seal(lines::PAYEE, &payee.payee_name)?,
                sealed: seal(lines::ACCOUNT, &payee.account_number)?,
                tail: tail(&payee.account_number).into(),
                bank_name: payee.bank_name.clone(),
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
