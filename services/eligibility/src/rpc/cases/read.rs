//! Reading cases.

use yuhui_platform::{Error, Result, caller::Caller, paging::Page};
use yuhui_policy::letter;
use yuhui_proto::{authz::v1::Reach, eligibility::v1 as pb};

use crate::{
    desk::{self, Desk},
    domain::State,
    rpc::convert,
    store::{self, cases::Filter},
};

pub(super) async fn get(desk: &Desk, caller: &Caller, ask: pb::GetCaseRequest) -> Result<pb::Case> {
    let stored = desk.look(caller, &ask.name).await?;
    let private = desk.unseal(stored.case.tenant, &stored.sealed)?;
    Ok(convert::case(&stored.case, &private))
}

pub(super) async fn list(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ListCasesRequest,
) -> Result<pb::ListCasesResponse> {
    let tenant = desk::parse_parent(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let filter = Filter {
        states: ask.states().filter_map(convert::domain_state).collect(),
        programme: convert::domain_programme(ask.programme()),
        round: ask.round,
        unit_prefix: desk::unit_prefix(caller),
        claimant_ref: (caller.reach == Reach::OwnRecords)
            .then(|| caller.person.clone().unwrap_or_default()),
        after: page.after().map(ToOwned::to_owned),
    };
    let tx = desk.db.read(tenant).await?;
    let rows = store::cases::list(&tx, &filter, page.limit() + 1).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.case.id.to_string());
    let mut cases = Vec::with_capacity(rows.len());
    for stored in rows {
        let private = desk.unseal(tenant, &stored.sealed)?;
        cases.push(convert::case(&stored.case, &private));
    }
    Ok(pb::ListCasesResponse {
        cases,
        next_page_token,
    })
}

pub(super) async fn transitions(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ListTransitionsRequest,
) -> Result<pb::ListTransitionsResponse> {
    let stored = desk.look(caller, &ask.parent).await?;
    let tx = desk.db.read(stored.case.tenant).await?;
    let steps = store::transitions::list(&tx, stored.case.id).await?;
    let transitions = steps.into_iter().map(convert::transition).collect();
    Ok(pb::ListTransitionsResponse { transitions })
}

/// The latest determination, replayed from its evidence: what is shown is what is proven.
pub(super) async fn determination(
    desk: &Desk,
    caller: &Caller,
    ask: pb::GetDeterminationRequest,
) -> Result<pb::GetDeterminationResponse> {
    let stored = desk.look(caller, &ask.name).await?;
    let case = stored.case;
    let tx = desk.db.read(case.tenant).await?;
    let Some(evidence) = store::evidence::latest(&tx, case.id).await? else {
        return Ok(pb::GetDeterminationResponse::default());
    };
    let (claim, found) = desk.replay(&evidence)?;
    let decided = matches!(
        case.state,
        State::NotAccepted | State::Rejected | State::Terminated | State::Recovering
    ) || case.confirmed_on.is_some();
    let letter = if decided {
        letter::decision_letter(
            &found,
            &claim,
            &letter::LetterContext {
                claimant_name: &case.claimant_name,
                county_name: case.tenant.name(),
                receipt_number: &case.receipt_number,
                date: case.updated_at.date(),
            },
        )
    } else {
        String::new()
    };
    let determination = Some(convert::findings(&case, &found));
    Ok::<_, Error>(pb::GetDeterminationResponse {
        determination,
        letter,
    })
}
