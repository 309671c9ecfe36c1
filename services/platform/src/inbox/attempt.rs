//! One attempt to apply an event, or a slice of it.

use yuhui_kernel::Tenant;

use super::{
    Consumer, Inbox, Progress, Told,
    order::{self, Held, Place, Why},
    refuses,
    rows::{self, Letter},
};
use crate::{Result, audit, caller::Caller, db::Tx};

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It has had its effect, all of it, just now.
    Applied,
    /// A slice of it; where the next begins.
    More(String),
    /// It is kept.
    Parked,
    /// It was settled before, or another run is at it.
    Known,
}

impl<C: Consumer> Inbox<C> {
    /// Tries an event that begins at `cursor`; `is_kept` says that it came before.
    pub(super) async fn attempt(
        &self,
        tenant: Tenant,
        letter: &Letter,
        is_kept: bool,
        cursor: &str,
    ) -> Result<Outcome> {
        let consumer = &self.0.consumer;
        let mut caller = Caller::service(&letter.source, Some(tenant));
        caller.request_id.clone_from(&letter.event_id);
        let read = letter
            .read()
            .and_then(|(event, payload)| match consumer.sender(&payload) {
                Some(sender) if sender == letter.source => Ok((event, payload)),
                _ => Err(format!("`{}` is not for this service", letter.kind)),
            });
        let (event, payload) = match read {
            Ok(read) => read,
            Err(_) if letter.is_given_up() => {
                return self.settle_without_effect(tenant, letter).await;
            }
            Err(why) => {
                let held = Held::new(Why::NotUnderstood, why);
                return self.park(tenant, letter, &caller, held, None).await;
            }
        };
        let told = Told {
            caller: &caller,
            tenant,
            event_id: &letter.event_id,
            event: &event,
            payload: &payload,
            cursor,
        };
        let fetched = consumer.fetch(&told).await;
        let fetched = match fetched {
            Err(error) if !refuses(&error) => return Err(error),
            fetched => fetched,
        };
        let tx = self.begin(tenant).await?;
        let row = rows::get(&tx, letter).await?;
        let is_settled = |it: &rows::Model| !rows::WAITING.contains(&it.state.as_str());
        if row.as_ref().is_some_and(|it| !is_kept || is_settled(it)) {
            return Ok(Outcome::Known);
        }
        if row.is_some() && rows::cursor(&tx, letter).await? != cursor {
            // Another run is further.
            return Ok(Outcome::Known);
        }
        match order::place(&tx, letter).await? {
            Place::Next => {}
            Place::Past => return Ok(Outcome::Known),
            Place::Held(held) => {
                drop(tx);
                return self.park(tenant, letter, &caller, held, None).await;
            }
        }
        let applied = match fetched {
            Ok(fetched) => consumer.apply(&tx, &told, fetched).await,
            Err(refused) => Err(refused),
        };
        match applied {
            Ok(Progress::Done) => {
                rows::put(&tx, letter, rows::APPLIED, ("", "")).await?;
                order::advance(&tx, letter).await?;
                tx.commit().await?;
                Ok(Outcome::Applied)
            }
            Ok(Progress::More(next)) => {
                rows::put(&tx, letter, rows::ARRIVING, ("", "")).await?;
                let applied = rows::applied(&tx, &letter.source, &letter.object).await?;
                rows::set_object(&tx, letter, applied, &next).await?;
                tx.commit().await?;
                Ok(Outcome::More(next))
            }
            Err(error) if refuses(&error) => {
                drop(tx);
                let held = Held::refused(&error);
                self.park(tenant, letter, &caller, held, Some(&told)).await
            }
            Err(error) => Err(error),
        }
    }

    /// The events of one tenant are applied one after another: each may rest on
    /// what another leaves behind.
    async fn begin(&self, tenant: Tenant) -> Result<Tx> {
        let tx = self.0.db.begin(tenant).await?;
        tx.lock(&format!("inbox/{}", tx.scope())).await?;
        Ok(tx)
    }

    /// An event that its source gave up takes its place.
    async fn settle_without_effect(&self, tenant: Tenant, letter: &Letter) -> Result<Outcome> {
        let tx = self.begin(tenant).await?;
        if rows::get(&tx, letter).await?.is_some() {
            return Ok(Outcome::Known);
        }
        rows::put(&tx, letter, rows::DROPPED, ("DROPPED", "at its source")).await?;
        order::advance(&tx, letter).await?;
        tx.commit().await?;
        Ok(Outcome::Applied)
    }

    /// Keeps an event, on record; one that is kept for the same reason stays as
    /// it is. Slices that were applied of a `refused` one are taken back.
    async fn park(
        &self,
        tenant: Tenant,
        letter: &Letter,
        caller: &Caller,
        held: Held,
        refused: Option<&Told<'_>>,
    ) -> Result<Outcome> {
        let tx = self.begin(tenant).await?;
        let (reason, detail) = (held.why.as_str(), held.detail.as_str());
        if let Some(row) = rows::get(&tx, letter).await? {
            let is_settled = !rows::WAITING.contains(&row.state.as_str());
            if is_settled || (row.reason == reason && row.detail == detail) {
                return Ok(match is_settled {
                    true => Outcome::Known,
                    false => Outcome::Parked,
                });
            }
        }
        if let Some(told) = refused.filter(|it| !it.cursor.is_empty()) {
            self.0.consumer.start_over(&tx, told).await?;
            let applied = rows::applied(&tx, &letter.source, &letter.object).await?;
            rows::set_object(&tx, letter, applied, "").await?;
        }
        rows::put(&tx, letter, rows::PARKED, (reason, detail)).await?;
        let (source, event) = (&letter.source, &letter.event_id);
        tracing::warn!(%tenant, source, event, kind = letter.kind, reason, detail, "event is parked");
        let entry = audit::Entry::new("events.park", format!("events/{event}"));
        let entry = entry.reason(format!("{reason}: {detail}"));
        audit::record(&tx, caller, self.0.clock.now(), entry).await?;
        tx.commit().await?;
        Ok(Outcome::Parked)
    }
}
