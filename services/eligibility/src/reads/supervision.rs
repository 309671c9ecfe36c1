//! Matters and findings.

use uuid::Uuid;
use yuhui_platform::{Result, caller::Caller, db::Tenancy, paging::Page, refusal::not_found};
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    context::Context,
    convert::supervision,
    names::{self, tenancy},
    store::{self, findings, matters},
};

/// Matters, oldest first.
pub(crate) async fn matters(
    context: &Context,
    caller: &Caller,
    ask: pb::ListMattersRequest,
) -> Result<pb::ListMattersResponse> {
    let tenancy = tenancy(caller, &ask.parent)?;
    let case = match ask.case.as_str() {
        "" => None,
        name => Some(case_in(tenancy, name)?),
    };
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let filter = matters::Filter {
        case,
        open_only: !ask.include_closed,
        after: page.after(),
    };
    let tx = context.db.read(tenancy).await?;
    let rows = store::matters::list(&tx, &filter, page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.id.to_string());
    Ok(pb::ListMattersResponse {
        matters: rows.iter().map(supervision::matter).collect(),
        next_page_token,
    })
}

/// Findings, oldest first.
pub(crate) async fn findings(
    context: &Context,
    caller: &Caller,
    ask: pb::ListFindingsRequest,
) -> Result<pb::ListFindingsResponse> {
    let tenancy = tenancy(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let filter = findings::Filter {
        subject: Some(ask.subject.as_str()).filter(|it| !it.is_empty()),
        asks_for_hold: ask.asks_for_hold,
        after: page.after(),
    };
    let tx = context.db.read(tenancy).await?;
    let rows = store::findings::list(&tx, &filter, page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.id.to_string());
    Ok(pb::ListFindingsResponse {
        findings: rows.iter().map(supervision::finding).collect(),
        next_page_token,
    })
}

/// The id of a case that the list may be narrowed to.
fn case_in(tenancy: Tenancy, name: &str) -> Result<Uuid> {
    let case = names::parse_name(name, "cases");
    let within = case.filter(|(county, _)| match tenancy {
        Tenancy::One(one) => one == *county,
        Tenancy::All | Tenancy::City => true,
    });
    let (_, id) = within.ok_or_else(|| not_found(name))?;
    Ok(id)
}
