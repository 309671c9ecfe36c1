//! Does operations, one slice after the other.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{At, Operations, Work, asker::Asker, rows};
use crate::{
    Error, Result, backoff,
    context::Context,
    db::{Tenancy, Tx},
    jobs::Running,
};

/// How often it is looked for work that another process began, or left.
const LOOK: Duration = Duration::from_secs(2);
/// Shortest and longest pause of an operation after a slice that was not done.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Slices that a process does at once, of different operations: one that waits for a register keeps no
/// other waiting.
const AT_ONCE: usize = 2;

/// Does what is left to do of the operations of a service. Every replica has one.
pub struct Worker {
    operations: Operations,
    kinds: BTreeMap<&'static str, Arc<dyn Kind>>,
}

impl Worker {
    /// A worker that knows no kind of work yet.
    #[must_use]
    pub fn new(operations: Operations) -> Self {
        Self {
            operations,
            kinds: BTreeMap::new(),
        }
    }

    /// It does work of this kind too.
    #[must_use]
    pub fn with<W: Work>(mut self, work: W) -> Self {
        self.kinds.insert(W::METHOD, Arc::new(work));
        self
    }

    /// Works until stopped.
    #[must_use]
    pub fn spawn(self) -> Running {
        let (stop, stopped) = watch::channel(false);
        let worker = Arc::new(self);
        let task = tokio::spawn(async move {
            worker.succeed().await;
            let workers = (0..AT_ONCE).map(|_| worker.keep_working(stopped.clone()));
            futures::future::join_all(workers).await;
        });
        Running::of(stop, task)
    }

    /// Takes back what an earlier process at the same file held. If that fails it runs out by itself.
    async fn succeed(&self) {
        if let Err(error) = rows::free(&self.operations.db).await {
            tracing::warn!(%error, "operations are held until their leases are over");
        }
    }

    /// A slice that has begun is done before it stops.
    async fn keep_working(&self, mut stopped: watch::Receiver<bool>) {
        let db = &self.operations.db;
        while !*stopped.borrow_and_update() {
            match self.next_slice().await {
                Ok(true) => {
                    // There may be more than one has hands for.
                    db.work_is_due();
                    continue;
                }
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "nobody knows what operations there are"),
            }
            tokio::select! {
                () = db.due_work().notified() => {}
                () = sleep(LOOK) => {}
                changed = stopped.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Does one slice of whatever is next, and keeps what became of it; false if nothing is.
    ///
    /// # Errors
    /// An internal error if the store does not say what there is to do, or keeps nothing.
    pub async fn next_slice(&self) -> Result<bool> {
        let db = &self.operations.db;
        for (tenancy, id) in rows::runnable(db).await? {
            let Some(row) = rows::claim(db, tenancy, &id).await? else {
                continue;
            };
            let failures = u32::try_from(row.failures).unwrap_or(0);
            if let Err(error) = self.slice(tenancy, row.clone()).await {
                let (operation, method) = (&row.id, &row.method);
                tracing::warn!(%operation, method, failures, %error, "a slice is put off");
                let pause = backoff::pause(PAUSE, LONGEST_PAUSE, failures);
                rows::put_off(db, tenancy, &row, &error, pause).await?;
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// One slice in a task of its own: what panics or hangs is put off like what fails.
    async fn slice(&self, tenancy: Tenancy, row: rows::Row) -> Result<()> {
        let kind = self.kinds.get(row.method.as_str()).cloned();
        let kind = kind.ok_or_else(|| Error::fault(format!("nobody does `{}`", row.method)))?;
        let operations = self.operations.clone();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let tenant = match tenancy {
                Tenancy::One(tenant) => tenant,
                Tenancy::City | Tenancy::All => {
                    return Err(Error::fault("an operation without a county"));
                }
            };
            let caller = serde_json::from_str::<Asker>(&row.caller)?.caller()?;
            let request_id = caller.request_id.clone();
            let task = Task {
                operations: &operations,
                caller,
                tenant,
                row,
            };
            Context::new(request_id).scope(kind.run(task)).await
        });
        match timeout(rows::LEASE, task.join_next()).await {
            Ok(Some(Ok(done))) => done,
            Ok(Some(Err(broken))) => Err(Error::fault(format!("a slice broke down: {broken}"))),
            Ok(None) | Err(_) => Err(Error::fault("a slice took too long")),
        }
    }
}

/// A slice that was claimed.
struct Task<'a> {
    operations: &'a Operations,
    caller: crate::Caller,
    tenant: yuhui_kernel::Tenant,
    row: rows::Row,
}

/// Work of any kind.
#[tonic::async_trait]
trait Kind: Send + Sync {
    async fn run(&self, task: Task<'_>) -> Result<()>;
}

#[tonic::async_trait]
impl<W: Work> Kind for W {
    async fn run(&self, task: Task<'_>) -> Result<()> {
        let Task {
            operations,
            caller,
            tenant,
            row,
        } = task;
        let id = row.id.parse().map_err(anyhow::Error::from)?;
        let at = At {
            caller: &caller,
            tenant,
            operation: &operations.name(tenant.into(), id),
            ask: &serde_json::from_str(&row.ask)?,
            place: &serde_json::from_str(&row.place)?,
            // What did not go in one piece is tried in smaller ones.
            slice: (operations.slice >> row.failures.clamp(0, 16)).max(1),
            is_cancelling: row.state == rows::CANCELLING,
        };
        let ready = self.prepare(&at).await?;
        let tx: Tx = operations.db.begin(tenant).await?;
        let slice = self.apply(&at, &tx, ready).await?;
        rows::advance(&tx, row, slice).await?;
        tx.commit().await
    }
}
