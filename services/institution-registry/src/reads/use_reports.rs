//! Reports on the use of the money, and what the county found of them (I6).

use yuhui_platform::{Caller, Result, paging::Page};
use yuhui_proto::institution::v1 as pb;

use crate::{
    Deps, convert,
    store::{institutions, use_reports},
};

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
