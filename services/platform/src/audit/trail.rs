//! `AuditTrailService`: a service's own chains, shown to the gateway, which
//! shows them to supervision.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tonic::{Request, Response, Status};
use yuhui_proto::{
    audit::v1 as pb,
    internal::v1::{
        self as internal, audit_trail_service_server::AuditTrailService,
        audit_trail_service_server::AuditTrailServiceServer,
    },
};

use super::{ACTS, ChainReport, Place, Reached, Record, page, verify_after};
use crate::{
    Result,
    caller::{self, Caller},
    db::{Database, Tenancy, Tx},
    paging::{self, Page},
    refusal::not_found,
};

/// Entries of chains that one call verifies, and at most.
const VERIFIED_AT_ONCE: u64 = 20_000;

/// Serves the chains kept in one database.
pub struct Trail(Database);

impl Trail {
    /// The gRPC service, to be added to a service's routes.
    #[must_use]
    pub fn server(db: Database) -> AuditTrailServiceServer<Self> {
        AuditTrailServiceServer::new(Self(db))
    }

    async fn list(&self, caller: &Caller, query: pb::ListEntriesRequest) -> Result<Found> {
        let asked = Page::parse(query.page_size, &query.page_token)?;
        let after = asked.key(place)?;
        let tx = self.open(caller, &query.parent).await?;
        let object = Some(query.object.as_str()).filter(|it| !it.is_empty());
        let rows = page(&tx, object, after, asked.limit()).await?;
        Ok(asked.cut(rows, |row| format!("{}.{}", row.chain, row.seq)))
    }

    async fn verify(
        &self,
        caller: &Caller,
        ask: internal::VerifyTrailRequest,
    ) -> Result<pb::VerifyChainResponse> {
        let from = Page::parse(0, &ask.page_token)?.key(reached)?;
        let limit = match u64::try_from(ask.page_size) {
            Ok(0) | Err(_) => VERIFIED_AT_ONCE,
            Ok(asked) => asked.min(VERIFIED_AT_ONCE),
        };
        let tx = self.open(caller, &ask.parent).await?;
        let page = verify_after(&tx, from, limit).await?;
        let reports = page.reports;
        let broken = reports.iter().find_map(|it| it.broken.as_ref());
        Ok(pb::VerifyChainResponse {
            whole: broken.is_none(),
            entries: i64::try_from(page.entries).unwrap_or(i64::MAX),
            next_page_token: page.next.map_or_else(String::new, token),
            first_broken_sequence: broken.map_or(0, |it| it.seq),
            head_hash: reports
                .iter()
                .find(|it| it.chain == ACTS)
                .map_or_else(String::new, |it| it.head.clone()),
            chains: reports.into_iter().map(reported).collect(),
        })
    }

    /// `counties/{county}`, or `counties/-` for what belongs to no county.
    async fn open(&self, caller: &Caller, parent: &str) -> Result<Tx> {
        let tenancy = match parent.strip_prefix("counties/") {
            Some("-") => Tenancy::City,
            Some(code) => match Tenancy::named(code)? {
                Tenancy::One(tenant) => caller.tenant_for(&tenant)?.into(),
                _ => return Err(not_found(parent).into()),
            },
            None => return Err(not_found(parent).into()),
        };
        self.0.read(tenancy).await
    }
}

type Found = (Vec<Record>, String);

/// The place a page token names.
fn place(token: &str) -> Option<Place> {
    let (chain, seq) = token.split_once('.')?;
    Some((chain.parse().ok()?, seq.parse().ok()?))
}

/// The token of a place.
fn token(at: Reached) -> String {
    paging::token(&format!("{}.{}.{}", at.chain, at.seq, at.hash))
}

/// The place a token of [`token`] names.
fn reached(token: &str) -> Option<Reached> {
    let (place, hash) = token.rsplit_once('.')?;
    let (chain, seq) = self::place(place)?;
    Some(Reached {
        chain,
        seq,
        hash: hash.into(),
    })
}

fn reported(report: ChainReport) -> pb::Chain {
    pb::Chain {
        chain: report.chain.into(),
        whole: report.broken.is_none(),
        entries: report.entries,
        first_broken_sequence: report.broken.map_or(0, |it| it.seq),
        head_hash: report.head,
    }
}

#[tonic::async_trait]
impl AuditTrailService for Trail {
    async fn list_trail_entries(
        &self,
        request: Request<internal::ListTrailEntriesRequest>,
    ) -> Result<Response<internal::ListTrailEntriesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let (rows, next_page_token) = self.list(&caller, ask.query.unwrap_or_default()).await?;
        let entries = rows.into_iter().map(shown).collect();
        Ok(Response::new(internal::ListTrailEntriesResponse {
            entries,
            next_page_token,
        }))
    }

    async fn verify_trail(
        &self,
        request: Request<internal::VerifyTrailRequest>,
    ) -> Result<Response<internal::VerifyTrailResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let result = self.verify(&caller, ask).await?;
        Ok(Response::new(internal::VerifyTrailResponse {
            result: Some(result),
        }))
    }
}

fn shown(row: Record) -> pb::Entry {
    let actor = caller::actor(&row.actor);
    pb::Entry {
        sequence: row.seq,
        time: moment(&row.at),
        actor,
        role: row.role,
        unit: row.unit,
        remote: row.remote.unwrap_or_default(),
        action: row.action,
        object: row.object,
        before: row.before.unwrap_or_default(),
        after: row.after.unwrap_or_default(),
        reason: row.reason,
        previous_hash: row.previous,
        hash: row.hash,
        chain: row.chain.into(),
        actor_name: row.name,
    }
}

fn moment(at: &str) -> Option<prost_types::Timestamp> {
    let at = OffsetDateTime::parse(at, &Rfc3339).ok()?;
    Some(prost_types::Timestamp {
        seconds: at.unix_timestamp(),
        nanos: i32::try_from(at.nanosecond()).ok()?,
    })
}
