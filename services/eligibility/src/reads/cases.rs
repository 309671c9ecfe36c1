//! Reading cases.

use std::collections::HashMap;

use prost::Message as _;
use uuid::Uuid;
use yuhui_platform::{Error, Result, caller::Caller, paging::Page};
use yuhui_policy::{Claim, Determination, evidence::Evidence, letter};
use yuhui_proto::{
    authz::v1::{Power, Reach},
    eligibility::v1::{self as pb, case_view::Kind},
};

use super::{actions, views};
use crate::{
    context::Context,
    convert::{self, case_list},
    domain::{Case, Outcome},
    names,
    store::{
        self,
        case_list::{Filter, Sought},
        cases::Stored,
    },
};

/// Acts whose reasons would tell the claimant who spoke against him.
const CONFIDENTIAL: [&str; 8] = [
    "case.object",
    "case.report_inquiry",
    "case.resolve_inquiry",
    "case.propose_fraud_finding",
    "case.decline_proposal",
    "case.withdraw_proposal",
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
        case: Some(context.show_to(caller, &stored)?),
        actions: actions::on_case(context, caller, &stored.case).await?,
    })
}

/// Cases of a county that the caller reaches, narrowed and in order.
pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListCasesRequest,
) -> Result<pb::ListCasesResponse> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let asked = ask.filter.clone().unwrap_or_default();
    let order = case_list::order(ask.order());
    let own = caller.reach == Reach::OwnRecords;
    let filter = Filter {
        within: names::unit_prefix(caller),
        claimant: own.then(|| caller.person.clone().unwrap_or_else(|| "nobody".into())),
        ..case_list::filter(&context.vault, tenant, &asked, context.today())?
    };
    let page = page(&ask, asked, &filter)?;
    let after = page.key(|it| it.split_once(' '))?;
    let tx = context.db.read(tenant).await?;
    let found = store::case_list::page(&tx, &filter, order, after, page.limit()).await?;
    let (found, next_page_token) = page.cut(found, |(key, id)| format!("{key} {id}"));
    let ids = found.iter().map(|(_, id)| id.parse());
    let ids: Vec<Uuid> = ids
        .collect::<Result<_, _>>()
        .map_err(|_| Error::fault("case list: unreadable id"))?;
    let rows = store::cases::named(&tx, &ids).await?;
    drop(tx);
    let rows: HashMap<Uuid, Stored> = rows.into_iter().map(|it| (it.case.id, it)).collect();
    let rows = ids.iter().filter_map(|it| rows.get(it));
    let cases = rows
        .map(|it| context.show_to(caller, it))
        .collect::<Result<_>>()?;
    Ok(pb::ListCasesResponse {
        cases,
        next_page_token,
    })
}

/// The page of that list and no other. Of what was looked for by a text, its token has the keyed hash.
fn page(ask: &pb::ListCasesRequest, asked: pb::CaseFilter, filter: &Filter) -> Result<Page> {
    let text = match &filter.sought {
        None => String::new(),
        Some(Sought::Receipt(it) | Sought::Name(it)) => it.clone(),
        Some(Sought::Number(them)) => them.concat(),
    };
    let narrowed = pb::CaseFilter { text, ..asked };
    let parts = [
        ask.parent.as_bytes(),
        &narrowed.encode_to_vec(),
        ask.order().as_str_name().as_bytes(),
        filter.within.as_bytes(),
        filter.claimant.as_deref().unwrap_or_default().as_bytes(),
    ];
    Ok(Page::of(ask.page_size, &ask.page_token, &parts)?)
}

/// Whoever objected is protected from the claimant: what was said may name its speaker (F26).
pub(crate) async fn transitions(
    context: &Context,
    caller: &Caller,
    ask: pb::ListTransitionsRequest,
) -> Result<pb::ListTransitionsResponse> {
    let stored = context.case(caller, &ask.parent).await?;
    views::note(context, caller, &stored.case, Kind::Transitions).await;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let after = page.key(|it| it.parse().ok())?;
    let tx = context.db.read(stored.case.tenant).await?;
    let steps = store::transitions::page(&tx, stored.case.id, after, page.limit()).await?;
    let (mut steps, next_page_token) = page.cut(steps, |it| it.sequence.to_string());
    if caller.power() == Power::Claimant {
        for step in &mut steps {
            if CONFIDENTIAL.contains(&step.action.as_str()) {
                step.reason.clear();
            }
        }
    }
    let transitions = steps.into_iter().map(convert::transition).collect();
    Ok(pb::ListTransitionsResponse {
        transitions,
        next_page_token,
    })
}

/// The letter of what stands, if it is decided; who waits is told for what.
pub(super) fn decision_letter(
    case: &Case,
    outcome: &Outcome,
    told: &Determination,
    claim: &Claim,
    claimant_name: &str,
) -> Option<String> {
    let waits = outcome.waits().then_some(outcome.evaluated_on);
    case.decided_on.or(waits).map(|date| {
        let parts = letter::LetterContext {
            claimant_name,
            county_name: case.tenant.name(),
            receipt_number: &case.receipt_number,
            date,
        };
        letter::decision_letter(told, claim, &parts)
    })
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
    let letter = decision_letter(case, outcome, &told, &claim, &claimant_name);
    Ok(pb::GetDeterminationResponse {
        determination: Some(convert::determination(case, outcome, &told)),
        letter: letter.unwrap_or_default(),
    })
}
