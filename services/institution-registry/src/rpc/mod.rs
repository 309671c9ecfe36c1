//! The contracts: each request is an act or a read.

mod facts;
mod institutions;

use tonic::service::Routes;
use yuhui_platform::audit;
use yuhui_proto::institution::v1::{
    institution_facts_service_server::InstitutionFactsServiceServer,
    institution_service_server::InstitutionServiceServer,
};

use self::{facts::Facts, institutions::Institutions};
use crate::Deps;

/// The register of a county, and what decisions ask for.
pub fn routes(mut deps: Deps) -> Routes {
    deps.db = deps.db.keyed(deps.vault.clone());
    let trail = audit::Trail::server(deps.db.clone());
    Routes::new(InstitutionServiceServer::new(Institutions(deps.clone())))
        .add_service(InstitutionFactsServiceServer::new(Facts(deps)))
        .add_service(trail)
}
