//! What may be paid today, for the disbursement service.

use tonic::{Request, Response, Status};
use yuhui_platform::{
    Result,
    caller::{self, Caller},
    form::Form,
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
        Ok(Response::new(cleared(&self.0, &caller, &ask).await?))
    }
}

/// A proposal, a hold or a finding of fraud takes the clearance away, so that what is cleared may be
/// paid.
async fn cleared(
    desk: &Desk,
    caller: &Caller,
    ask: &pb::ListClearedCasesRequest,
) -> Result<pb::ListClearedCasesResponse> {
    let tenant = desk::parse_parent(caller, &ask.parent)?;
    let mut form = Form::default();
    let since = form.date_or_none("since_on", &ask.since_on).flatten();
    form.finish()?;
    let since = since.unwrap_or_else(|| desk.today());
    let tx = desk.db.read(tenant).await?;
    let ids = store::cases::cleared(&tx, ask.round, since).await?;
    let cases = ids
        .iter()
        .map(|id| format!("counties/{}/cases/{id}", tenant.as_str()))
        .collect();
    Ok(pb::ListClearedCasesResponse { cases })
}
