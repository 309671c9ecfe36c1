//! Who opened whose case: kept with the first view of a day, and shown to the claimant and to supervision.

use yuhui_platform::{Result, caller::Caller, paging::Page};
use yuhui_proto::{
    authz::v1::Power,
    eligibility::v1::{self as pb, case_view::Kind},
};

use crate::{
    context::Context,
    convert::supervision,
    domain::Case,
    store::{self, views::View},
};

/// Keeps that the caller opened a case. Claimants open their own, and services show nobody anything. What has been
/// kept is not written again the same day. Where it cannot be written it stands in the log of the process: a full
/// disk keeps nobody from reading.
pub(crate) async fn note(context: &Context, caller: &Caller, case: &Case, kind: Kind) {
    if !caller.is_signed_in() || caller.power() == Power::Claimant {
        return;
    }
    let view = View {
        case: case.id,
        on: context.today(),
        account: caller.account.clone(),
        role: caller.role.as_str_name().into(),
        unit: caller.unit.map(|it| it.to_string()).unwrap_or_default(),
        kind: kind.as_str_name().trim_start_matches("KIND_").into(),
    };
    if context.views.contains_key(&view) {
        return;
    }
    match keep(context, case, &view).await {
        Ok(()) => context.views.insert(view, ()),
        Err(error) => {
            tracing::error!(case = case.name(), view = view.key(), %error, "a view is not kept");
        }
    }
}

async fn keep(context: &Context, case: &Case, view: &View) -> Result<()> {
    let tx = context.db.begin(case.tenant).await?;
    // Two at once write one row.
    tx.lock(&format!("views/{}", case.id)).await?;
    store::views::keep(&tx, view).await?;
    tx.commit().await
}

/// Roles whose views a claimant is not told: of his own case he would learn that he is looked into.
const SUPERVISION: [&str; 4] = [
    "ROLE_COUNTY_DISCIPLINE_INSPECTOR",
    "ROLE_CITY_DISCIPLINE_INSPECTOR",
    "ROLE_COUNTY_AUDITOR",
    "ROLE_CITY_AUDITOR",
];

/// Views of a case, oldest first. A claimant learns which office, not whom of it, and nothing of supervision; a page may
/// hold fewer than were asked for.
pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListCaseViewsRequest,
) -> Result<pb::ListCaseViewsResponse> {
    let case = context.case(caller, &ask.parent).await?.case;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = context.db.read(case.tenant).await?;
    let rows = store::views::list(&tx, case.id, page.after(), page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, View::key);
    let with_account = caller.power() != Power::Claimant;
    // Who is looked into is not told so: rows of supervision are supervision's.
    let shown = rows
        .into_iter()
        .filter(|it| with_account || !SUPERVISION.contains(&it.role.as_str()));
    let views = shown.map(|it| supervision::view(it, with_account));
    Ok(pb::ListCaseViewsResponse {
        views: views.collect(),
        next_page_token,
    })
}
