//! `OperationService` of one service.

use std::{
    pin::Pin,
    time::{Duration, UNIX_EPOCH},
};

use futures::{Stream, stream};

use tokio::time::{Instant, sleep, sleep_until};
use tonic::{Request, Response, Status};
use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_proto::{
    authz::v1::{Level, Power},
    operations::v1::{
        self as pb,
        item::Outcome,
        operation::State,
        operation_service_server::{OperationService, OperationServiceServer},
    },
};

use super::{Operations, asker::Asker, rows};
use crate::{
    Error, Result,
    act::OpenAct,
    audit::Entry,
    caller::{self, Caller},
    context,
    db::Tenancy,
    idempotency::Key,
    paging::Page,
    refusal::not_found,
    unless_answered,
};

/// How long a wait lasts at most, and how often it looks.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(100);
/// How often a watch looks.
const WATCH: Duration = Duration::from_millis(500);
/// How long a watch lasts at most, and how long it is over before a call must be.
const LONGEST_WATCH: Duration = Duration::from_secs(30);
const BEFORE_THE_END: Duration = Duration::from_millis(200);

/// An operation as it is shown.
pub(super) fn shown(operations: &Operations, row: &rows::Row) -> Result<pb::Operation> {
    let tenancy = Tenancy::named(&row.tenant)?;
    let id = row.id.parse().map_err(anyhow::Error::from)?;
    let asker: Asker = serde_json::from_str(&row.caller)?;
    let state = match row.state.as_str() {
        rows::RUNNING => State::Running,
        rows::CANCELLING => State::Cancelling,
        rows::DONE => State::Done,
        rows::FAILED => State::Failed,
        rows::CANCELLED => State::Cancelled,
        other => return Err(Error::fault(format!("an operation is `{other}`"))),
    };
    Ok(pb::Operation {
        name: operations.name(tenancy, id),
        method: row.method.clone(),
        object: row.object.clone(),
        state: state.into(),
        asked_by: caller::actor(asker.account()),
        total: row.total,
        done: row.done,
        failed: row.failed,
        skipped: row.skipped,
        changed: row.changed,
        revision: row.revision,
        reason: row.reason.clone(),
        message: row.message.clone(),
        create_time: time(row.created),
        update_time: time(row.updated),
    })
}

fn outcome(kept: &str) -> Outcome {
    match super::Outcome::parse(kept) {
        Some(super::Outcome::Failed) => Outcome::Failed,
        Some(super::Outcome::Skipped) => Outcome::Skipped,
        Some(super::Outcome::Changed) => Outcome::Changed,
        None => Outcome::Unspecified,
    }
}

/// A moment in milliseconds since 1970.
fn time(millis: i64) -> Option<prost_types::Timestamp> {
    let since = Duration::from_millis(u64::try_from(millis).ok()?);
    Some((UNIX_EPOCH + since).into())
}

impl Operations {
    /// The gRPC service, to be added to the routes of whoever has operations.
    #[must_use]
    pub fn server(self) -> OperationServiceServer<Self> {
        OperationServiceServer::new(self)
    }

    /// The county of `counties/{county}/services/{service}`, if it is this service and the caller
    /// reaches it.
    fn county(&self, caller: &Caller, parent: &str) -> Option<Tenant> {
        let (code, service) = parent.strip_prefix("counties/")?.split_once("/services/")?;
        let tenant = Tenant::parse(code).ok()?;
        let is_shown = self.has_finance || caller.power() != Power::Funds;
        (service == self.service && is_shown).then_some(caller.tenant_for(&tenant).ok()?)
    }

    /// The county and id of an operation that the caller reaches. Another's does not exist, in the words
    /// of what was never there.
    fn parse(&self, caller: &Caller, name: &str) -> Result<(Tenant, Uuid)> {
        let parts = name.rsplit_once("/operations/");
        let known = parts.and_then(|(parent, id)| {
            let tenant = self.county(caller, parent)?;
            Some((tenant, id.parse().ok()?))
        });
        known.ok_or_else(|| not_found(name).into())
    }

    async fn row(&self, caller: &Caller, name: &str) -> Result<rows::Row> {
        let (tenant, id) = self.parse(caller, name)?;
        let tx = self.db.read(tenant).await?;
        let row = rows::get(&tx, id).await?;
        row.ok_or_else(|| not_found(name).into())
    }

    async fn list(
        &self,
        caller: &Caller,
        ask: pb::ListOperationsRequest,
    ) -> Result<pb::ListOperationsResponse> {
        let page = Page::parse(ask.page_size, &ask.page_token)?;
        let tenant = self.county(caller, &ask.parent);
        let tenant = tenant.ok_or_else(|| not_found(&ask.parent))?;
        let tx = self.db.read(tenant).await?;
        let rows = rows::list(&tx, page.after(), ask.unfinished, page.limit()).await?;
        let (rows, next_page_token) = page.cut(rows, |it| it.id.clone());
        let operations = rows.iter().map(|it| shown(self, it));
        Ok(pb::ListOperationsResponse {
            operations: operations.collect::<Result<_>>()?,
            next_page_token,
        })
    }

    async fn items(
        &self,
        caller: &Caller,
        ask: pb::ListOperationItemsRequest,
    ) -> Result<pb::ListOperationItemsResponse> {
        let page = Page::parse(ask.page_size, &ask.page_token)?;
        let after = page.key(|it| it.parse().ok())?.unwrap_or_default();
        let (tenant, id) = self.parse(caller, &ask.parent)?;
        let tx = self.db.read(tenant).await?;
        if rows::get(&tx, id).await?.is_none() {
            return Err(not_found(ask.parent).into());
        }
        let rows = rows::items(&tx, id, after, page.limit()).await?;
        let (rows, next_page_token) = page.cut(rows, |it| it.sequence.to_string());
        let items = rows.into_iter().map(|it| pb::Item {
            name: it.name,
            outcome: outcome(&it.outcome).into(),
            reason: it.reason,
        });
        Ok(pb::ListOperationItemsResponse {
            items: items.collect(),
            next_page_token,
        })
    }

    async fn wait(&self, caller: &Caller, ask: pb::WaitOperationRequest) -> Result<rows::Row> {
        let wanted = match u64::try_from(ask.timeout_ms) {
            Ok(0) | Err(_) => LONGEST_WAIT,
            Ok(millis) => Duration::from_millis(millis).min(LONGEST_WAIT),
        };
        let until = Instant::now() + wanted;
        loop {
            let row = self.row(caller, &ask.name).await?;
            let is_news = ask.revision > 0 && row.revision > ask.revision;
            if !row.is_open() || is_news || Instant::now() >= until {
                return Ok(row);
            }
            sleep(LOOK).await;
        }
    }

    /// What becomes of an operation after `revision`, until it has ended or `until`.
    fn watch(
        self,
        caller: Caller,
        ask: pb::WatchOperationRequest,
        until: Instant,
    ) -> impl Stream<Item = Result<pb::WatchOperationResponse, Status>> {
        stream::try_unfold(Some(ask), move |ask| {
            let (operations, caller) = (self.clone(), caller.clone());
            async move {
                let Some(ask) = ask else { return Ok(None) };
                while Instant::now() < until {
                    let row = operations.row(&caller, &ask.name).await?;
                    if row.revision > ask.revision {
                        let revision = row.revision;
                        let next = row
                            .is_open()
                            .then_some(pb::WatchOperationRequest { revision, ..ask });
                        let operation = Some(shown(&operations, &row)?);
                        return Ok(Some((pb::WatchOperationResponse { operation }, next)));
                    }
                    if !row.is_open() {
                        break;
                    }
                    sleep_until(until.min(Instant::now() + WATCH)).await;
                }
                Ok(None)
            }
        })
    }

    /// Whoever asked for it, or somebody of the same power and level, has it end; what the service asked for by
    /// itself is the city's to end.
    async fn cancel(
        &self,
        caller: &Caller,
        ask: pb::CancelOperationRequest,
    ) -> Result<pb::CancelOperationResponse> {
        let (tenant, id) = self.parse(caller, &ask.name)?;
        let key = Key::new(caller, &ask.request_id, &ask)?;
        let begun = OpenAct::begin(&self.db, &self.clock, caller, tenant, key);
        let act: OpenAct = unless_answered!(begun);
        let row = rows::get(&act.tx, id).await?;
        let row = row.ok_or_else(|| not_found(&ask.name))?;
        let asker = serde_json::from_str::<Asker>(&row.caller)?.caller()?;
        let (power, level) = match asker.level() {
            Level::Unspecified => (Power::Eligibility, Level::Municipal),
            level => (asker.power(), level),
        };
        if (power, level) != (caller.power(), caller.level()) {
            return Err(not_found(&ask.name).into());
        }
        if rows::cancel(&act.tx, &row.id).await? {
            let entry = Entry::new("operation.cancel", &ask.name).reason(&*row.method);
            act.record(entry).await?;
        }
        let row = rows::get(&act.tx, id).await?;
        let row = row.ok_or_else(|| not_found(&ask.name))?;
        let operation = Some(shown(self, &row)?);
        let answer = act
            .finish(pb::CancelOperationResponse { operation })
            .await?;
        self.db.work_is_due();
        Ok(answer)
    }
}

#[tonic::async_trait]
impl OperationService for Operations {
    async fn get_operation(
        &self,
        request: Request<pb::GetOperationRequest>,
    ) -> Result<Response<pb::GetOperationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let row = self.row(&caller, &ask.name).await?;
        Ok(Response::new(pb::GetOperationResponse {
            operation: Some(shown(self, &row)?),
        }))
    }

    async fn list_operations(
        &self,
        request: Request<pb::ListOperationsRequest>,
    ) -> Result<Response<pb::ListOperationsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.list(&caller, ask).await?))
    }

    async fn list_operation_items(
        &self,
        request: Request<pb::ListOperationItemsRequest>,
    ) -> Result<Response<pb::ListOperationItemsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.items(&caller, ask).await?))
    }

    async fn wait_operation(
        &self,
        request: Request<pb::WaitOperationRequest>,
    ) -> Result<Response<pb::WaitOperationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let row = self.wait(&caller, ask).await?;
        Ok(Response::new(pb::WaitOperationResponse {
            operation: Some(shown(self, &row)?),
        }))
    }

    type WatchOperationStream =
        Pin<Box<dyn Stream<Item = Result<pb::WatchOperationResponse, Status>> + Send>>;

    async fn watch_operation(
        &self,
        request: Request<pb::WatchOperationRequest>,
    ) -> Result<Response<Self::WatchOperationStream>, Status> {
        let (caller, ask) = caller::accept(request)?;
        // What is not there, or not the caller's to see, is told at once.
        self.row(&caller, &ask.name).await?;
        let left = context::time_left().unwrap_or(LONGEST_WATCH);
        let until = Instant::now() + left.min(LONGEST_WATCH).saturating_sub(BEFORE_THE_END);
        let watched = self.clone().watch(caller, ask, until);
        Ok(Response::new(Box::pin(watched)))
    }

    async fn cancel_operation(
        &self,
        request: Request<pb::CancelOperationRequest>,
    ) -> Result<Response<pb::CancelOperationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.cancel(&caller, ask).await?))
    }
}
