//! Missed duties, as the offices see them (C.6, R-PRC-3).

use yuhui_platform::{Result, caller::Caller, paging::Page, refusal::not_found};
use yuhui_proto::{
    authz::v1::{Level, Power},
    eligibility::v1 as pb,
};

use crate::{
    context::Context,
    convert::deadlines,
    domain::deadline::{Duty, Office},
    names::{self, tenancy},
    store::{self, deadlines::Filter},
};

/// What the caller is to the deadlines.
pub(super) fn office(caller: &Caller) -> Option<Office> {
    Some(match (caller.power(), caller.level()) {
        (Power::Eligibility, Level::Village) => Office::Village,
        (Power::Eligibility, Level::Township) => Office::Township,
        (Power::Eligibility, Level::County) => Office::County,
        (Power::Eligibility, Level::Municipal) => Office::City,
        (Power::Funds, Level::County) => Office::CountyFinance,
        (Power::Funds, Level::Municipal) => Office::CityFinance,
        (Power::Disbursement, _) => Office::Bank,
        (Power::Supervision, _) => Office::Supervision,
        (Power::Claimant, _) => Office::Claimant,
        _ => return None,
    })
}

/// An office sees what it was told, supervision everything.
pub(crate) async fn overdue(
    context: &Context,
    caller: &Caller,
    ask: pb::ListOverdueRequest,
) -> Result<pb::ListOverdueResponse> {
    let tenancy = tenancy(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let me = office(caller).ok_or_else(|| not_found(&ask.parent))?;
    let only = deadlines::domain_office(ask.office());
    let bearers = Duty::ALL
        .iter()
        .flat_map(|duty| duty.bearers().iter().map(|bearer| (*duty, *bearer)));
    let seen = bearers
        .filter(|(_, bearer)| only.is_none_or(|it| it.bears(*bearer)))
        .filter_map(|(duty, bearer)| {
            let from = duty.seen_from(bearer, me)?;
            Some((duty, bearer, from.max(ask.min_step)))
        });
    let filter = Filter {
        seen: seen.collect(),
        unit_prefix: names::unit_prefix(caller),
        round: ask.round,
        include_settled: ask.include_settled,
        after: page.after().map(ToOwned::to_owned),
    };
    let tx = context.db.read(tenancy).await?;
    let rows = store::deadlines::list(&tx, &filter, page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.flag.key());
    let flags = rows
        .iter()
        .map(|it| deadlines::flag(&it.flag, it.settled_on));
    Ok(pb::ListOverdueResponse {
        flags: flags.collect(),
        next_page_token,
    })
}
