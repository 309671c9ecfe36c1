//! Reviews of decisions, as they are shown.

use yuhui_platform::{Result, caller::Caller, db::Tx, paging::Page, refusal::not_found};
use yuhui_proto::{authz::v1::Reach, eligibility::v1 as pb};

use super::actions;
use crate::{
    context::Context,
    convert::review_requests,
    domain::{review_letter::letter, review_request::ReviewRequest},
    names,
    store::{self, cases::Stored, review_requests::Filter},
};

/// `counties/{county}/reviewRequests/{review}` taken apart, and the review itself.
pub(crate) async fn find(tx: &Tx, name: &str) -> Result<ReviewRequest> {
    let (_, id) = names::parse_name(name, "reviewRequests").ok_or_else(|| not_found(name))?;
    let review = store::review_requests::get(tx, id).await?;
    review.ok_or_else(|| not_found(name).into())
}

pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetReviewRequestRequest,
) -> Result<pb::GetReviewRequestResponse> {
    let tx = context
        .db
        .read(names::parse_own(caller, &ask.name, "reviewRequests")?.0)
        .await?;
    let found = find(&tx, &ask.name).await?;
    if !reaches(caller, &found) {
        return Err(not_found(&ask.name).into());
    }
    let stored = store::cases::get(&tx, found.case).await?;
    let stored = stored.ok_or_else(|| not_found(&ask.name))?;
    drop(tx);
    Ok(pb::GetReviewRequestResponse {
        actions: actions::on_review(context, caller, &found, &stored.case).await?,
        review_request: Some(with_letter(context, caller, &found, &stored)?),
    })
}

pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListReviewRequestsRequest,
) -> Result<pb::ListReviewRequestsResponse> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let case = match ask.case.as_str() {
        "" => None,
        name => {
            let case = names::parse_name(name, "cases").filter(|it| it.0 == tenant);
            Some(case.ok_or_else(|| not_found(name))?.1)
        }
    };
    let own = caller.reach == Reach::OwnRecords;
    let filter = Filter {
        case,
        pending: ask.pending,
        unit_prefix: names::unit_prefix(caller),
        claimant_ref: own.then(|| caller.person.clone().unwrap_or_else(|| "nobody".into())),
        after: page.after().map(ToOwned::to_owned),
    };
    let tx = context.db.read(tenant).await?;
    let rows = store::review_requests::list(&tx, &filter, Some(page.limit())).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.id.to_string());
    let shown = rows.iter().map(|it| review_requests::review(caller, it));
    Ok(pb::ListReviewRequestsResponse {
        review_requests: shown.collect(),
        next_page_token,
    })
}

fn reaches(caller: &Caller, review: &ReviewRequest) -> bool {
    match caller.reach {
        Reach::OwnRecords => caller.person.as_ref() == Some(&review.claimant_ref),
        Reach::OwnUnit => caller.covers(&review.unit),
        Reach::OwnTenant | Reach::AllTenants => true,
        Reach::NoTenant | Reach::Unspecified => false,
    }
}

/// A review as the caller sees it, and its letter.
pub(crate) fn with_letter(
    context: &Context,
    caller: &Caller,
    review: &ReviewRequest,
    stored: &Stored,
) -> Result<pb::ReviewRequest> {
    let claimant_name = context.open(stored)?.claimant_name;
    Ok(pb::ReviewRequest {
        letter: letter(review, &claimant_name),
        ..review_requests::review(caller, review)
    })
}
