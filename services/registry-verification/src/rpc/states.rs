//! `RegisterStateService`: how the registers stand.

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::registry::v1::{self as pb, register_state_service_server::RegisterStateService};

use crate::{Deps, acts::state, reads::states};

/// Serves the states.
pub struct States(pub Deps);

#[tonic::async_trait]
impl RegisterStateService for States {
    async fn set_register_state(
        &self,
        request: Request<pb::SetRegisterStateRequest>,
    ) -> Result<Response<pb::SetRegisterStateResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(state::set(&self.0, &caller, &ask).await?))
    }

    async fn list_register_states(
        &self,
        request: Request<pb::ListRegisterStatesRequest>,
    ) -> Result<Response<pb::ListRegisterStatesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(states::list(&self.0, &caller, &ask).await?))
    }
}
