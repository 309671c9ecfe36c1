//! What sets a review going: the delivery of a decision, a request within the term, an order.

use yuhui_platform::{Result, caller::Caller, clock, form::Form, refusal, unless_answered};
use yuhui_proto::eligibility::v1::{self as pb, reopening_order};

use super::{record, unless_pending, write_case};
use crate::{
    context::Context,
    convert::{self, text},
    domain::review_request::{
        Authority, Order, ReviewProposal, ReviewRequest, ReviewState, last_day,
    },
    gate::Deed,
    refusal::{day, required},
    ritual::Command,
    separation::{conflict, hand},
    store,
};

/// Longest number of a document, in characters.
const LONGEST_NUMBER: usize = 100;

/// 送达: from this day the term of review runs.
pub(crate) async fn delivery(
    context: &Context,
    caller: &Caller,
    ask: pb::RecordDeliveryRequest,
) -> Result<pb::RecordDeliveryResponse> {
    let proof = text::needed("proof", &ask.proof)?;
    let mut form = Form::default();
    let delivered = form.date("delivered_on", &ask.delivered_on);
    if delivered.is_some_and(|it| it > context.today()) {
        form.refuse("delivered_on", "不得晚于今日", "is after today");
    }
    form.finish()?;
    let command = Command::new(
        (caller, Deed::RecordDelivery),
        &ask.case,
        "",
        &ask.request_id,
        &ask,
    )?;
    let relatives = context.relatives(caller, command.tenant).await;
    let act = unless_answered!(context.open_act(caller, command.tenant, command.key.clone()));
    let tx = &act.tx;
    let stored = command.find(context, tx).await?;
    let before = stored.case.clone();
    conflict(caller, &relatives?, &before)?;
    if delivered < before.decided_on {
        form.refuse("delivered_on", "不得早于决定之日", "is before the decision");
        form.finish()?;
    }
    let private = context.open(&stored)?;
    let mut after = before.clone();
    after.delivered_on = delivered;
    let reason = format!("{}：{proof}", ask.delivered_on);
    let until = last_day(&after, context.calendar);
    let until = unless_pending(tx, &after, until).await?;
    let case = write_case(
        (context, &act),
        "case.deliver",
        (before, after),
        reason,
        until,
    )
    .await?;
    let answer = pb::RecordDeliveryResponse {
        case: Some(convert::case(caller, &case, &private)?),
        review_until: last_day(&case, context.calendar).map_or_else(String::new, day),
    };
    act.finish(answer).await
}

/// C.8: within 15 working days from delivery, once per decision.
pub(crate) async fn review(
    context: &Context,
    caller: &Caller,
    ask: pb::RequestReviewRequest,
) -> Result<pb::RequestReviewResponse> {
    let grounds = text::needed("grounds", &ask.grounds)?;
    let command = Command::new(
        (caller, Deed::RequestReview),
        &ask.case,
        "",
        &ask.request_id,
        &ask,
    )?;
    let relatives = context.relatives(caller, command.tenant).await;
    let act = unless_answered!(context.open_act(caller, command.tenant, command.key.clone()));
    let tx = &act.tx;
    let case = command.find(context, tx).await?.case;
    conflict(caller, &relatives?, &case)?;
    let review = ReviewRequest::of(
        clock::fresh_id(),
        &case,
        grounds.clone(),
        context.today(),
        context.calendar,
    );
    store::review_requests::insert(tx, &review).await?;
    write_case(
        (context, &act),
        "case.request_review",
        (case.clone(), case),
        review.name(),
        None,
    )
    .await?;
    record(&act, "review.request", &review, &grounds).await?;
    let review_request = Some(convert::review_requests::review(caller, &review));
    act.finish(pb::RequestReviewResponse { review_request })
        .await
}

/// F32: the county does as it is told; who decided before may carry it out, but not alone.
pub(crate) async fn order(
    context: &Context,
    caller: &Caller,
    ask: pb::OrderReopeningRequest,
) -> Result<pb::OrderReopeningResponse> {
    let substance = text::needed("substance", &ask.substance)?;
    let order = read_order(context, ask.order.as_ref())?;
    let command = Command::new(
        (caller, Deed::OrderReopening),
        &ask.case,
        "",
        &ask.request_id,
        &ask,
    )?;
    let relatives = context.relatives(caller, command.tenant).await;
    let act = unless_answered!(context.open_act(caller, command.tenant, command.key.clone()));
    let tx = &act.tx;
    let case = command.find(context, tx).await?.case;
    conflict(caller, &relatives?, &case)?;
    // An order recorded anew replaces what was recorded of it before.
    for mut earlier in store::review_requests::of_case(tx, case.id).await? {
        if earlier.order.is_some() && earlier.state.is_pending() {
            earlier.state = ReviewState::Lapsed;
            earlier.revision += 1;
            store::review_requests::update(tx, &earlier).await?;
        }
    }
    let today = context.today();
    let mut review = ReviewRequest::of(
        clock::fresh_id(),
        &case,
        substance.clone(),
        today,
        context.calendar,
    );
    review.state = ReviewState::Proposed;
    review.order = Some(order);
    review.proposal = Some(ReviewProposal {
        by: hand(caller),
        reopen: true,
        reasons: substance.clone(),
    });
    store::review_requests::insert(tx, &review).await?;
    write_case(
        (context, &act),
        "case.order_reopening",
        (case.clone(), case),
        review.name(),
        None,
    )
    .await?;
    record(&act, "review.order", &review, &substance).await?;
    let review_request = Some(convert::review_requests::review(caller, &review));
    act.finish(pb::OrderReopeningResponse { review_request })
        .await
}

fn read_order(context: &Context, order: Option<&pb::ReopeningOrder>) -> Result<Order> {
    let Some(order) = order else {
        return Err(refusal::invalid(vec![required("order")]).into());
    };
    let mut form = Form::default();
    let authority = match order.authority() {
        reopening_order::Authority::Reconsideration => Some(Authority::Reconsideration),
        reopening_order::Authority::Court => Some(Authority::Court),
        reopening_order::Authority::Unspecified => {
            form.refuse("order.authority", "必填", "is required");
            None
        }
    };
    let number = form.text(
        "order.document_number",
        &order.document_number,
        LONGEST_NUMBER,
    );
    let number = number.map(ToOwned::to_owned);
    let on = form.date("order.document_on", &order.document_on);
    if on.is_some_and(|it| it > context.today()) {
        form.refuse("order.document_on", "不得晚于今日", "is after today");
    }
    form.finish()?;
    let (Some(authority), Some(document_number), Some(document_on)) = (authority, number, on)
    else {
        return Err(refusal::invalid(vec![required("order")]).into());
    };
    Ok(Order {
        authority,
        document_number,
        document_on,
    })
}
