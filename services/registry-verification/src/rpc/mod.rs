//! The contract: requests read field by field, acted on, answered.

mod answer;
mod facts;
mod import;
mod names;
mod people;

use yuhui_proto::registry::v1::{
    register_service_server::RegisterServiceServer,
    verification_service_server::VerificationServiceServer,
};

use crate::Deps;

/// The registers, as the departments write them.
pub fn registers(deps: Deps) -> RegisterServiceServer<import::Registry> {
    RegisterServiceServer::new(import::Registry(deps))
}

/// The registers, as they answer.
pub fn verification(deps: Deps) -> VerificationServiceServer<answer::Verification> {
    VerificationServiceServer::new(answer::Verification(deps))
}
