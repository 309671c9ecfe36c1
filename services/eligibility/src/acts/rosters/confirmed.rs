//! What a roster is made of: confirmed cases of a programme that are on none.

use std::sync::Arc;

use time::Date;
use uuid::Uuid;
use yuhui_platform::{Result, db::Tx, operations::next_after};
use yuhui_policy::{PolicyPack, Programme};

use crate::{
    context::Context,
    domain::{State, deadline::Year},
    refusal::Refused,
    store::{
        self,
        cases::{Filter, Stored},
    },
};

/// Today, and the deadlines of today: read before the transaction, for which it is a second
/// connection.
pub(crate) struct Today {
    date: Date,
    pack: Arc<PolicyPack>,
}

impl Today {
    pub(super) async fn of(context: &Context) -> Result<Self> {
        let date = context.today();
        let pack = context.pack_on(date).await?;
        Ok(Self { date, pack })
    }

    /// Whether the batch of a round has gone out for good.
    async fn is_closed(&self, context: &Context, tx: &Tx, round: i32) -> Result<bool> {
        let released = store::deadlines::rounds::is_released(tx, round).await?;
        let year = Year {
            pack: &self.pack,
            calendar: context.calendar,
        };
        Ok(year.is_closed(round, released, self.date))
    }

    /// What is confirmed too late for a round joins the next.
    pub(super) async fn must_be_open(
        &self,
        context: &Context,
        tx: &Tx,
        parent: &str,
        round: i32,
    ) -> Result<()> {
        if self.is_closed(context, tx, round).await? {
            let parent = parent.into();
            return Err(Refused::RoundClosed { parent, round }.into());
        }
        Ok(())
    }

    /// The rounds whose confirmed cases a roster of `round` takes: its own, and earlier ones that these came
    /// too late for (R-PRC-3). Found once, when the work on it begins.
    pub(super) async fn rounds(
        &self,
        context: &Context,
        tx: &Tx,
        programme: Programme,
        round: i32,
    ) -> Result<Rounds> {
        let mut rounds = vec![round];
        for earlier in store::cases::confirmed_rounds(tx, programme).await? {
            if earlier < round && self.is_closed(context, tx, earlier).await? {
                rounds.push(earlier);
            }
        }
        Ok(rounds)
    }
}

/// Rounds whose confirmed cases a roster takes.
pub(crate) type Rounds = Vec<i32>;

/// A page of the confirmed cases of a programme and those rounds, by id. Where nothing is due there is
/// nothing to pay. Answers after which case the next page begins.
pub(super) async fn confirmed(
    tx: &Tx,
    programme: Programme,
    rounds: &Rounds,
    (after, slice): (Option<Uuid>, u64),
) -> Result<(Vec<Stored>, Option<Uuid>)> {
    let filter = Filter {
        states: vec![State::Confirmed],
        programme: Some(programme),
        after: after.map(|it| it.to_string()),
        ..Filter::default()
    };
    let mut cases = store::cases::list(tx, &filter, Some(slice)).await?;
    let more = next_after(&cases, slice, |it| it.case.id);
    cases.retain(|it| rounds.contains(&it.case.round) && !it.case.amount().is_zero());
    Ok((cases, more))
}
