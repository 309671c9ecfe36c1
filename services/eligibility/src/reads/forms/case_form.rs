//! The application form of a case (annexes 1 to 4), with what the offices wrote under it.

use yuhui_kernel::dates;
use yuhui_platform::{Result, caller::Caller, db::Tx};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, case_view::Kind, form_opinion::Kind as Opinion},
};

use super::Standing;
use crate::{
    context::Context,
    convert::{self, forms},
    domain::{Case, roster::Roster},
    reads::{answers::papers_are_open, documents::checklist, views},
    store::{self, transitions::Transition},
};

/// Steps read at a time.
const STEPS: u64 = 500;

pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetCaseFormRequest,
) -> Result<pb::CaseForm> {
    let stored = context.case(caller, &ask.name).await?;
    let case = &stored.case;
    views::note(context, caller, case, Kind::Form).await;
    let private = context.open(&stored)?;
    let printed = match &case.outcome {
        Some(outcome) => {
            let standing = Standing::of(context, case, outcome).await?;
            let Standing {
                evidence,
                pack,
                calendar,
            } = &standing;
            let printed = forms::Printed::of(pack, calendar, evidence);
            Some(forms::form_of(case, &private, &printed))
        }
        None => None,
    };
    let tx = context.db.read(case.tenant).await?;
    let materials = match papers_are_open(&tx, caller, case).await? {
        true => checklist::items(&tx, case, context.today()).await?,
        false => Vec::new(),
    };
    let (accepted_on, opinions) = opinions(&tx, case).await?;
    let versions = match case.roster {
        Some(id) => store::rosters::get(&tx, id).await?,
        None => None,
    };
    let version = versions.as_ref().and_then(Roster::printed_version);
    let versions = version.map(ToOwned::to_owned).into_iter().collect();
    let (annex, title) = forms::application(case.programme);
    let county = case.tenant.code();
    Ok(pb::CaseForm {
        header: Some(forms::header(
            annex,
            title.into(),
            county,
            case.round,
            versions,
        )),
        case: case.name(),
        claim: Some(convert::claim(case, &private)?),
        receipt_number: case.receipt_number.clone(),
        lodged_on: convert::day(case.lodged_on),
        accepted_on,
        determination: case
            .outcome
            .as_ref()
            .map(|it| convert::determination(case, it, &it.found)),
        amount_capitals: forms::capitals(case.amount()),
        materials,
        opinions,
        notices: notices(&tx, case).await?,
        form: printed,
    })
}

/// Day of acceptance, and everything the offices wrote under the form, oldest first.
async fn opinions(tx: &Tx, case: &Case) -> Result<(String, Vec<pb::FormOpinion>)> {
    let (mut accepted_on, mut opinions, mut after) = (String::new(), Vec::new(), None);
    loop {
        let page = store::transitions::page(tx, case.id, after, STEPS).await?;
        let Some(last) = page.last() else {
            return Ok((accepted_on, opinions));
        };
        after = Some(last.sequence);
        for step in page {
            if step.action == "case.accept" {
                accepted_on.clone_from(&step.effective_on);
            }
            opinions.extend(opinion(step));
        }
    }
}

fn opinion(step: Transition) -> Option<pb::FormOpinion> {
    let kind = match step.action.as_str() {
        "case.accept" => Opinion::Acceptance,
        "case.report" => Opinion::Report,
        "case.sign" => Opinion::Signature,
        "case.review" => Opinion::Review,
        "case.confirm" => Opinion::Confirmation,
        "case.reject" => Opinion::Rejection,
        _ => return None,
    };
    let role = Role::from_str_name(&step.role).unwrap_or_default();
    Some(pb::FormOpinion {
        level: i32::try_from(step.level).unwrap_or_default(),
        kind: kind.into(),
        account: step.actor,
        role: role.into(),
        unit: step.unit,
        written_on: step.effective_on,
        words: step.reason,
    })
}

/// Notices that the case was on, in the order in which they were posted.
async fn notices(tx: &Tx, case: &Case) -> Result<Vec<pb::FormNotice>> {
    let mut notices = store::notices::of_case(tx, case).await?;
    notices.sort_by_key(|it| (it.posted_on, it.last_on));
    let notices = notices.into_iter().map(|it| pb::FormNotice {
        notice: it.name(),
        level: convert::level(it.unit).into(),
        posted_on: dates::format(it.posted_on),
        last_on: dates::format(it.last_on),
        closed_on: convert::day(it.closed_on),
    });
    Ok(notices.collect())
}
