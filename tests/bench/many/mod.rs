//! A county with very many confirmed cases: one claim goes the whole way, the departments enter as
//! many families as there are to be, and the case is written again for each of them.

mod copies;
pub(crate) mod family;
mod payment;
mod registers;
mod roster;
mod walk;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use time::{Date, macros::date};
use yuhui_kernel::{DivisionCode, Tenant, dates};
use yuhui_platform::{
    Clock,
    db::{Database, DbConfig, Synchronous},
    vault::{KeyFolder, Kind, Vault},
};
use yuhui_proto::authz::v1::Role;

pub(crate) use self::roster::Interrupted;
use self::{copies::Model, family::Family};
use crate::harness::{cluster::Cluster, gateway::Gateway, people, system::System};

/// The county.
const COUNTY: &str = "150203";
/// Round of its cases.
pub(crate) const ROUND: i32 = 2025;
/// Day on which the first claim is lodged: a working day.
const BEGINS_ON: Date = date!(2025 - 03 - 10);
/// What the system is told, so that nothing ends before it was measured.
const UNHURRIED: [(&str, &str); 9] = [
    ("YUHUI__RATE__PER_ACCOUNT", "1000000"),
    ("YUHUI__SESSION__ACCESS", "1h"),
    ("YUHUI__LIMITS__DEADLINE", "30m"),
    ("YUHUI__LIMITS__INTERNAL__DEADLINE", "30m"),
    ("YUHUI__DATABASE__STATEMENT", "30m"),
    ("YUHUI__DATABASE__LOCK", "10m"),
    ("YUHUI__DATABASE__IDLE_IN_TRANSACTION", "30m"),
    ("YUHUI__DATABASE__ACQUIRE", "1m"),
    ("YUHUI__LIMITS__INTERNAL__TENANT_WAIT", "1m"),
];

/// How the system is started, again if need be.
struct Start {
    data: PathBuf,
    arguments: Vec<String>,
}

impl Start {
    async fn system(&self) -> System {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        System::start_at(&self.data, &arguments, &UNHURRIED).await
    }
}

/// The county, and the system that serves it.
pub(crate) struct Many {
    pub(crate) county: Tenant,
    /// None while it is started again.
    system: Option<System>,
    /// How it is started.
    start: Start,
    clock: Clock,
    /// Eligibility's, beside the service.
    db: Database,
    vault: Arc<Vault>,
    model: Option<Model>,
    filled: u32,
    /// How long the last sealing of a roster, and check before payment, took.
    pub(crate) sealed_in: Duration,
    pub(crate) checked_in: Duration,
    /// How long the last release took.
    pub(crate) released_in: Duration,
    cluster: Option<Cluster>,
    _temporary: TempDir,
}

impl Many {
    /// Starts a system in which the county has no case: on PostgreSQL if its programs are there, on
    /// SQLite otherwise.
    pub(crate) async fn start() -> Self {
        Self::start_on(Cluster::start(None)).await
    }

    /// The same on that server, or on SQLite.
    pub(crate) async fn start_on(cluster: Option<Cluster>) -> Self {
        let temporary = tempfile::tempdir().expect("folder");
        let data = temporary.path().join("data");
        let stores = cluster.as_ref().map(Cluster::arguments);
        let stores: Vec<&str> = stores.iter().flatten().map(String::as_str).collect();
        // Who moves the date makes no accounts: a system whose date stands still has made them before.
        let begins_on = dates::format(BEGINS_ON);
        let still = [&["--sandbox-date", &begins_on][..], &stores].concat();
        System::start_at(&data, &still, &UNHURRIED).await.stop();
        let file = data.join("date");
        let clock = Clock::sandbox_in(&file, Some(BEGINS_ON)).expect("a clock");
        let file = file.to_str().expect("text");
        let moving = [&["--sandbox-clock", file][..], &stores].concat();
        let start = Start {
            arguments: moving.iter().map(ToString::to_string).collect(),
            data: data.clone(),
        };
        let config = match &cluster {
            Some(cluster) => DbConfig {
                url: cluster.service_url().replace("{service}", "eligibility"),
                ..DbConfig::sqlite(&data)
            },
            None => DbConfig {
                synchronous: Synchronous::Normal,
                ..DbConfig::sqlite(&data.join("eligibility.db"))
            },
        };
        Self {
            county: people::county(COUNTY),
            system: Some(start.system().await),
            start,
            clock,
            db: Database::connect(&config).await.expect("connected"),
            vault: Arc::new(vault(&data)),
            model: None,
            filled: 0,
            sealed_in: Duration::ZERO,
            checked_in: Duration::ZERO,
            released_in: Duration::ZERO,
            cluster,
            _temporary: temporary,
        }
    }

    fn system(&self) -> &System {
        self.system.as_ref().expect("it runs")
    }

    /// Kills the system, and starts it again.
    pub(crate) async fn kill(&mut self) {
        self.system.take().expect("it runs").kill();
        self.system = Some(self.start.system().await);
        println!("           killed, and started again");
    }

    /// Fills the county until it has had so many cases in all; those that are new are confirmed.
    pub(crate) async fn fill(&mut self, cases: u32) {
        let begun = Instant::now();
        if self.model.is_none() && cases > 0 {
            let family = Family::of(0);
            self.register(0, 1).await;
            let name = self.confirmed(&family).await;
            let id = name.rsplit('/').next().expect("an id");
            self.model = Some(Model::read(self, id, &family).await);
            self.filled = 1;
        }
        let (first, end) = (self.filled, cases.max(self.filled));
        if let Some(model) = &self.model {
            tokio::join!(self.register(first, end), self.copy(model, first, end));
        }
        self.filled = end;
        let counted = copies::counted(&self.db, self.county).await;
        assert!(
            counted.iter().all(|it| *it >= i64::from(end)),
            "{end} cases, and rows {counted:?}"
        );
        self.settle_statistics().await;
        println!(
            "filled     {:>8} cases  {:>8.1?}",
            end - first,
            begun.elapsed()
        );
    }

    /// PostgreSQL looks by itself at what a table has become, but not at once.
    async fn settle_statistics(&self) {
        if let Some(cluster) = &self.cluster {
            for service in [
                "eligibility",
                "registry_verification",
                "funding_ledger",
                "disbursement",
            ] {
                cluster.execute(service, "ANALYZE").await;
            }
        }
    }

    /// The same after the system itself has written much.
    pub(crate) async fn look_again(&self) {
        self.settle_statistics().await;
    }

    /// The same of one table of eligibility, and what was deleted of it is forgotten.
    pub(crate) async fn vacuumed(&self, table: &str) {
        if let Some(cluster) = &self.cluster {
            let vacuum = format!("VACUUM ANALYZE {table}");
            cluster.execute("eligibility", &vacuum).await;
        }
    }

    /// Name of the case that was opened last.
    pub(crate) async fn a_case(&self) -> String {
        let id = copies::last(&self.db, self.county).await;
        format!("{}/cases/{id}", self.parent())
    }

    /// What `counties/{county}` is.
    pub(crate) fn parent(&self) -> String {
        format!("counties/{}", self.county)
    }

    /// Where its families live.
    pub(crate) fn village(&self) -> DivisionCode {
        people::village_of(self.county)
    }

    /// The desk of whoever holds the role, newly signed in.
    pub(crate) async fn desk(&self, role: Role) -> Gateway {
        let rules = yuhui_platform::authz::Rules::from_pool(yuhui_proto::descriptor_pool());
        let rules = rules.expect("rules").roles();
        let spec = rules.iter().find(|(it, _)| *it == role).expect("a role").1;
        let login = people::login_in(self.county, role, &spec);
        let gateway = self.system().gateway().sign_in(&login).await;
        gateway.expect("signed in")
    }

    /// Moves the date.
    pub(crate) fn on(&self, date: Date) {
        self.clock.set(date).expect("a sandbox");
    }

    /// What the system said so far.
    pub(crate) fn said(&self) -> String {
        self.system().said()
    }

    /// Eligibility's database, beside the service.
    pub(crate) const fn database(&self) -> &Database {
        &self.db
    }

    /// Process of the system.
    pub(crate) fn process(&self) -> u32 {
        self.system().process()
    }

    /// Memory of the system, in MiB.
    pub(crate) fn memory_mib(&self) -> u64 {
        self.system().memory_mib()
    }
}

/// Seals as eligibility does.
fn vault(data: &std::path::Path) -> Vault {
    let keys = KeyFolder::at(data.join("keys").join("eligibility"));
    let key = |kind| keys.read(kind, 1).expect("a key").expect("it is there");
    let vault = Vault::with_first_key("eligibility", &key(Kind::Index), key(Kind::Seal));
    vault.expect("a vault")
}
