//! What is due on cases, rosters and reports, whoever asks: an office for its worklist, the run over the
//! deadlines.

use std::collections::BTreeSet;

use uuid::Uuid;
use yuhui_platform::{Result, db::Tx};

use crate::{
    domain::{
        State,
        deadline::{Obligation, RosterProgress, Year},
        report::ReportState,
        roster::{Roster, RosterState},
    },
    store::{self, cases::Stored, reports::Filter},
};

/// Rosters that somebody still owes something on.
pub(crate) const WATCHED: &[RosterState] = &[
    RosterState::Sealed,
    RosterState::Checked,
    RosterState::Recorded,
];

/// Reports that are not answered, addressed to units that begin with these digits.
pub(crate) fn unanswered<'a>(unit_prefix: &'a str, after: Option<&'a str>) -> Filter<'a> {
    Filter {
        states: vec![ReportState::Waiting, ReportState::Admitted],
        unit_prefix,
        after,
        ..Filter::default()
    }
}

/// What is due on cases.
pub(crate) async fn on_cases(
    tx: &Tx,
    year: &Year<'_>,
    cases: &[Stored],
) -> Result<Vec<Obligation>> {
    let notices: BTreeSet<Uuid> = cases.iter().filter_map(|it| it.case.notice).collect();
    let ends = store::notices::ends(tx, &notices.into_iter().collect::<Vec<_>>()).await?;
    let due = cases.iter().flat_map(|it| {
        let ends_on = it.case.notice.and_then(|id| ends.get(&id).copied());
        year.of_case(&it.case, ends_on)
    });
    Ok(due.collect())
}

/// What is due on a roster, as far as its money has come.
pub(crate) async fn on_roster(
    tx: &Tx,
    year: &Year<'_>,
    roster: &Roster,
) -> Result<Option<Obligation>> {
    let mut progress = RosterProgress::default();
    if roster.state == RosterState::Recorded {
        let first = async |states| store::cases::first_on_roster(tx, roster.id, states).await;
        progress.unfunded = first(&[State::Recorded]).await?.is_some();
        let waiting = first(&[State::Funded, State::InPayment]).await?;
        progress.funded_since =
            waiting.map(|it| it.stage_since.unwrap_or_else(|| it.updated_at.date()));
    }
    Ok(year.of_roster(roster, progress))
}
