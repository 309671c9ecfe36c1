//! Settings: defaults, then a file, then the environment, then flags. Unknown keys are refused.

mod documents;
mod pace;
mod show;

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use bytesize::ByteSize;
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;
use yuhui_gateway::{Cost, Lives, RateLimits, SignInLimits};
use yuhui_kernel::divisions::Divisions;
use yuhui_platform::{
    config::{self, Value},
    db::{DbConfig, Times},
    inbox, objects, outbox,
    retention::Retention,
    serve::Limits,
    tls::{Files, Serial},
};

pub use show::show;

use crate::stack::{Keys, Pace, Part, Storage, Stores};

/// Every setting and its default.
const DEFAULTS: &str = include_str!("defaults.toml");
/// Least and most between two looks at what may have changed: keys, certificates, events.
const SOONEST: Duration = Duration::from_millis(100);
const LATEST: Duration = Duration::from_secs(30);
/// What stands for the name of a service.
const PLACE: &str = "{service}";

/// Where the settings are, and the most common of them as flags.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Given {
    /// Settings (TOML); YUHUI__TABLE__KEY in the environment goes before. Every one and its default
    /// is in services/yuhui/src/settings/defaults.toml.
    #[arg(long, env = "YUHUI_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the SQLite files and the keys (database.folder).
    #[arg(long, env = "YUHUI_DATA")]
    pub data: Option<PathBuf>,
    /// The databases and Redis.
    #[command(flatten)]
    pub stores: Stores,
}

impl Given {
    /// These stores, with files in `data`.
    #[must_use]
    pub fn of(data: PathBuf, stores: Stores) -> Self {
        Self {
            config: None,
            data: Some(data),
            stores,
        }
    }

    /// The databases they name.
    pub fn storage(&self) -> anyhow::Result<Storage> {
        Settings::read(self, Vec::new())?.storage()
    }

    fn flags(&self) -> Vec<(&'static str, Value)> {
        let mut flags: Vec<(&'static str, Value)> = Vec::new();
        let stores = &self.stores;
        let data = self
            .data
            .as_ref()
            .map(|it| it.to_string_lossy().into_owned());
        let texts = [
            ("database.folder", data),
            ("database.url", stores.postgres.clone()),
            ("database.owner_url", stores.postgres_owner.clone()),
            ("redis.url", stores.redis.clone()),
        ];
        for (key, value) in texts {
            flags.extend(value.map(|it| (key, it.into())));
        }
        let min_free = stores.min_free.map(|it| format!("{it}B"));
        flags.extend(min_free.map(|it| ("database.min_free", it.into())));
        flags
    }
}

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens.
    pub listen: Listen,
    /// Certificates.
    pub tls: Tls,
    /// The other services.
    pub peers: BTreeMap<Part, Vec<String>>,
    /// The databases.
    pub database: Stored,
    /// Contents of documents.
    documents: documents::Kept,
    /// Redis.
    pub redis: Redis,
    /// Sessions.
    pub session: Lives,
    /// Passwords.
    pub password: Cost,
    /// Signing in.
    pub sign_in: SignInLimits,
    /// Calls.
    pub rate: RateLimits,
    /// What is done without being asked, and what is kept how long.
    pub pace: Pace,
    /// What is told to whom.
    pub telemetry: Telemetry,
    /// Limits of the gateway.
    pub public: Limits,
    /// Limits of the services behind it.
    pub internal: Limits,
    keys: KeyPlaces,
}

/// `[listen]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// Address of the gateway.
    pub public: SocketAddr,
    internal: String,
    bank: String,
    health: PathBuf,
    /// Origins of web pages that may call the gateway.
    pub origins: Vec<String>,
    /// Proxies that are believed when they say where a call comes from.
    pub trusted_proxies: Vec<IpNet>,
    /// The gateway is the only one.
    pub single: bool,
}

/// `[tls]`: files in PEM; empty if there are none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Certificate of this process.
    pub cert: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Authorities of all others.
    pub ca: PathBuf,
    bank_ca: PathBuf,
    denied: Vec<String>,
    /// How often certificates and public keys are read again.
    #[serde(with = "humantime_serde")]
    pub reload: Duration,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyPlaces {
    folder: String,
    jwks: PathBuf,
    #[serde(with = "humantime_serde")]
    reload: Duration,
}

/// `[database]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored {
    /// Folder of the SQLite files.
    pub folder: PathBuf,
    url: String,
    password_file: String,
    owner_url: String,
    owner_password_file: String,
    max_connections: u32,
    #[serde(with = "humantime_serde")]
    acquire: Duration,
    #[serde(with = "humantime_serde")]
    statement: Duration,
    #[serde(with = "humantime_serde")]
    lock: Duration,
    #[serde(with = "humantime_serde")]
    idle_in_transaction: Duration,
    min_free: ByteSize,
    divisions: PathBuf,
}

/// `[redis]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    url: String,
    password_file: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operations {
    slice: u64,
}

/// `[telemetry]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    otlp: String,
    /// What is logged at least: error, warn, info, debug or trace; `RUST_LOG` goes before.
    pub level: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    listen: Listen,
    tls: Tls,
    peers: Peers,
    keys: KeyPlaces,
    database: Stored,
    documents: documents::Kept,
    redis: Redis,
    session: Lives,
    password: Cost,
    sign_in: SignInLimits,
    rate: RateLimits,
    retention: Retention,
    operations: Operations,
    outbox: outbox::Pace,
    inbox: inbox::Pace,
    telemetry: Telemetry,
    /// `[limits]` and, in it, `[limits.internal]`.
    limits: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Peers {
    eligibility: Vec<String>,
    registry_verification: Vec<String>,
    institution_registry: Vec<String>,
    funding_ledger: Vec<String>,
    disbursement: Vec<String>,
}

impl Settings {
    /// Reads them; `more` are further flags.
    pub fn read(given: &Given, more: Vec<(&'static str, Value)>) -> anyhow::Result<Self> {
        let mut flags = given.flags();
        flags.extend(more);
        let file = given.config.as_deref();
        let mut raw: Raw = config::load(DEFAULTS, file, flags).context("settings")?;
        for (key, every) in [
            ("keys.reload", raw.keys.reload),
            ("tls.reload", raw.tls.reload),
        ] {
            // Replicas that are not heard of for two minutes count as gone.
            if !(SOONEST..=LATEST).contains(&every) {
                bail!("settings: {key} must be 100ms to 30s");
            }
        }
        let pace = Pace {
            slice: raw.operations.slice,
            outbox: raw.outbox,
            inbox: raw.inbox,
            retention: raw.retention,
        };
        pace::must_go_on(&pace)?;
        let internal = raw.limits.remove("internal");
        let internal = internal.unwrap_or_else(|| toml::Table::new().into());
        let peers = [
            (Part::Eligibility, raw.peers.eligibility),
            (Part::RegistryVerification, raw.peers.registry_verification),
            (Part::InstitutionRegistry, raw.peers.institution_registry),
            (Part::FundingLedger, raw.peers.funding_ledger),
            (Part::Disbursement, raw.peers.disbursement),
        ];
        Ok(Self {
            listen: raw.listen,
            tls: raw.tls,
            peers: peers.into_iter().collect(),
            keys: raw.keys,
            database: raw.database,
            documents: raw.documents,
            redis: raw.redis,
            session: raw.session,
            password: raw.password,
            sign_in: raw.sign_in,
            rate: raw.rate,
            pace,
            telemetry: raw.telemetry,
            public: raw.limits.try_into().context("settings: limits")?,
            internal: internal.try_into().context("settings: limits.internal")?,
        })
    }

    /// Where a part listens.
    pub fn address(&self, part: Part) -> anyhow::Result<SocketAddr> {
        if part == Part::Gateway {
            return Ok(self.listen.public);
        }
        let text = &self.listen.internal;
        if text.is_empty() {
            return Ok(SocketAddr::from(([127, 0, 0, 1], part.port())));
        }
        let address = text.parse();
        address.with_context(|| format!("listen.internal: `{text}` is no address"))
    }

    /// Where the keys are.
    #[must_use]
    pub fn keys(&self) -> Keys {
        let (folder, jwks) = (&self.keys.folder, &self.keys.jwks);
        Keys::below(&self.database.folder).moved(
            (!folder.is_empty()).then_some(folder),
            (!jwks.as_os_str().is_empty()).then_some(jwks),
            Some(self.keys.reload),
        )
    }

    /// The databases of all parts.
    pub fn storage(&self) -> anyhow::Result<Storage> {
        let all = Part::ALL
            .iter()
            .map(|part| Ok((*part, self.database.of(*part)?)));
        Ok(Storage::Each(all.collect::<anyhow::Result<_>>()?))
    }

    /// Where contents of documents are kept, if anywhere.
    pub fn documents(&self) -> anyhow::Result<Option<objects::Place>> {
        self.documents.place(&self.database)
    }

    /// The settings of the gateway.
    #[must_use]
    pub fn gateway(&self) -> yuhui_gateway::Config {
        yuhui_gateway::Config {
            session: self.session,
            password: self.password,
            sign_in: self.sign_in,
            rate: self.rate,
            origins: self.listen.origins.clone(),
            trusted_proxies: self.listen.trusted_proxies.clone(),
            limits: self.public.clone(),
            bank_apart: !self.listen.bank.is_empty(),
            ..yuhui_gateway::Config::default()
        }
    }

    /// Address for the bank, if it has one of its own.
    pub fn bank(&self) -> anyhow::Result<Option<SocketAddr>> {
        let text = &self.listen.bank;
        if text.is_empty() {
            return Ok(None);
        }
        let address = text.parse();
        address
            .map(Some)
            .with_context(|| format!("listen.bank: `{text}` is no address"))
    }

    /// Unix socket that answers `yuhui health`, if there is to be one.
    #[must_use]
    pub fn health(&self) -> Option<PathBuf> {
        set(&self.listen.health)
    }

    /// The certificates of `part`, if this process has any.
    pub fn tls(&self, part: Part) -> anyhow::Result<Option<yuhui_platform::tls::Tls>> {
        if !self.has_tls() {
            return Ok(None);
        }
        let denied = self.tls.denied.iter().map(|it| {
            let serial = it.parse::<Serial>();
            serial.map_err(|error| anyhow!("tls.denied: `{it}`: {error}"))
        });
        let files = Files {
            cert: self.tls.cert.clone(),
            key: self.tls.key.clone(),
            ca: self.tls.ca.clone(),
            bank_ca: set(&self.tls.bank_ca),
            denied: denied.collect::<anyhow::Result<_>>()?,
            reload: self.tls.reload,
        };
        let tls = yuhui_platform::tls::Tls::open(files, part.name());
        tls.map(Some).context("tls")
    }

    /// Whether this process shows a certificate.
    #[must_use]
    pub fn has_tls(&self) -> bool {
        !self.tls.cert.as_os_str().is_empty()
    }
}

impl Stored {
    /// Whether it is PostgreSQL.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        !self.url.is_empty()
    }

    fn divisions(&self) -> anyhow::Result<Option<Divisions>> {
        let Some(path) = set(&self.divisions) else {
            return Ok(None);
        };
        let named = || format!("database.divisions: {}", path.display());
        let csv = fs::read_to_string(&path).with_context(named)?;
        Divisions::read(&csv).map(Some).with_context(named)
    }

    /// The database of a part.
    pub fn of(&self, part: Part) -> anyhow::Result<DbConfig> {
        let file = self.folder.join(format!("{}.db", part.name()));
        let config = DbConfig {
            max_connections: self.max_connections,
            times: Times {
                acquire: self.acquire,
                statement: self.statement,
                lock: self.lock,
                idle_in_transaction: self.idle_in_transaction,
            },
            min_free: self.min_free.as_u64(),
            divisions: self.divisions()?,
            ..DbConfig::sqlite(&file)
        };
        if !self.is_postgres() {
            return Ok(config);
        }
        let owner = with_password(part, &self.owner_url, &self.owner_password_file)?;
        Ok(DbConfig {
            url: with_password(part, &self.url, &self.password_file)?,
            migrate_url: (!owner.is_empty()).then_some(owner),
            ..config
        })
    }
}

impl Redis {
    /// Its URL, if there is one.
    pub fn url(&self) -> anyhow::Result<Option<String>> {
        if self.url.is_empty() {
            return Ok(None);
        }
        let url = with_password(Part::Gateway, &self.url, &self.password_file);
        url.map(Some).context("redis.url")
    }
}

impl Tls {
    /// Authority of the bank, if there is one.
    #[must_use]
    pub fn bank_ca(&self) -> Option<PathBuf> {
        set(&self.bank_ca)
    }
}

impl Telemetry {
    /// URL of the collector, if there is one.
    #[must_use]
    pub fn otlp(&self) -> Option<&str> {
        (!self.otlp.is_empty()).then_some(&*self.otlp)
    }
}

/// The path, if one is set.
fn set(path: &Path) -> Option<PathBuf> {
    (!path.as_os_str().is_empty()).then(|| path.to_owned())
}

/// The URL of a part with the password that `file` holds, if it names one.
fn with_password(part: Part, url: &str, file: &str) -> anyhow::Result<String> {
    let url = url.replace(PLACE, &part.name().replace('-', "_"));
    if url.is_empty() || file.is_empty() {
        return Ok(url);
    }
    let file = file.replace(PLACE, part.name());
    let password = fs::read_to_string(&file).with_context(|| format!("read {file}"))?;
    // Told without the URL: it may hold another password.
    let mut url = Url::parse(&url).context("the url of the database or of Redis")?;
    if url.set_password(Some(password.trim_end())).is_err() {
        bail!("a url that names no server has no place for a password");
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests;
