//! Emergency accesses, for whoever opened them and for those who are told of them (DYN-8).

use yuhui_kernel::{Tenant, resource_name};
use yuhui_platform::{Caller, Result, db::Tenancy, paging::Page, refusal::not_found};
use yuhui_proto::{authz::v1::Reach, identity::v1 as pb};

use crate::{context::Context, convert, store::break_glass};

/// Those of a county, or of all.
pub async fn list(
    context: &Context,
    caller: &Caller,
    ask: &pb::ListBreakGlassRequest,
) -> Result<pb::ListBreakGlassResponse> {
    let county = match ask.parent.as_str() {
        "counties/-" if caller.reach == Reach::AllTenants => None,
        named => {
            let county = resource_name::county(named).and_then(|it| Tenant::parse(it).ok());
            let county = county.ok_or_else(|| not_found(named))?;
            Some(caller.tenant_for(&county)?)
        }
    };
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = context.db.read(Tenancy::City).await?;
    let of = (county.map(Tenant::as_str), ask.unreviewed);
    let rows = break_glass::page(&tx, of, page.after(), page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |row| row.id.clone());
    Ok(pb::ListBreakGlassResponse {
        break_glass: rows.iter().map(convert::break_glass).collect(),
        next_page_token,
    })
}
