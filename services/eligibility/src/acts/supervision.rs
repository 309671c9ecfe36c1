//! Matters and findings: what inspectors and auditors open and record (七). No case changes by it.

use yuhui_kernel::resource_name;
use yuhui_platform::{
    Result, audit, caller::Caller, clock, form::Form, idempotency::Key, refusal::not_found,
    unless_answered,
};
use yuhui_proto::eligibility::v1 as pb;

use super::own_is_left_alone;
use crate::{
    context::Context,
    convert::{supervision, text},
    domain::supervision::{Conclusion, Finding, Matter},
    names,
    refusal::review::NotReviewed,
    separation::hand,
    store,
};

/// Opens a matter on a case; not on one of his own family (DYN-3).
pub(crate) async fn open_matter(
    context: &Context,
    caller: &Caller,
    ask: pb::OpenMatterRequest,
) -> Result<pb::OpenMatterResponse> {
    let ground = text::needed("ground", &ask.ground)?;
    let (tenant, case) = names::parse_own(caller, &ask.parent, "cases")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let relatives = context.relatives(caller, tenant).await;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    if !own_is_left_alone(&act.tx, caller, &relatives?, case).await? {
        return Err(not_found(&ask.parent).into());
    }
    let matter = Matter {
        tenant,
        id: clock::fresh_id(),
        case,
        ground,
        opened_by: hand(caller),
        opened_on: context.today(),
        closed: None,
    };
    store::matters::insert(&act.tx, &matter).await?;
    let entry = audit::Entry::new("matter.open", matter.name()).note(matter.case_name());
    act.record(entry.reason(&*matter.ground)).await?;
    act.finish(pb::OpenMatterResponse {
        matter: Some(supervision::matter(&matter)),
    })
    .await
}

/// Closes a matter.
pub(crate) async fn close_matter(
    context: &Context,
    caller: &Caller,
    ask: pb::CloseMatterRequest,
) -> Result<pb::CloseMatterResponse> {
    let words = text::needed("conclusion", &ask.conclusion)?;
    let (tenant, id) = names::parse_own(caller, &ask.name, "matters")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let relatives = context.relatives(caller, tenant).await;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let found = store::matters::get(&act.tx, id).await?;
    let mut matter = found.ok_or_else(|| not_found(&ask.name))?;
    own_is_left_alone(&act.tx, caller, &relatives?, matter.case).await?;
    if matter.closed.is_some() {
        let matter = ask.name;
        return Err(NotReviewed::MatterClosed { matter }.into());
    }
    matter.closed = Some(Conclusion {
        by: hand(caller),
        on: context.today(),
        words: words.clone(),
    });
    store::matters::close(&act.tx, &matter).await?;
    let entry = audit::Entry::new("matter.close", matter.name()).note(matter.case_name());
    act.record(entry.reason(words)).await?;
    act.finish(pb::CloseMatterResponse {
        matter: Some(supervision::matter(&matter)),
    })
    .await
}

/// Records a finding. What belongs to another service is named, not looked up: a finding may be that it is not there.
pub(crate) async fn record_finding(
    context: &Context,
    caller: &Caller,
    ask: pb::RecordFindingRequest,
) -> Result<pb::RecordFindingResponse> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let case = names::parse_name(&ask.subject, "cases");
    let mut form = Form::default();
    if !resource_name::is_of(&ask.subject, tenant.as_str()) {
        form.refuse(
            "subject",
            "须为本旗县区的对象",
            "must be something of the county",
        );
    } else if ask.asks_for_hold && case.is_none() {
        form.refuse(
            "subject",
            "提请暂缓的须为个案",
            "must be a case where a hold is asked for",
        );
    }
    form.finish()?;
    let words = text::needed("words", &ask.words)?;
    let clause = text::remark("clause", &ask.clause)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let relatives = context.relatives(caller, tenant).await;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    if let Some((_, id)) = case
        && !own_is_left_alone(&act.tx, caller, &relatives?, id).await?
    {
        return Err(not_found(&ask.subject).into());
    }
    let finding = Finding {
        tenant,
        id: clock::fresh_id(),
        subject: ask.subject,
        words,
        clause,
        asks_for_hold: ask.asks_for_hold,
        by: hand(caller),
        role: caller.role.as_str_name().into(),
        on: context.today(),
    };
    store::findings::insert(&act.tx, &finding).await?;
    let entry = audit::Entry::new("finding.record", finding.name()).note(&*finding.subject);
    act.record(entry.reason(&*finding.words)).await?;
    act.finish(pb::RecordFindingResponse {
        finding: Some(supervision::finding(&finding)),
    })
    .await
}
