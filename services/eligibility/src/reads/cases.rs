//! Reading cases.

use yuhui_platform::{Result, caller::Caller, paging::Page};
use yuhui_policy::{evidence::Evidence, letter};
use yuhui_proto::{
    authz::v1::{Power, Reach},
    eligibility::v1::{self as pb, case_view::Kind},
};

use super::{actions, views};
use crate::{
    context::Context,
    convert, names,
    store::{self, cases::Filter},
};

/// Acts whose reasons would tell the claimant who spoke against him.
const CONFIDENTIAL: [&str; 5] = [
    "case.object",
    "case.report_inquiry",
    "case.resolve_inquiry",
    "case.file_document",
    "case.replace_document",
];

pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetCaseRequest,
) -> Result<pb::GetCaseResponse> {
    let stored = context.case(caller, &ask.name).await?;
    views::note(context, caller, &stored.case, Kind::Case).await;
    Ok(pb::GetCaseResponse {
        case: Some(context.show(&stored)?),
        actions: actions::on_case(context, caller, &stored.case).await?,
    })
}

pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListCasesRequest,
) -> Result<pb::ListCasesResponse> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let own = caller.reach == Reach::OwnRecords;
    let filter = Filter {
        states: ask.states().filter_map(convert::domain_state).collect(),
        programme: convert::domain_programme(ask.programme()),
        round: ask.round,
        unit_prefix: names::unit_prefix(caller),
        claimant_ref: own.then(|| caller.person.clone().unwrap_or_else(|| "nobody".into())),
        after: page.after().map(ToOwned::to_owned),
    };
    let tx = context.db.read(tenant).await?;
    let rows = store::cases::list(&tx, &filter, Some(page.limit())).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.case.id.to_string());
    let cases = rows
        .iter()
        .map(|it| context.show(it))
        .collect::<Result<_>>()?;
    Ok(pb::ListCasesResponse {
        cases,
        next_page_token,
    })
}

/// Whoever objected is protected from the claimant: what was said may name its speaker (F26).
pub(crate) async fn transitions(
    context: &Context,
    caller: &Caller,
    ask: pb::ListTransitionsRequest,
) -> Result<pb::ListTransitionsResponse> {
    let stored = context.case(caller, &ask.parent).await?;
    views::note(context, caller, &stored.case, Kind::Transitions).await;
    let tx = context.db.read(stored.case.tenant).await?;
    let mut steps = store::transitions::list(&tx, stored.case.id).await?;
    if caller.power() == Power::Claimant {
        for step in &mut steps {
            if CONFIDENTIAL.contains(&step.action.as_str()) {
                step.reason.clear();
            }
        }
    }
    let transitions = steps.into_iter().map(convert::transition).collect();
    Ok(pb::ListTransitionsResponse { transitions })
}

/// What stands, with the findings replayed from its evidence: what is shown is what is proven.
pub(crate) async fn determination(
    context: &Context,
    caller: &Caller,
    ask: pb::GetDeterminationRequest,
) -> Result<pb::GetDeterminationResponse> {
    let stored = context.case(caller, &ask.name).await?;
    let case = &stored.case;
    views::note(context, caller, case, Kind::Determination).await;
    let Some(outcome) = &case.outcome else {
        return Ok(pb::GetDeterminationResponse::default());
    };
    let tx = context.db.read(case.tenant).await?;
    let evidence = store::evidence::find(&tx, case.id, &outcome.evidence_hash).await?;
    drop(tx);
    let Evidence {
        claim,
        determination,
        ..
    } = context.proven(case.tenant, &evidence).await?.evidence;
    let claimant_name = context.open(&stored)?.claimant_name;
    let told = outcome.told(determination.findings);
    // Who waits is told for what.
    let waits = outcome.waits().then_some(outcome.evaluated_on);
    let letter = case.decided_on.or(waits).map(|date| {
        let parts = letter::LetterContext {
            claimant_name: &claimant_name,
            county_name: case.tenant.name(),
            receipt_number: &case.receipt_number,
            date,
        };
        letter::decision_letter(&told, &claim, &parts)
    });
    Ok(pb::GetDeterminationResponse {
        determination: Some(convert::determination(case, outcome, &told)),
        letter: letter.unwrap_or_default(),
    })
}
