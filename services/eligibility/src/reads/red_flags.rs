//! Red flags: what whoever watches should look at. They refuse nothing.

use std::collections::BTreeSet;

use yuhui_platform::{
    Result,
    caller::Caller,
    db::{Tenancy, Tx},
    paging::Page,
};
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    context::Context,
    names::{self, ALL_COUNTIES},
    store::{self, accounts::StatedAccount},
};

pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListSharedAccountsRequest,
) -> Result<pb::ListSharedAccountsResponse> {
    let tenancy = match ask.parent.as_str() {
        ALL_COUNTIES => caller.tenancy(),
        one => names::parse_parent(caller, one)?.into(),
    };
    let county = match &tenancy {
        Tenancy::One(county) => Some(county.as_str()),
        Tenancy::City | Tenancy::All => None,
    };
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = context.db.read(tenancy).await?;
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
