//! Surplus goes back to the treasuries (R-FUN-5).

use yuhui_kernel::{Date, Money};
use yuhui_platform::{Result, db::Tx};

use super::act::Act;
use crate::{
    domain::{
        book::{LedgerEvent, Refused, RoundBook},
        proposal::Proposal,
    },
    refusal::Refusal,
    store::{book::refused, reservations},
};

/// The surplus of a round.
pub struct Surplus {
    /// What may go back to the city.
    pub city: Money,
    /// What may go back to the county.
    pub county: Money,
    /// What may not, because the decisions it comes from may be contested (C.8).
    pub reserved: Money,
}

impl Surplus {
    /// The surplus as it stands today.
    pub async fn of(tx: &Tx, round: i32, book: &RoundBook, today: Date) -> Result<Self> {
        let (city, county) = book.surplus_due().map_err(refused)?;
        let (of_city, of_county) = reservations::of_round(tx, round, today).await?;
        let (kept_city, kept_county) = (city.min(of_city), county.min(of_county));
        let less = |due: Money, kept: Money| {
            due.checked_sub(kept)
                .ok_or_else(|| refused(Refused::Overflow))
        };
        Ok(Self {
            city: less(city, kept_city)?,
            county: less(county, kept_county)?,
            reserved: kept_city
                .checked_add(kept_county)
                .ok_or_else(|| refused(Refused::Overflow))?,
        })
    }

    /// What may go back, both parts together.
    pub fn free(&self) -> Result<Money> {
        self.city
            .checked_add(self.county)
            .ok_or_else(|| refused(Refused::Overflow))
    }
}

/// R-FUN-5: everything that is surplus and not reserved goes back, to each treasury its part.
pub async fn remit(act: &mut Act<'_>, proposal: &Proposal, full: &str) -> Result<i64> {
    let round = proposal.round;
    let mut book = act.round(round).await?;
    let surplus = Surplus::of(act.tx, round, &book, act.today()).await?;
    let due = surplus.free()?;
    if due != proposal.amount {
        let proposed = proposal.amount;
        return Err(Refusal::SurplusChanged { proposed, due }.into());
    }
    let parts = [
        LedgerEvent::RemitCity {
            amount: surplus.city,
        },
        LedgerEvent::RemitCounty {
            amount: surplus.county,
        },
    ];
    let mut last = 0;
    for event in parts {
        if event.amount().is_some_and(|it| it > Money::ZERO) {
            last = act.post(round, &mut book, event, full).await?;
        }
    }
    reservations::remitted(act.tx, round, act.today()).await?;
    Ok(last)
}
