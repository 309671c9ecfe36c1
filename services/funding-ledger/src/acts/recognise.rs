//! A recorded roster is money that both treasuries owe.

use yuhui_kernel::Money;
use yuhui_platform::{Result, audit};
use yuhui_proto::internal::v1::RosterRecorded;

use super::act::{Act, inconsistent};
use crate::{
    domain::book::LedgerEvent,
    store::{
        lines,
        rosters::{self, RosterState},
    },
};

/// R-FUN-2: RECOGNISE_SHARES, net of lines terminated since the roster was sealed.
pub async fn recorded(act: &mut Act<'_>, event: &RosterRecorded) -> Result<()> {
    let found = rosters::get(act.tx, &event.roster).await?;
    let waiting = found.filter(|it| it.state == RosterState::Sealed && it.round == event.round);
    let Some(roster) = waiting else {
        return Err(inconsistent(format!("{} is not sealed and waiting", event.roster)).into());
    };
    let amount = lines::payable_of(act.tx, &roster.name).await?;
    // The total is the sealed one, or what is left of it.
    if ![roster.total.fen(), amount.fen()].contains(&event.total_fen) {
        return Err(inconsistent(format!("{} has another total", event.roster)).into());
    }
    let mut book = act.round(roster.round).await?;
    if amount > Money::ZERO {
        let recognise = LedgerEvent::RecogniseShares { amount };
        act.post(roster.round, &mut book, recognise, &roster.name)
            .await?;
    }
    rosters::record(act.tx, &roster.name, &event.record_number).await?;
    let (city, county) = (book.city_due().fen(), book.county_due().fen());
    let figures = serde_json::json!({
        "recognised_fen": amount.fen(), "city_due_fen": city, "county_due_fen": county,
    });
    let entry = audit::Entry::new("funding.roster.recognise", &roster.name);
    act.record(entry.after(&figures).note(&event.record_number))
        .await?;
    act.announce(roster.round, &book).await
}
