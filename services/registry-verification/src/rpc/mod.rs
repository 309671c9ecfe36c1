//! The contract: requests read field by field, acted on, answered.

mod answer;
mod facts;
mod import;
mod names;
mod people;
mod states;

use yuhui_proto::registry::v1::{
    register_service_server::RegisterServiceServer,
    register_state_service_server::RegisterStateServiceServer,
    verification_service_server::VerificationServiceServer,
};

use crate::Deps;

/// The registers, as the departments write them.
pub fn registers(deps: Deps) -> RegisterServiceServer<import::Registry> {
    RegisterServiceServer::new(import::Registry(deps))
}

/// The registers, as they stand.
pub fn states(deps: Deps) -> RegisterStateServiceServer<states::States> {
    RegisterStateServiceServer::new(states::States(deps))
}

/// The registers, as they answer.
pub fn verification(deps: Deps) -> VerificationServiceServer<answer::Verification> {
    VerificationServiceServer::new(answer::Verification(deps))
}
