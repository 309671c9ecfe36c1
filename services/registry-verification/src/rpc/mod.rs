//! The contracts: each request is an act or a read.

mod registers;
mod states;
mod verification;

use tonic::service::Routes;
use yuhui_platform::audit;
use yuhui_proto::{
    internal::v1::verification_service_server::VerificationServiceServer,
    registry::v1::{
        register_service_server::RegisterServiceServer,
        register_state_service_server::RegisterStateServiceServer,
    },
};

use self::{registers::Registry, states::States, verification::Verification};
use crate::Deps;

/// The registers as the departments write them, as they stand, and as they answer.
pub fn routes(mut deps: Deps) -> Routes {
    deps.db = deps.db.keyed(deps.vault.clone());
    let trail = audit::Trail::server(deps.db.clone());
    Routes::new(RegisterServiceServer::new(Registry(deps.clone())))
        .add_service(RegisterStateServiceServer::new(States(deps.clone())))
        .add_service(VerificationServiceServer::new(Verification(deps)))
        .add_service(trail)
}
