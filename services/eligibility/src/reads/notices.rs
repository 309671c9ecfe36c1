//! Public notices, read by anybody (C.5).

use yuhui_kernel::Tenant;
use yuhui_platform::{Result, caller::Caller, paging::Page, refusal::not_found};
use yuhui_proto::{authz::v1::Power, eligibility::v1 as pb};

use crate::{
    context::Context,
    convert,
    names::{self, tenancy},
    store,
};

/// Anybody reads a notice while it is in force, names of persons masked: the board has them in full, and a page that
/// machines read is no board. The offices read it as it hangs, and after it has been taken down.
pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetNoticeRequest,
) -> Result<pb::GetNoticeResponse> {
    let (tenant, id) =
        names::parse_name(&ask.name, "notices").ok_or_else(|| not_found(&ask.name))?;
    let tx = context.db.read(tenant).await?;
    let notice = store::notices::get(&tx, id)
        .await?
        .ok_or_else(|| not_found(&ask.name))?;
    let notice = if is_of_the_offices(caller, tenant) {
        convert::notice(&notice, store::notices::claimants(&tx, &notice).await?)
    } else if notice.is_in_force(context.today()) {
        convert::public_notice(&notice, &store::notices::claimants(&tx, &notice).await?)
    } else {
        convert::notice(&notice, Vec::new())
    };
    Ok(pb::GetNoticeResponse {
        notice: Some(notice),
    })
}

fn is_of_the_offices(caller: &Caller, tenant: Tenant) -> bool {
    let power = matches!(caller.power(), Power::Eligibility | Power::Supervision);
    power && (caller.is_municipal() || caller.tenant().ok() == Some(tenant))
}

/// What is in force today.
pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListNoticesRequest,
) -> Result<pb::ListNoticesResponse> {
    let tenancy = tenancy(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = context.db.read(tenancy).await?;
    let rows = store::notices::open(&tx, context.today(), page.after(), page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.id.to_string());
    let notices = rows
        .iter()
        .map(|it| convert::notice(it, Vec::new()))
        .collect();
    Ok(pb::ListNoticesResponse {
        notices,
        next_page_token,
    })
}
