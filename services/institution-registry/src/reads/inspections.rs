//! Inspections on site, for township and county, and for whoever reports on a case (I3).

use yuhui_kernel::dates;
use yuhui_platform::{Caller, Result, db::Tenancy, paging::Page, refusal::not_found};
use yuhui_proto::{institution::v1 as pb, internal::v1 as internal};

use crate::{
    Deps, convert,
    store::{inspections, institutions},
};

/// Those of one institution.
pub async fn list(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ListInspectionsRequest,
) -> Result<pb::ListInspectionsResponse> {
    let (named, institution) = convert::institution_named("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = deps.db.read(tenant).await?;
    institutions::reach(&tx, caller, institution, &ask.parent).await?;
    let rows = inspections::page(&tx, institution, &page).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.id.to_string());
    let of = format!("counties/{tenant}/institutions/{institution}");
    let shown = rows.iter().map(|it| convert::inspection(&of, it));
    Ok(pb::ListInspectionsResponse {
        inspections: shown.collect::<Result<_>>()?,
        next_page_token,
    })
}

/// A signed one of the institution of that reference.
pub async fn signed(
    deps: &Deps,
    ask: internal::FindSignedInspectionRequest,
) -> Result<internal::FindSignedInspectionResponse> {
    let none = || not_found(&ask.name);
    let (tenant, institution, id) = convert::inspection_named("name", &ask.name)?;
    let tx = deps.db.read(Tenancy::One(tenant)).await?;
    let stored = institutions::find(&tx, institution).await?;
    stored
        .filter(|it| it.institution.institution_ref == ask.institution_ref)
        .ok_or_else(none)?;
    let found = inspections::find(&tx, institution, id).await?;
    let found = found.filter(|it| it.signed.is_some()).ok_or_else(none)?;
    Ok(internal::FindSignedInspectionResponse {
        inspected_on: dates::format(found.inspection.inspected_on),
        children_present: found.inspection.children_present,
    })
}
