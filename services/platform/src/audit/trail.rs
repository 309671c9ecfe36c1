//! `AuditTrailService`: a service's own chain, shown to the gateway, which
//! shows it to supervision.

use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tonic::{Request, Response, Status};
use yuhui_proto::audit::v1::{
    self as pb,
    audit_trail_service_server::{AuditTrailService, AuditTrailServiceServer},
};

use super::{Record, entry, verify};
use crate::{
    Result,
    caller::{self, Caller},
    db::{Database, Tenancy, Tx},
    paging::Page,
    refusal::not_found,
};

/// Serves the chain kept in one database.
pub struct Trail(Database);

impl Trail {
    /// The gRPC service, to be added to a service's routes.
    #[must_use]
    pub fn server(db: Database) -> AuditTrailServiceServer<Self> {
        AuditTrailServiceServer::new(Self(db))
    }

    async fn list(&self, caller: &Caller, query: pb::ListEntriesRequest) -> Result<Found> {
        let page = Page::parse(query.page_size, &query.page_token)?;
        let after: i64 = page.key(|it| it.parse().ok())?.unwrap_or(0);
        let tx = self.open(caller, &query.parent).await?;
        let mut rows = tx
            .find::<entry::Entity>()
            .filter(entry::Column::Seq.gt(after))
            .order_by_asc(entry::Column::Seq)
            .limit(page.limit());
        if !query.object.is_empty() {
            rows = rows.filter(entry::Column::Object.eq(query.object));
        }
        let rows = rows.all(tx.connection()).await?;
        Ok(page.cut(rows, |row| row.seq.to_string()))
    }

    async fn verify(&self, caller: &Caller, parent: &str) -> Result<pb::VerifyChainResponse> {
        let report = verify(&self.open(caller, parent).await?).await?;
        Ok(pb::VerifyChainResponse {
            whole: report.broken.is_none(),
            entries: report.entries,
            first_broken_sequence: report.broken.map_or(0, |it| it.seq),
            head_hash: report.head,
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

#[tonic::async_trait]
impl AuditTrailService for Trail {
    async fn list_trail_entries(
        &self,
        request: Request<pb::ListTrailEntriesRequest>,
    ) -> Result<Response<pb::ListTrailEntriesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let (rows, next_page_token) = self.list(&caller, ask.query.unwrap_or_default()).await?;
        let entries = rows.into_iter().map(shown).collect();
        Ok(Response::new(pb::ListTrailEntriesResponse {
            entries,
            next_page_token,
        }))
    }

    async fn verify_trail(
        &self,
        request: Request<pb::VerifyTrailRequest>,
    ) -> Result<Response<pb::VerifyTrailResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let result = self.verify(&caller, &ask.parent).await?;
        Ok(Response::new(pb::VerifyTrailResponse {
            result: Some(result),
        }))
    }
}

fn shown(row: Record) -> pb::Entry {
    let actor = match row.actor.strip_prefix("service:") {
        Some(service) => service.to_owned(),
        None if row.actor.is_empty() => String::new(),
        None => format!("accounts/{}", row.actor),
    };
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
    }
}

fn moment(at: &str) -> Option<prost_types::Timestamp> {
    let at = OffsetDateTime::parse(at, &Rfc3339).ok()?;
    Some(prost_types::Timestamp {
        seconds: at.unix_timestamp(),
        nanos: i32::try_from(at.nanosecond()).ok()?,
    })
}
