//! What may be paid today, for the disbursement service.

use tonic::{Request, Response, Status};
use yuhui_platform::{
    Result,
    caller::{self, Caller},
};
use yuhui_proto::eligibility::v1::{self as pb, clearance_service_server::ClearanceService};

use crate::{
    desk::{self, Desk},
    store,
};

/// The service.
pub(crate) struct Clearance(pub(crate) Desk);

#[tonic::async_trait]
impl ClearanceService for Clearance {
    async fn list_cleared_cases(
        &self,
        request: Request<pb::ListClearedCasesRequest>,
    ) -> Result<Response<pb::ListClearedCasesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(cleared(&self.0, &caller, ask).await?))
    }
}

async fn cleared(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ListClearedCasesRequest,
) -> Result<pb::ListClearedCasesResponse> {
    let tenant = desk::parse_parent(caller, &ask.parent)?;
    let tx = desk.db.read(tenant).await?;
    let cases = store::cases::cleared(&tx, ask.round, desk.today()).await?;
    let cases = cases
        .into_iter()
        .filter(|it| it.case.proposal.is_none())
        .map(|it| it.case.name())
        .collect();
    Ok(pb::ListClearedCasesResponse { cases })
}
