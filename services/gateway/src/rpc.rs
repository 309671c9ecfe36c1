//! The gateway's own services: request → domain → reply. Nothing else in the
//! gateway knows their messages.

mod accounts;
mod audit;
mod identity;
mod wire;

use std::sync::Arc;

use tonic::service::Routes;
use yuhui_platform::audit::Trail;
use yuhui_proto::{
    audit::v1::audit_service_server::AuditServiceServer,
    identity::v1::{
        account_service_server::AccountServiceServer,
        identity_service_server::IdentityServiceServer,
    },
};

use crate::door::Door;

/// The gateway's own services.
pub(crate) fn routes(door: &Arc<Door>) -> Routes {
    Routes::new(IdentityServiceServer::new(identity::Identity(door.clone())))
        .add_service(AccountServiceServer::new(accounts::Accounts(door.clone())))
        .add_service(AuditServiceServer::new(audit::Audit(door.clone())))
        .add_service(Trail::server(door.db.clone()))
}
