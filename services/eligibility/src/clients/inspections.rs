//! Inspections of nurseries on site (I3), as their register keeps them.

use tonic::Code;
use yuhui_platform::{Result, caller::Caller, peers::answered};
use yuhui_proto::internal::v1::{
    FindSignedInspectionRequest, FindSignedInspectionResponse,
    institution_facts_service_client::InstitutionFactsServiceClient,
};

use crate::{context::Context, domain::Case, names::INSTITUTIONS};

/// The signed inspection of that name, if it is of the case's institution.
pub(crate) async fn signed(
    context: &Context,
    caller: &Caller,
    case: &Case,
    name: &str,
) -> Result<Option<FindSignedInspectionResponse>> {
    let mut client = InstitutionFactsServiceClient::new(context.peers.call(INSTITUTIONS, caller)?);
    let request = FindSignedInspectionRequest {
        name: name.into(),
        institution_ref: case.subject_ref.clone(),
    };
    match client.find_signed_inspection(request).await {
        Err(status) if status.code() == Code::NotFound => Ok(None),
        reply => answered(INSTITUTIONS, reply).map(Some),
    }
}
