//! The gateway's own services: each request is an act or a read.

mod accounts;
mod audit;
mod break_glass;
mod delegations;
mod identity;
mod operations;

use std::sync::Arc;

use tonic::service::Routes;
use yuhui_platform::audit::Trail;
use yuhui_proto::{
    audit::v1::audit_service_server::AuditServiceServer,
    identity::v1::{
        account_service_server::AccountServiceServer,
        break_glass_service_server::BreakGlassServiceServer,
        delegation_service_server::DelegationServiceServer,
        identity_service_server::IdentityServiceServer,
    },
    operations::v1::operation_service_server::OperationServiceServer,
};

use crate::context::Context;

/// The gateway's own services.
pub(crate) fn routes(context: &Arc<Context>) -> Routes {
    Routes::new(IdentityServiceServer::new(identity::Identity(
        context.clone(),
    )))
    .add_service(AccountServiceServer::new(accounts::Accounts(
        context.clone(),
    )))
    .add_service(DelegationServiceServer::new(delegations::Delegations(
        context.clone(),
    )))
    .add_service(BreakGlassServiceServer::new(break_glass::BreakGlass(
        context.clone(),
    )))
    .add_service(AuditServiceServer::new(audit::Audit(context.clone())))
    .add_service(OperationServiceServer::new(operations::Operations::new(
        &context.peers,
    )))
    .add_service(Trail::server(context.db.clone()))
}
