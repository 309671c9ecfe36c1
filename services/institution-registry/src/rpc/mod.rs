//! The contracts: each request is an act or a read.

mod facts;
mod inspections;
mod institutions;

use tonic::service::Routes;
use yuhui_platform::audit;
use yuhui_proto::{
    institution::v1::{
        inspection_service_server::InspectionServiceServer,
        institution_service_server::InstitutionServiceServer,
        use_report_service_server::UseReportServiceServer,
    },
    internal::v1::institution_facts_service_server::InstitutionFactsServiceServer,
};

use self::{
    facts::Facts,
    inspections::{Inspections, UseReports},
    institutions::Institutions,
};
use crate::Deps;

/// The register of a county, and what decisions ask for.
pub fn routes(mut deps: Deps) -> Routes {
    deps.db = deps.db.keyed(deps.vault.clone());
    let trail = audit::Trail::server(deps.db.clone());
    Routes::new(InstitutionServiceServer::new(Institutions(deps.clone())))
        .add_service(InspectionServiceServer::new(Inspections(deps.clone())))
        .add_service(UseReportServiceServer::new(UseReports(deps.clone())))
        .add_service(InstitutionFactsServiceServer::new(Facts(deps)))
        .add_service(trail)
}
