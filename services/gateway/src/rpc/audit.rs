//! The audit record of every service, for supervision. Each service is asked
//! about its own chain, the gateway too, in the same words.

use std::sync::Arc;

use tonic::{Request, Response, Status, service::interceptor::InterceptedService};
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry, Trail},
    caller,
    peers::{Bearer, Line},
    refusal::not_found,
};
use yuhui_proto::{
    audit::v1::{
        self as pb, audit_service_server::AuditService,
        audit_trail_service_client::AuditTrailServiceClient,
    },
    authz::v1::Reach,
};

use crate::{NAME, door::Door, proxy::SERVICES};

/// Serves `AuditService`.
pub(super) struct Audit(pub(super) Arc<Door>);

#[tonic::async_trait]
impl AuditService for Audit {
    async fn list_entries(
        &self,
        request: Request<pb::ListEntriesRequest>,
    ) -> Result<Response<pb::ListEntriesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.list(&caller, ask).await?))
    }

    async fn verify_chain(
        &self,
        request: Request<pb::VerifyChainRequest>,
    ) -> Result<Response<pb::VerifyChainResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.verify(&caller, ask).await?))
    }
}

impl Audit {
    async fn list(
        &self,
        caller: &Caller,
        ask: pb::ListEntriesRequest,
    ) -> Result<pb::ListEntriesResponse> {
        self.admit(caller, &ask.parent, &ask.service).await?;
        let service = ask.service.clone();
        let query = pb::ListTrailEntriesRequest { query: Some(ask) };
        let answer = if service == NAME {
            let mut own = AuditTrailServiceClient::new(Trail::server(self.0.db.clone()));
            own.list_trail_entries(inside(caller, query)).await?
        } else {
            let mut other = AuditTrailServiceClient::new(self.channel(caller, &service)?);
            other.list_trail_entries(query).await?
        };
        let found = answer.into_inner();
        Ok(pb::ListEntriesResponse {
            entries: found.entries,
            next_page_token: found.next_page_token,
        })
    }

    async fn verify(
        &self,
        caller: &Caller,
        ask: pb::VerifyChainRequest,
    ) -> Result<pb::VerifyChainResponse> {
        self.admit(caller, &ask.parent, &ask.service).await?;
        let query = pb::VerifyTrailRequest { parent: ask.parent };
        let answer = if ask.service == NAME {
            let mut own = AuditTrailServiceClient::new(Trail::server(self.0.db.clone()));
            own.verify_trail(inside(caller, query)).await?
        } else {
            let mut other = AuditTrailServiceClient::new(self.channel(caller, &ask.service)?);
            other.verify_trail(query).await?
        };
        Ok(answer.into_inner().result.unwrap_or_default())
    }

    /// Chains are shown to the gateway, which speaks for the caller.
    fn channel(&self, caller: &Caller, service: &str) -> Result<InterceptedService<Line, Bearer>> {
        self.0.peers.call(service, &caller.clone().through(NAME))
    }

    /// The caller's reach covers the chain; that he reads it is recorded.
    async fn admit(&self, caller: &Caller, parent: &str, service: &str) -> Result<()> {
        match parent.strip_prefix("counties/") {
            Some("-") if caller.reach == Reach::AllTenants => {}
            Some(county) => {
                let tenant = Tenant::parse(county).map_err(|_| not_found(parent))?;
                caller.tenant_for(&tenant)?;
            }
            None => return Err(not_found(parent).into()),
        }
        if service != NAME && !SERVICES.iter().any(|(_, name)| *name == service) {
            return Err(not_found(format!("services/{service}")).into());
        }
        let tx = self.0.db.begin_global().await?;
        let entry = Entry::new("audit.read", format!("{parent}/services/{service}"));
        audit::record(&tx, caller, self.0.clock.now(), entry).await?;
        tx.commit().await
    }
}

/// A request of the gateway to itself, which passes no other guard.
fn inside<T>(caller: &Caller, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(caller.clone());
    request
}
