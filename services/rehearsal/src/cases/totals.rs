//! Totals by round and county, out of the ledger.

use yuhui_kernel::Tenant;

use super::group::Group;
use crate::play::{CountyRound, Play, in_words};

/// Differences of totals: id of the case, line.
pub(super) async fn check(play: &Play<'_>, group: &Group<'_>) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for case in &group.cases {
        for total in &case.expected_totals {
            let place = format!("round {} county {}", total.round, total.county);
            let mut say = |line: String| lines.push((case.id.clone(), format!("{place}: {line}")));
            let Some(county) = Tenant::of(total.county) else {
                say("is no county of Baotou".into());
                continue;
            };
            let pair = CountyRound {
                county,
                round: total.round,
            };
            let share = match play.share(pair).await {
                Ok(share) => share,
                Err(status) => {
                    say(in_words(&status));
                    continue;
                }
            };
            let compared = [
                ("total_fen", total.total.fen(), share.payable_fen),
                (
                    "city_share_fen",
                    total.city_share.fen(),
                    share.city_due_fen + share.city_received_fen,
                ),
                (
                    "county_share_fen",
                    total.county_share.fen(),
                    share.county_due_fen + share.county_received_fen,
                ),
            ];
            for (field, expected, got) in compared {
                if expected != got {
                    say(format!("{field}: expected {expected}, got {got}"));
                }
            }
        }
    }
    lines
}
