//! The audit record of every service, for supervision. Each service is asked
//! about its own chain, the gateway too, in the same words.

use yuhui_kernel::Tenant;
use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry},
    refusal::not_found,
};
use yuhui_proto::{audit::v1 as pb, authz::v1::Reach, internal::v1 as internal};

use crate::{NAME, clients::trails, context::Context, proxy::SERVICES};

/// Entries of a chain.
pub async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListEntriesRequest,
) -> Result<pb::ListEntriesResponse> {
    admit(caller, &ask.parent, &ask.service)?;
    note(context, caller, &ask.parent, &ask.service).await?;
    let service = ask.service.clone();
    let query = internal::ListTrailEntriesRequest { query: Some(ask) };
    let found = trails::list(context, caller, &service, query).await?;
    Ok(pb::ListEntriesResponse {
        entries: found.entries,
        next_page_token: found.next_page_token,
    })
}

/// Recomputes a page of chains.
pub async fn verify(
    context: &Context,
    caller: &Caller,
    ask: pb::VerifyChainRequest,
) -> Result<pb::VerifyChainResponse> {
    admit(caller, &ask.parent, &ask.service)?;
    // Noted once: a note for each page would make the chain longer while it is verified.
    if ask.page_token.is_empty() {
        note(context, caller, &ask.parent, &ask.service).await?;
    }
    let query = internal::VerifyTrailRequest {
        parent: ask.parent,
        page_size: ask.page_size,
        page_token: ask.page_token,
    };
    let answer = trails::verify(context, caller, &ask.service, query).await?;
    Ok(answer.result.unwrap_or_default())
}

/// The caller's reach covers the chain.
fn admit(caller: &Caller, parent: &str, service: &str) -> Result<()> {
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
    Ok(())
}

/// That somebody reads a chain is recorded.
async fn note(context: &Context, caller: &Caller, parent: &str, service: &str) -> Result<()> {
    let tx = context.db.begin_global().await?;
    let entry = Entry::new("audit.read", format!("{parent}/services/{service}"));
    audit::record(&tx, caller, context.clock.now(), entry).await?;
    tx.commit().await
}
