//! Shares owed and received.

use yuhui_kernel::Tenant;
use yuhui_platform::{Caller, Result, db::Tenancy, refusal::not_found};
use yuhui_proto::{authz::v1::Reach, funding::v1 as pb};

use super::{Handlers, ask, show};
use crate::store::reading;

impl Handlers {
    /// Shares of one county, or of all for whoever reaches all.
    pub async fn shares(
        &self,
        caller: &Caller,
        parent: &str,
        round: i32,
    ) -> Result<Vec<pb::Share>> {
        let tenancy = match parent {
            "counties/-" if caller.reach == Reach::AllTenants => Tenancy::All,
            "counties/-" => return Err(not_found(parent).into()),
            _ => ask::county(caller, parent)?.into(),
        };
        let tx = self.0.db.read(tenancy).await?;
        let only = (round != 0).then_some(round);
        let rounds = reading::rounds(&tx, only).await?.into_iter();
        let of_counties = rounds.filter(|(code, _, _)| Tenant::parse(code).is_ok());
        Ok(of_counties
            .map(|(county, round, book)| show::share(county, round, &book))
            .collect())
    }
}
