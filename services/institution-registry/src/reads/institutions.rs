//! One institution, and the open list.

use yuhui_kernel::divisions;
use yuhui_platform::{Caller, Result, paging::Page};
use yuhui_proto::institution::v1 as pb;

use crate::{
    Deps, convert,
    domain::{Institution, Known},
    store::institutions,
};

/// The whole record, decisions that take effect later included: this is the
/// register itself, for those who keep it or are in it.
pub async fn get(
    deps: &Deps,
    caller: &Caller,
    ask: pb::GetInstitutionRequest,
) -> Result<pb::GetInstitutionResponse> {
    let (named, id) = convert::institution_named("name", &ask.name)?;
    let tenant = caller.tenant_for(&named)?;
    let tx = deps.db.read(tenant).await?;
    let stored = institutions::reach(&tx, caller, id, &ask.name).await?;
    Ok(pb::GetInstitutionResponse {
        institution: Some(convert::institution(stored.institution)),
    })
}

/// The open list, as of today: institutions of the county, without those elsewhere that its children
/// attend. An institution's record holds nothing personal; its reference, by which claims are found, is not for
/// everybody.
pub async fn list(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ListInstitutionsRequest,
) -> Result<pb::ListInstitutionsResponse> {
    let tenant = caller.tenant_for(&convert::county("parent", &ask.parent)?)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let today = deps.clock.today();
    let tx = deps.db.read(tenant).await?;
    let (rows, next_page_token) = institutions::list(&tx, today, &page).await?;
    let known = rows
        .into_iter()
        .filter(|it| divisions::is_served(it.township))
        .filter_map(|it| it.known_by(today));
    Ok(pb::ListInstitutionsResponse {
        institutions: known.map(open).collect(),
        next_page_token,
    })
}

/// As everybody may see it.
fn open(institution: Institution) -> pb::Institution {
    pb::Institution {
        institution_ref: String::new(),
        ..convert::institution(institution)
    }
}
