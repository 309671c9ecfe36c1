//! RedFlagService: what whoever watches should look at. It refuses nothing.

use std::collections::BTreeSet;

use tonic::{Request, Response, Status};
use yuhui_platform::{
    Result,
    caller::{self, Caller},
    db::{Tenancy, Tx},
    paging::Page,
};
use yuhui_proto::eligibility::v1::{self as pb, red_flag_service_server::RedFlagService};

use crate::{
    desk::{self, Desk},
    store::{self, accounts::StatedAccount},
};

/// Every county, as far as the caller reaches.
const ALL: &str = "counties/-";

/// The service.
pub(crate) struct RedFlags(pub(crate) Desk);

#[tonic::async_trait]
impl RedFlagService for RedFlags {
    async fn list_shared_accounts(
        &self,
        request: Request<pb::ListSharedAccountsRequest>,
    ) -> Result<Response<pb::ListSharedAccountsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(list(&self.0, &caller, &ask).await?))
    }
}

async fn list(
    desk: &Desk,
    caller: &Caller,
    ask: &pb::ListSharedAccountsRequest,
) -> Result<pb::ListSharedAccountsResponse> {
    let tenancy = match ask.parent.as_str() {
        ALL => caller.tenancy(),
        one => desk::parse_parent(caller, one)?.into(),
    };
    let county = match &tenancy {
        Tenancy::One(county) => Some(county.as_str()),
        Tenancy::City | Tenancy::All => None,
    };
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = desk.db.read(tenancy).await?;
    let rows = store::accounts::flagged(&tx, county, page.after(), page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, StatedAccount::key);
    let mut accounts = Vec::with_capacity(rows.len());
    for row in rows {
        accounts.push(shown(&tx, county, row).await?);
    }
    Ok(pb::ListSharedAccountsResponse {
        accounts,
        next_page_token,
    })
}

/// A county learns in which counties the others are, and which cases if they are its own (SOD-7).
async fn shown(tx: &Tx, county: Option<&str>, row: StatedAccount) -> Result<pb::SharedAccount> {
    let mut others = store::accounts::of(tx, &row.account_ref).await?;
    others.retain(|it| row.is_of_another_family(it));
    let claimants: BTreeSet<&str> = others.iter().map(|it| it.claimant_ref.as_str()).collect();
    let counties: BTreeSet<&str> = others.iter().map(|it| it.county.as_str()).collect();
    let own = others
        .iter()
        .filter(|it| county.is_none_or(|county| it.county == county));
    Ok(pb::SharedAccount {
        other_claimants: i32::try_from(claimants.len()).unwrap_or(i32::MAX),
        other_counties: counties.into_iter().map(Into::into).collect(),
        other_cases: own.map(name).collect(),
        case: name(&row),
        account: row.account_ref,
        stated_on: row.stated_on,
        flagged_on: row.flagged_on,
    })
}

fn name(row: &StatedAccount) -> String {
    format!("counties/{}/cases/{}", row.county, row.case_id)
}
