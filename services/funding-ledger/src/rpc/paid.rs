//! `PaidService`: what was credited.

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::internal::v1::{self as pb, paid_service_server::PaidService};

use crate::{Deps, reads::paid};

/// Serves what was credited.
pub struct Paid(pub Deps);

#[tonic::async_trait]
impl PaidService for Paid {
    async fn sum_paid(
        &self,
        request: Request<pb::SumPaidRequest>,
    ) -> Result<Response<pb::SumPaidResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(paid::paid(&self.0, &caller, &ask).await?))
    }
}
