//! Claims of families, as the village lodges them.

use time::Month;
use yuhui_kernel::{DivisionCode, Tenant};
use yuhui_platform::clock;
use yuhui_proto::{
    eligibility::v1::{
        BankAccount, Case, Claim, CreateCaseRequest, LodgeCaseRequest,
        case_service_client::CaseServiceClient,
    },
    types::v1::Programme,
};

use super::{gateway::Gateway, people};

/// A new idempotency key.
pub(crate) fn key() -> String {
    clock::fresh_id().to_string()
}

/// A claim for a second child, complete in itself. The registers know nobody
/// of this family: the rules will say so, and the claim can be lodged.
pub(crate) fn claim(village: DivisionCode, serial: u32) -> Claim {
    let day = u8::try_from(1 + serial / 1000 % 28).unwrap_or(1);
    Claim {
        programme: Programme::P1.into(),
        claimant_number: people::citizen((1993, Month::May, day), serial),
        child_number: people::citizen((2025, Month::March, day), serial),
        claimant_name: format!("申请人{serial}"),
        village: village.to_string(),
        account: Some(BankAccount {
            holder_name: format!("申请人{serial}"),
            // A passbook: no check digit.
            account_number: format!("1105{serial:012}"),
            bank_name: "包头农商银行".into(),
            corporate: false,
        }),
        truth_signed: true,
        ..Claim::default()
    }
}

/// Opens a case in `county`.
pub(crate) fn create(county: Tenant, claim: Claim) -> CreateCaseRequest {
    CreateCaseRequest {
        parent: format!("counties/{}", county.as_str()),
        claim: Some(claim),
        request_id: key(),
    }
}

/// Lodges `case` as it was last seen.
pub(crate) fn lodge(case: &Case) -> LodgeCaseRequest {
    LodgeCaseRequest {
        name: case.name.clone(),
        etag: case.etag.clone(),
        request_id: key(),
    }
}

/// Opens and lodges a case at the desk of a village clerk.
pub(crate) async fn lodged(clerk: &Gateway, county: Tenant, serial: u32) -> Case {
    let mut client = CaseServiceClient::new(clerk.call());
    let ask = create(county, claim(people::village_of(county), serial));
    let case = client.create_case(ask).await.expect("created").into_inner();
    let ask = lodge(&case.case.expect("a case"));
    let case = client.lodge_case(ask).await.expect("lodged").into_inner();
    case.case.expect("a case")
}
