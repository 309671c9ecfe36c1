//! The stays that an institution reported.

use yuhui_platform::{Caller, Result, paging::Page};
use yuhui_proto::institution::v1 as pb;

use crate::{
    Deps, convert,
    domain::digest,
    store::{enrolments, institutions},
};

/// A page of an institution's stays.
pub async fn list(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ListEnrolmentsRequest,
) -> Result<pb::ListEnrolmentsResponse> {
    let (named, id) = convert::institution_named("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = deps.db.read(tenant).await?;
    let stored = institutions::reach(&tx, caller, id, &ask.parent).await?;
    let reference = &stored.institution.institution_ref;
    let (stays, next_page_token) = enrolments::list(&tx, id, &page).await?;
    let stays = stays
        .into_iter()
        .map(|it| convert::enrolment(it, reference));
    Ok(pb::ListEnrolmentsResponse {
        enrolments: stays.collect(),
        next_page_token,
        digest: digest(enrolments::waiting(&tx, id).await?),
    })
}
