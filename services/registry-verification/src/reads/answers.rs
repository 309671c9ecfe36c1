//! The answers that were given.

use yuhui_platform::{Caller, Result, paging::Page};
use yuhui_proto::internal::v1 as pb;

use crate::{Deps, convert, store::answers};

/// The answers that were given for a case.
pub async fn list(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListAnswersRequest,
) -> Result<pb::ListAnswersResponse> {
    let (named, case) = convert::case("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = deps.db.read(tenant).await?;
    let (answers, next_page_token) = answers::list(&tx, case, &page).await?;
    Ok(pb::ListAnswersResponse {
        answers: answers
            .into_iter()
            .map(|it| convert::answer(tenant, it))
            .collect(),
        next_page_token,
    })
}
