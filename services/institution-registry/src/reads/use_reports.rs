//! Reports on the use of the money, and what the county found of them (I6).

use yuhui_platform::{
    Caller, Result,
    actions::{KnownRelatives, caller_of},
    paging::Page,
    refusal::not_found,
};
use yuhui_proto::institution::v1 as pb;

use crate::{
    Deps, convert,
    separation::none_heads,
    store::{institutions, use_reports},
};

/// What is done to a report: nothing but whose relative the reviewer is stands against it.
const REVIEW: &str = "/yuhui.institution.v1.UseReportService/ReviewUseReport";

/// One report.
pub async fn get(
    deps: &Deps,
    caller: &Caller,
    ask: pb::GetUseReportRequest,
) -> Result<pb::GetUseReportResponse> {
    let (named, institution, round) = convert::use_report_named("name", &ask.name)?;
    let tenant = caller.tenant_for(&named)?;
    let tx = deps.db.read(tenant).await?;
    let of = institutions::reach(&tx, caller, institution, &ask.name).await?;
    let found = use_reports::find(&tx, institution, round).await?;
    let found = found.ok_or_else(|| not_found(&ask.name))?;
    drop(tx);
    let mut actions = Vec::new();
    if let Some(reviewer) = caller_of(caller, REVIEW) {
        let today = deps.clock.today();
        let told = deps.peers.relatives(&reviewer, tenant, today).await;
        let known = KnownRelatives::of(told)?;
        actions.push(known.action(REVIEW, &[], |relatives| {
            Ok(none_heads(relatives, &of.institution.record, today)?)
        }));
    }
    Ok(pb::GetUseReportResponse {
        actions,
        use_report: Some(convert::use_report(
            &convert::name_of(&of.institution),
            &found,
        )?),
    })
}

/// Those of one institution, by round.
pub async fn list(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ListUseReportsRequest,
) -> Result<pb::ListUseReportsResponse> {
    let (named, institution) = convert::institution_named("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = deps.db.read(tenant).await?;
    institutions::reach(&tx, caller, institution, &ask.parent).await?;
    let rows = use_reports::page(&tx, institution, &page).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.report.round.to_string());
    let of = format!("counties/{tenant}/institutions/{institution}");
    let shown = rows.iter().map(|it| convert::use_report(&of, it));
    Ok(pb::ListUseReportsResponse {
        use_reports: shown.collect::<Result<_>>()?,
        next_page_token,
    })
}
