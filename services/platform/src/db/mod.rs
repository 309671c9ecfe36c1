//! Storage. The only way to a table is a [`Tx`], and a `Tx` is bound to a
//! tenant: in SQL by its filters, in PostgreSQL again by row-level security.

pub(crate) mod disk;
pub mod divisions;
pub mod emptied;
mod fault;
mod installation;
mod lock;
mod migrate;
mod pool;
pub mod rls;
mod statements;
mod tx;

use std::{io, path::Path, sync::Arc, time::Duration};

use sea_orm::{
    AccessMode, DatabaseConnection, DbBackend, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _,
};
use serde::Deserialize;
use tokio::sync::{Notify, watch};
use yuhui_kernel::{
    Tenant,
    divisions::{Divisions, city_division},
};

pub use installation::{Unfit, Use};
pub use migrate::{migrations, names_of};
pub use tx::{TenantEntity, Tx};

use self::{disk::Disk, pool::Suspicion};
use crate::{
    Error, Result, private_file,
    refusal::{Common, not_found},
    vault::Vault,
};

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// PostgreSQL: waiting for a connection, were it that the server is down. Shorter than anybody's
    /// deadline, so that the caller is told what is away, not that he is late.
    pub acquire: Duration,
    /// A statement; SQLite: a writer's wait for its turn.
    pub statement: Duration,
    /// A statement's wait for a lock; SQLite: of another process.
    pub lock: Duration,
    /// PostgreSQL: how long a transaction may do nothing.
    pub idle_in_transaction: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            acquire: Duration::from_secs(2),
            statement: Duration::from_secs(10),
            lock: Duration::from_secs(3),
            idle_in_transaction: Duration::from_secs(15),
        }
    }
}

/// Where the data lies.
#[derive(Clone, Debug)]
pub struct DbConfig {
    /// `sqlite:///path/file.db`, or `postgres://…` of the service's own role.
    pub url: String,
    /// PostgreSQL: URL of the tables' owner, for migrations.
    pub migrate_url: Option<String>,
    /// SQLite: when a commit counts as written.
    pub synchronous: Synchronous,
    /// Most connections; SQLite adds one for writing.
    pub max_connections: u32,
    /// How long things may take.
    pub times: Times,
    /// SQLite: with fewer bytes free on its disk, or than a hundredth of a
    /// small one, nothing is written.
    pub min_free: u64,
    /// What new tables are filled with; those of Baotou if none.
    pub divisions: Option<Divisions>,
}

/// When SQLite regards a commit as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    /// When it is on the disk: survives loss of power.
    #[default]
    Full,
    /// When the operating system has it: survives `kill -9` only.
    Normal,
}

/// Most connections, unless said otherwise.
const CONNECTIONS: u32 = 8;
/// Bytes that stay free on the disk of a SQLite file, unless said otherwise.
pub(crate) const MIN_FREE: u64 = 256 << 20;

impl DbConfig {
    /// The file, if it is SQLite.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.url.strip_prefix("sqlite://").map(Path::new)
    }

    /// A SQLite file.
    #[must_use]
    pub fn sqlite(path: &Path) -> Self {
        Self {
            url: format!("sqlite://{}", path.display()),
            migrate_url: None,
            synchronous: Synchronous::default(),
            max_connections: CONNECTIONS,
            times: Times::default(),
            min_free: MIN_FREE,
            divisions: None,
        }
    }
}

/// Whose rows a transaction touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenancy {
    /// One county's.
    One(Tenant),
    /// Those that belong to no county: the city's own, and non-tenant tables.
    City,
    /// Every county's, for reading only (SOD-7).
    All,
}

/// What row-level security understands as [`Tenancy::All`].
const ALL_SCOPE: &str = "*";

impl Tenancy {
    /// The tenancy of rows whose tenant column says `code`.
    pub fn named(code: &str) -> Result<Self, Common> {
        if code == Self::City.scope() {
            return Ok(Self::City);
        }
        Tenant::parse(code)
            .map(Self::One)
            .map_err(|_| not_found(format!("counties/{code}")))
    }

    /// Every county's own, and what belongs to none.
    pub fn each() -> impl Iterator<Item = Self> {
        let counties = Tenant::all().iter().map(Self::from);
        counties.chain([Self::City])
    }

    /// Value of the tenant column: the code of the county or the city; `*` for all.
    #[must_use]
    pub fn scope(self) -> &'static str {
        match self {
            Self::One(tenant) => tenant.as_str(),
            Self::City => &city_division().code_text,
            Self::All => ALL_SCOPE,
        }
    }
}

impl From<Tenant> for Tenancy {
    fn from(tenant: Tenant) -> Self {
        Self::One(tenant)
    }
}

impl From<&Tenant> for Tenancy {
    fn from(tenant: &Tenant) -> Self {
        Self::One(*tenant)
    }
}

/// A service's database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    /// PostgreSQL: the pool. SQLite: one connection, so that writers queue up
    /// fairly instead of failing with SQLITE_BUSY.
    write: DatabaseConnection,
    /// PostgreSQL: the same pool. SQLite: connections that cannot write.
    read: DatabaseConnection,
    /// Changes when a transaction that published events commits.
    published: watch::Sender<u64>,
    /// Told when an operation was begun that is not done.
    work: Arc<Notify>,
    /// Raised when a connection failed; keeps it from being used again.
    suspicion: Suspicion,
    /// What answers to commands are hashed and sealed with.
    vault: Option<Arc<Vault>>,
    /// SQLite: where the file lies.
    disk: Option<Disk>,
    config: DbConfig,
}

impl Database {
    /// Opens the database; a SQLite file is made if it is missing. From then on the process serves
    /// the divisions that it is for: one that is for others cannot be opened any more.
    pub async fn connect(config: &DbConfig) -> Result<Self> {
        let suspicion = Suspicion::default();
        let (write, read, disk) = if let Some(path) = config.file() {
            // SQLite gives the files it adds the permissions of this one.
            match private_file::create(path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    let error = anyhow::Error::new(error);
                    return Err(Error::Fault(
                        error.context(format!("create {}", path.display())),
                    ));
                }
                _ => {}
            }
            // The writer first: it makes the file that the readers need.
            let write = pool::open(pool::sqlite(config, &suspicion, 1, false)).await?;
            let readers = config.max_connections.max(1);
            let read = pool::open(pool::sqlite(config, &suspicion, readers, true)).await?;
            (write, read, Some(Disk::of(config)?))
        } else {
            let pool = pool::open(pool::postgres(config, &suspicion)).await?;
            (pool.clone(), pool, None)
        };
        divisions::serve(&write, config).await?;
        Ok(Self {
            write,
            read,
            published: watch::Sender::new(0),
            work: Arc::default(),
            suspicion,
            vault: None,
            disk,
            config: config.clone(),
        })
    }

    /// The same database for a service that answers commands: its `vault` hashes what they
    /// ask and seals what was answered.
    #[must_use]
    pub fn keyed(mut self, vault: Arc<Vault>) -> Self {
        self.vault = Some(vault);
        self
    }

    /// A transaction that may write, within one county or the city's own rows.
    /// [`Tenancy::All`] gives one that only reads. `UNAVAILABLE` if the disk is
    /// nearly full.
    pub async fn begin(&self, tenancy: impl Into<Tenancy>) -> Result<Tx> {
        let tenancy = tenancy.into();
        if tenancy == Tenancy::All {
            return self.read(tenancy).await;
        }
        if let Some(disk) = &self.disk {
            disk.has_room("database")?;
        }
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let begun = self.write.begin_with_options(options).await;
        let inner = self.suspicion.of_boundary(begun)?;
        let published = Some(self.published.clone());
        let tx = Tx::bind(inner, tenancy, published, self.suspicion.clone()).await?;
        Ok(tx.keyed(self.vault.clone()))
    }

    /// A transaction that reads one unchanging state.
    pub async fn read(&self, tenancy: impl Into<Tenancy>) -> Result<Tx> {
        let options = match self.backend() {
            // SQLite knows neither: its readers are read-only by themselves, and
            // see what was there at their first statement.
            DbBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..TransactionOptions::default()
            },
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        let begun = self.read.begin_with_options(options).await;
        let inner = self.suspicion.of_boundary(begun)?;
        let tx = Tx::bind(inner, tenancy.into(), None, self.suspicion.clone()).await?;
        Ok(tx.keyed(self.vault.clone()))
    }

    /// A writing transaction for what belongs to no county.
    pub async fn begin_global(&self) -> Result<Tx> {
        self.begin(Tenancy::City).await
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.write.get_database_backend()
    }

    /// Milliseconds since 1970 by the clock of the database, which its replicas share: an expression.
    pub(crate) fn backend_now(&self) -> &'static str {
        match self.backend() {
            DbBackend::Postgres => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
            _ => "CAST(unixepoch('subsec') * 1000 AS integer)",
        }
    }

    /// Told when there is work for whoever does operations in this process.
    pub(crate) fn due_work(&self) -> &Notify {
        &self.work
    }

    /// Tells him.
    pub(crate) fn work_is_due(&self) {
        self.work.notify_one();
    }

    /// Changes whenever events were published.
    pub(crate) fn published(&self) -> watch::Receiver<u64> {
        self.published.subscribe()
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
