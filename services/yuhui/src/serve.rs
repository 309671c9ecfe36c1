//! `yuhui serve`: the whole system in one process, or one service of it.

mod settings;
mod single;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use time::{Date, macros::date};
use tokio::signal::unix::{SignalKind, signal};
use yuhui_kernel::{CITY, Registrar, Sex, Tenant, dates};
use yuhui_platform::{
    Clock,
    authz::Rules,
    db::Synchronous,
    serve::{Listen, ServerTls},
    tls::{Asks, Files, Serial, Tls},
};
use yuhui_policy::PolicyPack;
use yuhui_proto::authz::v1::Role;

use self::settings::Settings;
use crate::{
    stack::{
        Options, Part, Stack, Storage,
        accounts::{self, Accounts},
        rules,
    },
    year::numbers::Numbers,
};

/// What to serve.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// One service only: eligibility, registry-verification,
    /// institution-registry, funding-ledger, disbursement or gateway.
    service: Option<Part>,
    /// Folder of keys and, without --postgres, of SQLite files.
    #[arg(long, env = "YUHUI_DATA", default_value = "./data")]
    data: PathBuf,
    /// Address to listen on.
    #[arg(long, env = "YUHUI_LISTEN", default_value = "127.0.0.1:7300")]
    listen: SocketAddr,
    /// Let business time stand still at this date (YYYY-MM-DD).
    #[arg(long, env = "YUHUI_SANDBOX_DATE", value_parser = dates::parse)]
    sandbox_date: Option<Date>,
    #[command(flatten)]
    stores: Stores,
    /// One service: the others, as name=url, separated by commas. A name may stand several times, once
    /// for each replica or name of several.
    #[arg(
        long,
        env = "YUHUI_PEERS",
        value_delimiter = ',',
        value_name = "NAME=URL"
    )]
    peers: Vec<String>,
    /// Certificate and key of this process and the authority of all others
    /// (PEM): TLS on both sides.
    #[arg(long, env = "YUHUI_TLS_CERT", requires_all = ["tls_key", "tls_ca"])]
    tls_cert: Option<PathBuf>,
    /// See --tls-cert.
    #[arg(long, env = "YUHUI_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// See --tls-cert.
    #[arg(long, env = "YUHUI_TLS_CA")]
    tls_ca: Option<PathBuf>,
    /// The gateway alone: authority of the bank (PEM), for --bank-listen.
    #[arg(long, env = "YUHUI_TLS_BANK_CA", requires = "tls_cert")]
    tls_bank_ca: Option<PathBuf>,
    /// Serial numbers of certificates that are refused though they are valid.
    #[arg(long, env = "YUHUI_TLS_DENIED", value_delimiter = ',')]
    tls_denied: Vec<Serial>,
    /// How often certificates and public keys are read again, in seconds.
    #[arg(long, env = "YUHUI_TLS_RELOAD", default_value_t = 30)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    tls_reload: u64,
    /// The gateway alone: address for the bank, which must show its certificate there; nowhere else
    /// are its methods answered then.
    #[arg(long, env = "YUHUI_BANK_LISTEN", requires = "tls_bank_ca")]
    bank_listen: Option<SocketAddr>,
    /// One service: Unix socket that answers `yuhui health`.
    #[arg(long, env = "YUHUI_HEALTH_SOCKET", value_name = "PATH")]
    health_socket: Option<PathBuf>,
    /// Origins of web pages that may call the gateway.
    #[arg(long, env = "YUHUI_ORIGINS", value_delimiter = ',')]
    origins: Vec<String>,
    /// Settings (TOML), the limits above all; YUHUI__TABLE__KEY in the
    /// environment goes before. Every one and its default is in
    /// services/yuhui/src/serve/settings.toml.
    #[arg(long, env = "YUHUI_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Make no development accounts.
    #[arg(long, env = "YUHUI_NO_ACCOUNTS")]
    no_accounts: bool,
}

/// Which databases to use.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Stores {
    /// PostgreSQL instead of files: URL with {service} in the database name.
    #[arg(long, env = "YUHUI_POSTGRES", value_name = "URL")]
    pub postgres: Option<String>,
    /// URL of the tables' owner, for migrations, with {service} likewise.
    #[arg(
        long,
        env = "YUHUI_POSTGRES_OWNER",
        value_name = "URL",
        requires = "postgres"
    )]
    pub postgres_owner: Option<String>,
    /// Redis for ended sessions and counts; needed by several gateways.
    #[arg(long, env = "YUHUI_REDIS", value_name = "URL")]
    pub redis: Option<String>,
    /// Files: with fewer bytes free on the disk nothing is written; 256 MiB, or a
    /// hundredth of a small disk, if not set.
    #[arg(long, env = "YUHUI_MIN_FREE", value_name = "BYTES")]
    pub min_free: Option<u64>,
}

impl Stores {
    /// The storage these name; files in `folder` if they name none.
    #[must_use]
    pub fn storage(&self, folder: PathBuf, synchronous: Synchronous) -> Storage {
        match &self.postgres {
            Some(url) => Storage::Postgres {
                url: url.clone(),
                owner: self.postgres_owner.clone(),
            },
            None => Storage::Files {
                folder,
                synchronous,
                min_free: self.min_free,
            },
        }
    }
}

impl Serve {
    fn clock(&self) -> Clock {
        self.sandbox_date.map_or_else(Clock::system, Clock::sandbox)
    }

    fn storage(&self) -> Storage {
        self.stores.storage(self.data.clone(), Synchronous::Full)
    }

    fn gateway(&self, settings: &Settings) -> yuhui_gateway::Config {
        let mut config = yuhui_gateway::Config {
            origins: self.origins.clone(),
            trusted_proxies: settings.trusted_proxies.clone(),
            limits: settings.public.clone(),
            ..yuhui_gateway::Config::default()
        };
        if !self.no_accounts {
            // Two hundred accounts whose password is printed: the least work
            // that is still recommended (46 MiB, one pass) starts in seconds.
            config.password.memory_kib = 46 * 1024;
            config.password.passes = 1;
        }
        config
    }

    /// The certificates of `part`, if TLS is asked for.
    fn tls(&self, part: Part) -> anyhow::Result<Option<Tls>> {
        let (Some(cert), Some(key), Some(ca)) = (&self.tls_cert, &self.tls_key, &self.tls_ca)
        else {
            return Ok(None);
        };
        let files = Files {
            cert: cert.clone(),
            key: key.clone(),
            ca: ca.clone(),
            bank_ca: self.tls_bank_ca.clone(),
            denied: self.tls_denied.clone(),
            reload: self.reload(),
        };
        Tls::open(files, part.name()).map(Some)
    }

    fn reload(&self) -> Duration {
        Duration::from_secs(self.tls_reload)
    }
}

/// Where to listen.
fn listen(addr: SocketAddr, tls: Option<&Tls>, asks: Asks) -> Listen {
    let tls = tls.map(|certificates| ServerTls {
        certificates: certificates.clone(),
        asks,
    });
    Listen::Tcp { addr, tls }
}

/// Serves until it is told to stop.
pub async fn run(ask: Serve) -> anyhow::Result<ExitCode> {
    match ask.service {
        Some(part) => single::run(&ask, part).await,
        None => whole(&ask).await,
    }
}

async fn whole(ask: &Serve) -> anyhow::Result<ExitCode> {
    if ask.bank_listen.is_some() || ask.health_socket.is_some() {
        bail!("--bank-listen and --health-socket are for one service: yuhui serve SERVICE");
    }
    let settings = Settings::read(ask.config.as_deref())?;
    let rules = rules()?;
    let seeds = if ask.no_accounts {
        Accounts::default()
    } else {
        development(&rules)?
    };
    let list = seeds.into_list();
    let shown: Vec<(Role, String)> = list.iter().map(|it| (it.role, it.login.clone())).collect();
    std::fs::create_dir_all(&ask.data).with_context(|| format!("create {}", ask.data.display()))?;
    let options = Options {
        data: ask.data.clone(),
        storage: ask.storage(),
        redis: ask.stores.redis.clone(),
        clock: ask.clock(),
        pack: Arc::new(PolicyPack::baotou().clone()),
        gateway: ask.gateway(&settings),
        internal: settings.internal,
        accounts: list,
    };
    let tls = ask.tls(Part::Gateway)?;
    // People have no certificates.
    let listen = listen(ask.listen, tls.as_ref(), Asks::Nobody);
    let mut stack = Stack::start(options, Some(listen)).await?;
    welcome(ask, &shown);
    let failed = tokio::select! {
        error = stack.failed() => Some(error),
        () = told_to_stop() => None,
    };
    stack.stop().await;
    match failed {
        Some(error) => Err(error),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Per county one township, one village, every county role, an applicant and a
/// nursery; every role of city, bank and platform.
fn development(rules: &Rules) -> anyhow::Result<Accounts> {
    let mut seeds = Accounts::default();
    let mut numbers = Numbers::default();
    for county in Tenant::all() {
        let village = accounts::first_village_of(*county)
            .with_context(|| format!("{county} has no township"))?;
        seeds.village(rules, village);
        if let Some(township) = village.township() {
            seeds.township(rules, township);
        }
        seeds.county(rules, *county);
        let number = numbers.person(date!(1990 - 01 - 01), Sex::Female)?;
        let login = accounts::login(Role::Applicant, &village.to_string());
        seeds.applicant(login, village, number);
        let code = numbers.institution(Registrar::CivilAffairs)?;
        let login = accounts::login(Role::Institution, county.as_str());
        seeds.nursery(login, county.code(), code);
    }
    seeds.city(rules);
    Ok(seeds)
}

fn welcome(ask: &Serve, shown: &[(Role, String)]) {
    println!(
        "yuhui serves {} (counties of {CITY}: {})",
        ask.listen,
        Tenant::all().len()
    );
    if let Some(date) = ask.sandbox_date {
        println!("business time stands still at {}", dates::format(date));
    }
    if shown.is_empty() {
        return;
    }
    println!("development accounts, password {}:", accounts::PASSWORD);
    let mut roles: Vec<Role> = Vec::new();
    for (role, login) in shown {
        if !roles.contains(role) {
            roles.push(*role);
            println!("  {:<32} {login}", role.as_str_name());
        }
    }
    println!(
        "sign in: buf curl --protocol grpc --http2-prior-knowledge -d \
         '{{\"login\":\"village-clerk.150203001001\",\"password\":\"{}\"}}' \
         http://{}/yuhui.identity.v1.IdentityService/SignIn",
        accounts::PASSWORD,
        ask.listen
    );
    println!("then call with -H 'authorization: Bearer <access token>'");
}

/// Ready when the process is asked to end.
async fn told_to_stop() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => _ = terminate.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
