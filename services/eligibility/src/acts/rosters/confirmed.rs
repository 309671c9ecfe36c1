//! What a roster is made of: confirmed cases of a programme that are on none.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use time::Date;
use uuid::Uuid;
use yuhui_platform::{Result, db::Tx};
use yuhui_policy::{PolicyPack, Programme};

use super::more;
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
    pub(super) date: Date,
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

    /// A page of the confirmed cases of a programme, by id: of the round, and those of earlier rounds
    /// that came too late for their own (R-PRC-3). Where nothing is due there is nothing to pay. Answers
    /// after which case the next page begins.
    pub(super) async fn confirmed(
        &self,
        (context, tx): (&Context, &Tx),
        (programme, round): (Programme, i32),
        after: Option<Uuid>,
        slice: u64,
    ) -> Result<(Vec<Stored>, Option<Uuid>)> {
        let filter = Filter {
            states: vec![State::Confirmed],
            programme: Some(programme),
            after: after.map(|it| it.to_string()),
            ..Filter::default()
        };
        let mut cases = store::cases::list(tx, &filter, Some(slice)).await?;
        let more = more(&cases, slice, |it| it.case.id);
        let mut joins = BTreeMap::new();
        for case in cases.iter().map(|it| &it.case) {
            if let Entry::Vacant(own) = joins.entry(case.round) {
                let is_late = case.round < round && self.is_closed(context, tx, case.round).await?;
                own.insert(case.round == round || is_late);
            }
        }
        cases.retain(|it| joins.get(&it.case.round) == Some(&true) && !it.case.amount().is_zero());
        Ok((cases, more))
    }
}
