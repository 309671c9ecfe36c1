//! The audit trail of each service, and the gateway's own, asked in the same words.

use tonic::{Request, service::interceptor::InterceptedService};
use yuhui_platform::{
    Caller, Result,
    audit::Trail,
    peers::{Bearer, Line},
};
use yuhui_proto::internal::v1::{self as pb, audit_trail_service_client::AuditTrailServiceClient};

use crate::{NAME, context::Context};

/// Entries of the chain that `service` keeps.
pub async fn list(
    context: &Context,
    caller: &Caller,
    service: &str,
    query: pb::ListTrailEntriesRequest,
) -> Result<pb::ListTrailEntriesResponse> {
    let answer = if service == NAME {
        let mut own = AuditTrailServiceClient::new(Trail::server(context.db.clone()));
        own.list_trail_entries(inside(caller, query)).await?
    } else {
        let mut other = AuditTrailServiceClient::new(channel(context, caller, service)?);
        other.list_trail_entries(query).await?
    };
    Ok(answer.into_inner())
}

/// Whether the chain that `service` keeps is whole.
pub async fn verify(
    context: &Context,
    caller: &Caller,
    service: &str,
    query: pb::VerifyTrailRequest,
) -> Result<pb::VerifyTrailResponse> {
    let answer = if service == NAME {
        let mut own = AuditTrailServiceClient::new(Trail::server(context.db.clone()));
        own.verify_trail(inside(caller, query)).await?
    } else {
        let mut other = AuditTrailServiceClient::new(channel(context, caller, service)?);
        other.verify_trail(query).await?
    };
    Ok(answer.into_inner())
}

/// Chains are shown to the gateway, which speaks for the caller.
fn channel(
    context: &Context,
    caller: &Caller,
    service: &str,
) -> Result<InterceptedService<Line, Bearer>> {
    context.peers.call(service, &caller.clone().through(NAME))
}

/// A request of the gateway to itself, which passes no other guard.
fn inside<T>(caller: &Caller, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(caller.clone());
    request
}
