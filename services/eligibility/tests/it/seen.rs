//! What is approved is what was seen.

use yuhui_proto::{authz::v1::Role, eligibility::v1 as pb};

use crate::harness::{COUNTY, World};

/// Acts that approve what was seen: unless told otherwise, the case as it stands.
pub const APPROVALS: [&str; 9] = [
    "sign_case",
    "confirm_case",
    "resolve_referral",
    "approve_rejection",
    "approve_termination",
    "approve_account_correction",
    "approve_fraud_finding",
    "resolve_inquiry",
    "release_hold",
];

impl World {
    /// Etag of a case as its county sees it; of none, one that is nobody's.
    pub async fn etag(&self, name: &str) -> String {
        let county = name.split('/').nth(1).unwrap_or(COUNTY);
        let maker = self.at(Role::CountyHealthReviewer, county);
        let seen = self.look_as(&maker, name).await;
        seen.map_or_else(|_| "r0".into(), |it| it.etag)
    }

    /// Etag of a roster as the city sees it.
    pub async fn roster_etag(&self, name: &str) -> String {
        let ask = pb::GetRosterRequest { name: name.into() };
        let seen = self.registrar().rosters().get_roster(ask).await;
        let seen = seen.ok().and_then(|it| it.into_inner().roster);
        seen.map_or_else(|| "r0".into(), |it| it.etag)
    }
}
