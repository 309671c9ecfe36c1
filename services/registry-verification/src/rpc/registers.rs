//! `RegisterService`: the departments bring their registers up to date.

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::registry::v1::{self as pb, register_service_server::RegisterService};

use crate::{
    Deps,
    acts::import::{births, civil_affairs, national_payments, population},
};

/// Serves the imports.
pub struct Registry(pub Deps);

#[tonic::async_trait]
impl RegisterService for Registry {
    async fn import_population(
        &self,
        request: Request<pb::ImportPopulationRequest>,
    ) -> Result<Response<pb::ImportPopulationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            population::import(&self.0, &caller, ask).await?,
        ))
    }

    async fn import_civil_affairs(
        &self,
        request: Request<pb::ImportCivilAffairsRequest>,
    ) -> Result<Response<pb::ImportCivilAffairsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            civil_affairs::import(&self.0, &caller, ask).await?,
        ))
    }

    async fn import_births(
        &self,
        request: Request<pb::ImportBirthsRequest>,
    ) -> Result<Response<pb::ImportBirthsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(births::import(&self.0, &caller, ask).await?))
    }

    async fn import_national_payments(
        &self,
        request: Request<pb::ImportNationalPaymentsRequest>,
    ) -> Result<Response<pb::ImportNationalPaymentsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            national_payments::import(&self.0, &caller, ask).await?,
        ))
    }
}
