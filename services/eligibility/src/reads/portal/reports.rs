//! Reports: to whoever made them by number and code, to the offices they are addressed to, to supervision.

use yuhui_platform::{Result, caller::Caller, paging::Page, refusal::not_found};
use yuhui_proto::{authz::v1::Reach, portal::v1 as pb};

use super::by_code::{no_sooner, open};
use crate::{
    context::Context,
    convert,
    domain::report::Report,
    names::{self, tenancy},
    refusal::portal::NotHeard,
    store::{self, reports::Filter},
};

/// Village and township see what is addressed to them or to a unit below, the others what is their county's.
pub(crate) fn is_addressed_to(caller: &Caller, report: &Report) -> bool {
    caller.reach != Reach::OwnUnit || caller.covers(&report.unit)
}

/// What became of a report.
pub(crate) async fn track(
    context: &Context,
    _: &Caller,
    ask: pb::GetReportRequest,
) -> Result<pb::GetReportResponse> {
    no_sooner(async {
        let (county, id) = open(context, &ask.tracking_number, &ask.code).await?;
        let tx = context.db.read(county).await?;
        // A number may be a receipt's.
        let found = store::reports::get(&tx, id).await?;
        let (report, said) = found.ok_or(NotHeard::NumberAndCode)?;
        Ok(pb::GetReportResponse {
            report: Some(convert::portal::tracked(&report, said)),
        })
    })
    .await
}

/// One report, with what it says.
pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetStaffReportRequest,
) -> Result<pb::StaffReport> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "reports")?;
    let tx = context.db.read(tenant).await?;
    let found = store::reports::get(&tx, id).await?;
    let found = found.filter(|(report, _)| is_addressed_to(caller, report));
    let (report, said) = found.ok_or_else(|| not_found(&ask.name))?;
    Ok(convert::portal::report(&report, Some(&said)))
}

/// Reports, oldest first.
pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListReportsRequest,
) -> Result<pb::ListReportsResponse> {
    let tenancy = tenancy(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let unit_prefix = names::unit_prefix(caller);
    let filter = Filter {
        states: ask
            .states()
            .filter_map(convert::portal::domain_state)
            .collect(),
        kind: convert::portal::domain_kind(ask.kind()),
        unit_prefix: &unit_prefix,
        after: page.after(),
    };
    let tx = context.db.read(tenancy).await?;
    let rows = store::reports::list(&tx, &filter, page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.id.to_string());
    let reports = rows.iter().map(|it| convert::portal::report(it, None));
    Ok(pb::ListReportsResponse {
        reports: reports.collect(),
        next_page_token,
    })
}
