//! What an order may still pay. The check before payment is eligibility's: each act on an order asks
//! what of it stands, and whatever does not is taken out, on record (F20, F23).

use std::collections::HashSet;

use time::{Date, Month};
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{Caller, Error, Result, audit, db::Tx, inbox, peers::answered};
use yuhui_proto::eligibility::v1::{
    ListClearedCasesRequest, clearance_service_client::ClearanceServiceClient,
};

use crate::{
    Deps,
    domain::name,
    refusal::Refused,
    store::{lines, orders},
};

/// Service that knows which cases are cleared.
pub(super) const ELIGIBILITY: &str = "eligibility";

/// Cases asked for together.
const PAGE: i32 = 1000;

/// Cases that eligibility has cleared.
pub(super) struct Clearance(HashSet<String>);

impl Clearance {
    /// Cases of the round that the check of that day has cleared. Asked before a transaction is
    /// opened: nothing is locked while another service answers.
    pub(super) async fn of_day(
        deps: &Deps,
        caller: &Caller,
        (tenant, round): (Tenant, i32),
        day: Date,
    ) -> Result<Self> {
        let channel = deps.peers.call(ELIGIBILITY, caller)?;
        let mut client = ClearanceServiceClient::new(channel);
        let mut ask = ListClearedCasesRequest {
            parent: format!("counties/{tenant}"),
            round,
            since_on: dates::format(day),
            page_size: PAGE,
            page_token: String::new(),
        };
        let mut cleared = HashSet::new();
        loop {
            let page = answered(ELIGIBILITY, client.list_cleared_cases(ask.clone()).await)?;
            cleared.extend(page.cases);
            if page.next_page_token.is_empty() {
                return Ok(Self(cleared));
            }
            ask.page_token = page.next_page_token;
        }
    }

    /// Cases of the round whose clearance stands, of whatever day: no case is checked before the
    /// year of its round.
    pub(super) async fn standing(
        deps: &Deps,
        caller: &Caller,
        (tenant, round): (Tenant, i32),
    ) -> Result<Self> {
        let first = Date::from_calendar_date(round, Month::January, 1);
        let first = first.map_err(|_| Error::fault("a round that is no year"))?;
        Self::of_day(deps, caller, (tenant, round), first).await
    }

    /// Whether the case of the line is cleared.
    pub(super) fn covers(&self, line: &lines::Model) -> bool {
        self.0.contains(&line.case_name)
    }

    /// Which of an order's lines may be paid: neither terminated nor on hold, cleared, and nothing
    /// told of their case or roster that is not applied yet. The others are taken out and never
    /// paid by it.
    pub(super) async fn screen(
        &self,
        deps: &Deps,
        tx: &Tx,
        caller: &Caller,
        order: &orders::Model,
    ) -> Result<Vec<lines::Model>> {
        let (mut payable, mut stopped) = (Vec::new(), Vec::new());
        let unsettled = inbox::unsettled(tx).await?;
        for row in lines::of_order(tx, order.id).await? {
            let is_settled =
                !unsettled.contains(&row.case_name) && !unsettled.contains(&row.roster);
            let list = match row.is_payable()? && is_settled {
                true => &mut payable,
                false => &mut stopped,
            };
            list.push(row);
        }
        let subject = name::of_order(&order.tenant, order.id);
        if payable.is_empty() {
            return Err(Refused::NothingPayable { subject }.into());
        }
        let (kept, doubtful): (Vec<_>, Vec<_>) =
            payable.into_iter().partition(|row| self.covers(row));
        if kept.is_empty() {
            return Err(Refused::NotCleared { subject }.into());
        }
        take_out(deps, tx, caller, order, &stopped, "终止发放或暂缓").await?;
        take_out(deps, tx, caller, order, &doubtful, "未通过发放前核查").await?;
        Ok(kept)
    }
}

/// Takes lines out of an order, on record.
pub(super) async fn take_out(
    deps: &Deps,
    tx: &Tx,
    caller: &Caller,
    order: &orders::Model,
    out: &[lines::Model],
    reason: &str,
) -> Result<()> {
    if out.is_empty() {
        return Ok(());
    }
    lines::take_out(tx, out, order.id).await?;
    let taken: Vec<&str> = out.iter().map(|row| row.payment_key.as_str()).collect();
    let entry = audit::Entry::new(
        "disbursement.order.take-out",
        name::of_order(&order.tenant, order.id),
    );
    let entry = entry.before(&taken).reason(reason);
    audit::record(tx, caller, deps.clock.now(), entry).await
}
