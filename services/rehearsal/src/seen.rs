//! What is approved is what was looked at: its etag, as whoever approves it reads it.

use tonic::Status;
use yuhui_proto::eligibility::v1::{
    GetCaseRequest, GetRosterRequest, case_service_client::CaseServiceClient,
    roster_service_client::RosterServiceClient,
};

use super::offices::{Desk, at};

/// Of a case.
pub(super) async fn case_etag(desk: &Desk, name: String) -> Result<String, Status> {
    let ask = GetCaseRequest { name };
    let seen = at!(desk, CaseServiceClient.get_case, ask)?.case;
    Ok(seen.unwrap_or_default().etag)
}

/// Of a roster.
pub(super) async fn roster_etag(desk: &Desk, name: &str) -> Result<String, Status> {
    let ask = GetRosterRequest { name: name.into() };
    let seen = at!(desk, RosterServiceClient.get_roster, ask)?.roster;
    Ok(seen.unwrap_or_default().etag)
}
