//! `yuhui serve`: the whole system in one process, or one service of it.

mod refusals;
mod single;

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context as _, bail};
use time::{Date, macros::date};
use tokio::signal::unix::{SignalKind, signal};
use yuhui_gateway::SeedAccount;
use yuhui_kernel::{Registrar, Sex, Tenant, city, dates};
use yuhui_platform::{
    Clock,
    authz::Rules,
    config::Value,
    db::divisions,
    serve::{Listen, ServerTls},
    tls::{Asks, Tls},
};
use yuhui_policy::{AnyPack, PolicyPack};
use yuhui_proto::authz::v1::Role;
use yuhui_rehearsal::{
    Numbers,
    accounts::{self, Accounts},
};

use crate::{
    policy,
    settings::{Given, Settings},
    stack::{Opened, Options, Part, Stack, Wanted, rules},
};

/// What to serve.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// One service only: eligibility, registry-verification,
    /// institution-registry, funding-ledger, disbursement or gateway.
    service: Option<Part>,
    #[command(flatten)]
    given: Given,
    /// For nobody's data: makes tables, keys and accounts whose password is printed, hashes
    /// passwords cheaply, takes plain text from anywhere and a date that stands still.
    #[arg(long)]
    development: bool,
    /// Let business time stand still at this date (YYYY-MM-DD).
    #[arg(long, env = "YUHUI_SANDBOX_DATE", value_parser = dates::parse, requires = "development")]
    sandbox_date: Option<Date>,
    /// Let business time stand still at the date in this file; whoever moves it makes the accounts.
    #[arg(
        long,
        env = "YUHUI_SANDBOX_CLOCK",
        value_name = "FILE",
        requires = "development",
        conflicts_with = "sandbox_date"
    )]
    sandbox_clock: Option<PathBuf>,
    /// Decide by the parameters of this policy pack (TOML) instead of the built-in ones.
    #[arg(
        long,
        env = "YUHUI_PACK",
        value_name = "FILE",
        requires = "development"
    )]
    pack: Option<PathBuf>,
    /// Address to listen on (listen.public; of a service: listen.internal).
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// One service: another, as name=url; may be given several times (peers.NAME).
    #[arg(long, value_delimiter = ',', value_name = "NAME=URL")]
    peers: Vec<String>,
    /// Certificate of this process (PEM; tls.cert).
    #[arg(long, requires_all = ["tls_key", "tls_ca"])]
    tls_cert: Option<String>,
    /// Its key (tls.key).
    #[arg(long)]
    tls_key: Option<String>,
    /// Authority of all others (tls.ca).
    #[arg(long)]
    tls_ca: Option<String>,
    /// The gateway alone: authority of the bank (tls.bank_ca).
    #[arg(long)]
    tls_bank_ca: Option<String>,
    /// How often certificates and public keys are read again, e.g. 30s (tls.reload).
    #[arg(long)]
    tls_reload: Option<String>,
    /// The gateway alone: address for the bank (listen.bank).
    #[arg(long)]
    bank_listen: Option<SocketAddr>,
    /// One service: Unix socket that answers `yuhui health` (listen.health).
    #[arg(long, value_name = "PATH")]
    health_socket: Option<String>,
}

impl Serve {
    /// The settings it goes by.
    pub fn settings(&self) -> anyhow::Result<Settings> {
        let mut flags: Vec<(&'static str, Value)> = Vec::new();
        if let Some(address) = self.listen {
            let key = match self.service {
                None | Some(Part::Gateway) => "listen.public",
                Some(_) => "listen.internal",
            };
            flags.push((key, address.to_string().into()));
        }
        let texts = [
            ("tls.cert", &self.tls_cert),
            ("tls.key", &self.tls_key),
            ("tls.ca", &self.tls_ca),
            ("tls.bank_ca", &self.tls_bank_ca),
            ("tls.reload", &self.tls_reload),
            ("listen.health", &self.health_socket),
        ];
        for (key, text) in texts {
            flags.extend(text.clone().map(|it| (key, it.into())));
        }
        let bank = self.bank_listen.map(|it| it.to_string());
        flags.extend(bank.map(|it| ("listen.bank", it.into())));
        let mut peers: BTreeMap<&'static str, Vec<Value>> = BTreeMap::new();
        for pair in &self.peers {
            let (name, url) = pair
                .split_once('=')
                .with_context(|| format!("--peers: `{pair}` is not name=url"))?;
            let key = match name.parse()? {
                Part::Eligibility => "peers.eligibility",
                Part::RegistryVerification => "peers.registry_verification",
                Part::InstitutionRegistry => "peers.institution_registry",
                Part::FundingLedger => "peers.funding_ledger",
                Part::Disbursement => "peers.disbursement",
                // Nobody calls it.
                Part::Gateway => continue,
            };
            peers.entry(key).or_default().push(url.into());
        }
        flags.extend(peers.into_iter().map(|(key, it)| (key, it.into())));
        Settings::read(&self.given, flags)
    }

    fn wanted(&self) -> Wanted {
        match self.development {
            true => Wanted::Development,
            false => Wanted::Production,
        }
    }

    fn clock(&self) -> anyhow::Result<Clock> {
        if let Some(file) = &self.sandbox_clock {
            let clock = Clock::sandbox_in(file, None);
            return clock.with_context(|| format!("--sandbox-clock {}", file.display()));
        }
        Ok(self.sandbox_date.map_or_else(Clock::system, Clock::sandbox))
    }

    fn pack(&self) -> anyhow::Result<Arc<PolicyPack>> {
        let Some(file) = &self.pack else {
            return Ok(Arc::new(PolicyPack::baotou().clone()));
        };
        match policy::check::read_pack(file)? {
            AnyPack::Baotou(pack) => Ok(Arc::new(*pack)),
            AnyPack::National(_) => bail!("--pack {}: of another law", file.display()),
        }
    }

    fn gateway(&self, settings: &Settings) -> yuhui_gateway::Config {
        let mut password = settings.password;
        if self.development {
            // Two hundred accounts whose password is printed: the least work
            // that is still recommended (46 MiB, one pass) starts in seconds.
            password.memory_kib = 46 * 1024;
            password.passes = 1;
        }
        yuhui_gateway::Config {
            password,
            ..settings.gateway()
        }
    }

    fn seeds(&self, rules: &Rules) -> anyhow::Result<Vec<SeedAccount>> {
        Ok(match self.development && self.sandbox_clock.is_none() {
            true => development(rules)?.into_list(),
            false => Vec::new(),
        })
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

/// Everything that stands against serving, of each service that would be served.
pub async fn refusals(ask: &Serve) -> anyhow::Result<Vec<String>> {
    let settings = ask.settings()?;
    let mut refused = refusals::of(&settings, ask.service, ask.wanted());
    let tls = settings.tls(ask.service.unwrap_or(Part::Gateway));
    refused.extend(tls.err().map(|error| format!("{error:#}")));
    let documents = settings.documents();
    if ask.development {
        refused.extend(documents.err().map(|error| format!("{error:#}")));
        return Ok(refused);
    }
    if ask.service.is_none_or(|it| it == Part::Eligibility) {
        let fits = documents.and_then(|it| it.map_or(Ok(()), |it| it.check()));
        refused.extend(fits.err().map(|error| format!("{error:#}")));
    }
    let (storage, keys) = (settings.storage()?, settings.keys());
    let parts = Part::ALL.iter().copied();
    for part in parts.filter(|it| ask.service.is_none_or(|only| only == *it)) {
        let opened = Opened::open(&storage, &keys, part, Wanted::Production).await;
        refused.extend(opened.err().map(|error| format!("{error:#}")));
        refused.extend(
            keys.signer(part)
                .err()
                .map(|error| format!("keys: {error:#}")),
        );
    }
    refused.extend(keys.keyring().err().map(|error| format!("keys: {error:#}")));
    Ok(refused)
}

/// Serves until it is told to stop.
pub async fn run(ask: Serve) -> anyhow::Result<ExitCode> {
    let settings = ask.settings()?;
    let refused = refusals(&ask).await?;
    if !refused.is_empty() {
        bail!("{}", refused.join("\n  "));
    }
    if ask.development {
        println!("DEVELOPMENT: open accounts, generated keys, cheap passwords. For nobody's data.");
    }
    match ask.service {
        Some(part) => single::run(&ask, &settings, part).await,
        None => whole(&ask, &settings).await,
    }
}

async fn whole(ask: &Serve, settings: &Settings) -> anyhow::Result<ExitCode> {
    if ask.development {
        let folder = &settings.database.folder;
        std::fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    }
    let storage = settings.storage()?;
    // Whose accounts there are depends on whom the database serves.
    divisions::take(&storage.of(Part::Gateway)).await?;
    let seeds = ask.seeds(&*rules()?)?;
    let shown: Vec<(Role, String)> = seeds.iter().map(|it| (it.role, it.login.clone())).collect();
    let options = Options {
        keys: settings.keys(),
        storage,
        documents: settings.documents()?,
        wanted: ask.wanted(),
        redis: settings.redis.url()?,
        clock: ask.clock()?,
        pack: ask.pack()?,
        gateway: ask.gateway(settings),
        internal: settings.internal.clone(),
        pace: settings.pace,
        accounts: seeds,
    };
    let tls = settings.tls(Part::Gateway)?;
    // People have no certificates.
    let listen = listen(settings.listen.public, tls.as_ref(), Asks::Nobody);
    let mut stack = Stack::start(options, Some(listen)).await?;
    welcome(ask, settings.listen.public, &shown);
    let failed = until_told(stack.failed()).await;
    stack.stop().await;
    ended(failed)
}

/// Waits until the process is told to stop, or something of it fails first.
async fn until_told(failed: impl Future<Output = anyhow::Error>) -> Option<anyhow::Error> {
    tokio::select! {
        error = failed => Some(error),
        () = told_to_stop() => None,
    }
}

fn ended(failed: Option<anyhow::Error>) -> anyhow::Result<ExitCode> {
    failed.map_or(Ok(ExitCode::SUCCESS), Err)
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

fn welcome(ask: &Serve, listen: SocketAddr, shown: &[(Role, String)]) {
    println!(
        "yuhui serves {} (counties of {}: {})",
        listen,
        city(),
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
        listen
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
