//! What the other services tell this one, and what follows from it for cases.

use std::collections::HashMap;

use serde_json::json;
use time::Date;
use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{
    Error, Result, audit,
    caller::Caller,
    db::Tx,
    inbox::{Consumer, Inbox, Progress, Told},
    refusal::not_found,
};
use yuhui_proto::internal::v1::{LineSettled, LinesSettled, RoundFunded, event::Payload};

use crate::{
    context::Context,
    domain::{Case, NotAllowed, Step},
    names::{self, DISBURSEMENT, LEDGER},
    refusal::Refused,
    ritual::{Change, Writer},
    store::{self, cases::Stored},
};

/// Cases changed in one transaction.
const SLICE: u64 = 500;

/// Where the other services' events arrive.
pub(crate) fn inbox(context: Context) -> Inbox<Events> {
    Inbox::new(context.db.clone(), context.clock.clone(), Events(context))
}

/// What the other services' events do here.
pub(crate) struct Events(Context);

#[tonic::async_trait]
impl Consumer for Events {
    type Fetched = ();

    fn sender(&self, payload: &Payload) -> Option<&'static str> {
        match payload {
            Payload::RoundFunded(_) | Payload::RecoverySettled(_) => Some(LEDGER),
            Payload::BatchReleased(_) | Payload::LinesSettled(_) => Some(DISBURSEMENT),
            _ => None,
        }
    }

    async fn fetch(&self, _: &Told<'_>) -> Result<()> {
        Ok(())
    }

    async fn apply(&self, tx: &Tx, told: &Told<'_>, (): ()) -> Result<Progress> {
        let (context, caller) = (&self.0, told.caller);
        let effect = Effect {
            context,
            tx,
            caller,
        };
        match told.payload {
            Payload::RoundFunded(it) => return effect.funded(it, told.cursor).await,
            Payload::BatchReleased(it) => {
                store::rosters::lock_round(tx, it.round).await?;
                let cases = named(tx, &it.cases).await?;
                effect.on("case.send", &it.batch, cases, Case::send).await?;
                store::deadlines::rounds::released(tx, it.round, &it.batch, context.today())
                    .await?;
            }
            Payload::LinesSettled(it) => effect.settled(it.clone()).await?,
            Payload::RecoverySettled(it) => {
                let step = if it.recovered {
                    Step::SettleRecovered
                } else {
                    Step::SettleWrittenOff
                };
                let cases = named(tx, std::slice::from_ref(&it.case)).await?;
                effect
                    .on("case.settle_recovery", &it.case, cases, |case| {
                        case.happens(step)
                    })
                    .await?;
            }
            _ => {}
        }
        Ok(Progress::Done)
    }
}

/// What one event does.
struct Effect<'a> {
    context: &'a Context,
    tx: &'a Tx,
    caller: &'a Caller,
}

impl Effect<'_> {
    /// The same to every case. A case that it does not fit keeps its state, on record; the other
    /// side's books stay what they are.
    async fn on(
        &self,
        action: &str,
        object: &str,
        cases: Vec<Stored>,
        mut happens: impl FnMut(&mut Case) -> Result<(), NotAllowed>,
    ) -> Result<()> {
        let mut changes = Vec::with_capacity(cases.len());
        let mut passed_over = Vec::new();
        for stored in cases {
            let mut change = Change::of(stored.case);
            match happens(&mut change.after) {
                Ok(()) => {
                    change.reason = object.into();
                    changes.push(change);
                }
                Err(refused) => passed_over.push((change.before.id, refused.state.as_str())),
            }
        }
        if changes.is_empty() && passed_over.is_empty() {
            return Ok(());
        }
        let (now, law) = (self.context.clock.now(), self.context.law());
        let writer = Writer {
            tx: self.tx,
            caller: self.caller,
            now,
            year: law.year(),
            action,
            operation: "",
        };
        let entry = audit::Entry::new(action, object);
        let passed_over = json!({ "passed_over": passed_over });
        writer
            .write_all(entry, passed_over, changes, Vec::new())
            .await
    }

    /// R-FUN-3: both shares have arrived for rosters, whose cases are told slice by slice. The
    /// cursor is a place among the rosters, and the last case told of the one there.
    async fn funded(&self, event: &RoundFunded, cursor: &str) -> Result<Progress> {
        let (index, after) = cursor.split_once(':').unwrap_or(("0", ""));
        let index = index.parse::<usize>();
        let index = index.map_err(|_| Error::fault("a cursor that is no place"))?;
        let (mut after, mut room) = (after.to_owned(), SLICE);
        for (index, roster) in event.rosters.iter().enumerate().skip(index) {
            let id = id_of(roster, "rosters")?;
            // While it is returned nothing of it is funded: the event is kept, and passes over it later.
            if let Some(roster) = store::rosters::locked(self.tx, id).await?
                && !roster.operation.is_empty()
            {
                return Err(Refused::busy(&roster).into());
            }
            let cases = store::cases::on_roster_after(self.tx, id, &after, room).await?;
            room = room.saturating_sub(u64::try_from(cases.len()).unwrap_or(room));
            let last = cases.last().map(|it| it.case.id);
            let funded = |case: &mut Case| case.happens(Step::Fund);
            self.on("case.fund", roster, cases, funded).await?;
            if let (0, Some(last)) = (room, last) {
                return Ok(Progress::More(format!("{index}:{last}")));
            }
            after.clear();
        }
        Ok(Progress::Done)
    }

    /// F21, F22: what the bank did with the lines of a batch.
    async fn settled(&self, event: LinesSettled) -> Result<()> {
        let today = self.context.today();
        let (credited, returned): (Vec<LineSettled>, Vec<LineSettled>) =
            event.lines.into_iter().partition(|it| it.credited);
        let cases = named(self.tx, &names(&credited)).await?;
        let on: HashMap<String, Date> = credited
            .into_iter()
            .map(|it| (it.case, dates::parse(&it.settled_on).unwrap_or(today)))
            .collect();
        let credit = |case: &mut Case| {
            case.happens(Step::Credit)?;
            case.paid_on = Some(on.get(&case.name()).copied().unwrap_or(today));
            case.return_code.clear();
            Ok(())
        };
        self.on("case.credit", &event.batch, cases, credit).await?;

        let cases = named(self.tx, &names(&returned)).await?;
        let codes: HashMap<String, String> = returned
            .into_iter()
            .map(|it| (it.case, it.return_code))
            .collect();
        let give_back = |case: &mut Case| {
            let code = codes.get(&case.name()).map_or("", String::as_str);
            case.payment_returned(code)
        };
        self.on("case.payment_returned", &event.batch, cases, give_back)
            .await
    }
}

fn names(lines: &[LineSettled]) -> Vec<String> {
    lines.iter().map(|it| it.case.clone()).collect()
}

fn id_of(name: &str, collection: &str) -> Result<Uuid> {
    let (_, id) = names::parse_name(name, collection).ok_or_else(|| not_found(name))?;
    Ok(id)
}

async fn named(tx: &Tx, names: &[String]) -> Result<Vec<Stored>> {
    let ids: Vec<Uuid> = names
        .iter()
        .map(|it| id_of(it, "cases"))
        .collect::<Result<_>>()?;
    store::cases::named(tx, &ids).await
}
