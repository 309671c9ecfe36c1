//! Rosters and their lines.

use uuid::Uuid;
use yuhui_platform::{Result, caller::Caller, db::Tx, paging::Page, refusal::not_found};
use yuhui_proto::{authz::v1::Reach, eligibility::v1 as pb};

use super::actions;
use crate::{
    context::Context,
    convert::{self, forms},
    domain::{
        case,
        roster::{LinePayee, Roster, RosterLine},
    },
    names::{self, ALL_COUNTIES},
    store,
};

pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetRosterRequest,
) -> Result<pb::GetRosterResponse> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "rosters")?;
    let tx = context.db.read(tenant).await?;
    let roster = find(&tx, &ask.name, id).await?;
    Ok(pb::GetRosterResponse {
        actions: actions::on_roster(&tx, caller, &roster).await?,
        roster: Some(convert::roster(&roster)),
    })
}

/// The roster of that name.
pub(crate) async fn find(tx: &Tx, name: &str, id: Uuid) -> Result<Roster> {
    let roster = store::rosters::get(tx, id).await?;
    roster.ok_or_else(|| not_found(name).into())
}

pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListRostersRequest,
) -> Result<pb::ListRostersResponse> {
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = if ask.parent == ALL_COUNTIES {
        context.db.read(caller.tenancy()).await?
    } else {
        context
            .db
            .read(names::parse_parent(caller, &ask.parent)?)
            .await?
    };
    let rows = store::rosters::list(&tx, ask.round, page.after(), page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.id.to_string());
    let rosters = rows.iter().map(convert::roster).collect();
    Ok(pb::ListRostersResponse {
        rosters,
        next_page_token,
    })
}

pub(crate) async fn lines(
    context: &Context,
    caller: &Caller,
    ask: pb::ListRosterLinesRequest,
) -> Result<pb::ListRosterLinesResponse> {
    let (tenant, id) = names::parse_own(caller, &ask.parent, "rosters")?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let after = page.key(|it| it.parse().ok())?.unwrap_or(0);
    let tx = context.db.read(tenant).await?;
    let roster = find(&tx, &ask.parent, id).await?;
    let rows = match caller.reach {
        Reach::OwnUnit => of_unit(&tx, caller, id, (after, page.limit())).await?,
        _ => store::rosters::lines_with_payees(&tx, id, after, page.limit()).await?,
    };
    let (rows, next_page_token) = page.cut(rows, |it| it.0.to_string());
    let is_form = ask.view() == pb::RosterLineView::Form;
    let lines = rows.into_iter().map(|(number, it, payee)| {
        let (columns, remark) = match is_form {
            true => (
                forms::columns(roster.programme, &payee.columns)?,
                payee.remark,
            ),
            false => (None, String::new()),
        };
        Ok(pb::RosterLine {
            case: case::name(tenant, it.case),
            receipt_number: it.receipt_number,
            payee_name: payee.name,
            account_masked: it.account_masked,
            amount_fen: it.amount.fen(),
            grounds: it.grounds,
            number,
            remark,
            columns,
        })
    });
    let answer = pb::ListRosterLinesResponse {
        lines: lines.collect::<Result<_>>()?,
        next_page_token,
        ..Default::default()
    };
    if !is_form {
        return Ok(answer);
    }
    let (annex, title) = forms::roster(roster.programme);
    let version = roster.printed_version().map(ToOwned::to_owned);
    let versions = version.into_iter().collect();
    Ok(pb::ListRosterLinesResponse {
        header: Some(forms::header(
            annex,
            title,
            tenant.code(),
            roster.round,
            versions,
        )),
        line_count: roster.line_count,
        total_fen: roster.total.fen(),
        total_capitals: forms::capitals(roster.total),
        ..answer
    })
}

/// Lines looked at at a time for a page of one unit.
const LOOKED_AT: u64 = 500;

/// A page of the lines of the caller's unit. A line is frozen and says nothing of units: its case does.
async fn of_unit(
    tx: &Tx,
    caller: &Caller,
    roster: Uuid,
    (mut after, limit): (i64, u64),
) -> Result<Vec<(i64, RosterLine, LinePayee)>> {
    let prefix = names::unit_prefix(caller);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut own = Vec::new();
    loop {
        let rows = store::rosters::lines_with_payees(tx, roster, after, LOOKED_AT).await?;
        let Some((last, ..)) = rows.last() else {
            return Ok(own);
        };
        after = *last;
        let cases: Vec<_> = rows.iter().map(|(_, it, _)| it.case).collect();
        let covered = store::cases::of_unit(tx, &cases, &prefix).await?;
        own.extend(rows.into_iter().filter(|it| covered.contains(&it.1.case)));
        if own.len() >= limit {
            own.truncate(limit);
            return Ok(own);
        }
    }
}
