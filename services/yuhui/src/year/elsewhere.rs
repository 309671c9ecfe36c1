//! A play against a system that runs in other processes: where it is, how it is emptied, and how its
//! date is moved.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use tokio::time::{Instant, sleep};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use yuhui_gateway::{Config, Cost, SeedAccount};
use yuhui_platform::{
    Clock,
    db::Database,
    ephemeral::InProcess,
    inbox,
    outbox::{self, Relay},
    peers::Peers,
    vault::Vault,
};
use yuhui_policy::{AnyPack, PolicyPack};
use yuhui_rehearsal::{Needs, Place, Runs, System};

use super::EVENTS_TAKE;
use crate::{
    settings::{Given, Settings},
    stack::{Keys, Opened, Part, Storage, Wanted, rules},
};

/// Pause between two looks for events.
const PAUSE: Duration = Duration::from_millis(10);
/// An event may lead to one that leads to one: so many looks in a row find none.
const LOOKS: u32 = 3;

/// A system elsewhere, as its file describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Elsewhere {
    /// The file that its date stands in.
    clock: PathBuf,
    /// Settings with which its databases and keys are reached.
    settings: PathBuf,
    /// What makes it empty and starts it anew; the file of a policy pack is added to its words.
    fresh: Vec<String>,
    /// The gateway.
    gateway: Replicas,
    /// The gateway as the bank reaches it.
    bank: Replicas,
}

/// Replicas of the gateway.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Replicas {
    /// Their URLs; calls are spread over them.
    urls: Vec<String>,
    /// Name in their certificate.
    name: String,
    /// Authority of their certificate.
    ca: PathBuf,
    /// Certificate of the caller, and its key.
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Elsewhere {
    /// Reads the file.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let named = || path.display().to_string();
        let text = fs::read_to_string(path).with_context(named)?;
        toml::from_str(&text).with_context(named)
    }

    fn settings(&self) -> anyhow::Result<Settings> {
        let given = Given {
            config: Some(self.settings.clone()),
            ..Given::default()
        };
        Settings::read(&given, Vec::new())
    }

    fn fresh(&self, pack: &Arc<PolicyPack>) -> anyhow::Result<()> {
        let Some((program, words)) = self.fresh.split_first() else {
            bail!("fresh: names no program");
        };
        let file = tempfile::Builder::new().suffix(".toml").tempfile()?;
        let pack = AnyPack::from(PolicyPack::clone(pack));
        fs::write(file.path(), pack.to_toml())?;
        let done = Command::new(program)
            .args(words)
            .arg(file.path())
            .output()
            .with_context(|| format!("fresh: {program}"))?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr);
            bail!("fresh: {program}: {}: {said}", done.status);
        }
        Ok(())
    }
}

impl Place for Elsewhere {
    fn vault(&self) -> anyhow::Result<Arc<Vault>> {
        self.settings()?.keys().references()
    }

    async fn start(&self, needs: Needs) -> anyhow::Result<System> {
        let clock = Clock::sandbox_in(&self.clock, Some(needs.begins_on));
        let clock = clock.with_context(|| self.clock.display().to_string())?;
        self.fresh(&needs.pack)?;
        let settings = self.settings()?;
        let (storage, keys) = (settings.storage()?, settings.keys());
        seed(&storage, &keys, &clock, needs.accounts).await?;
        let mut parts = Vec::new();
        for part in Part::ALL {
            let db = storage.look_into(*part).await?;
            let peers = Peers::new(keys.signer(*part)?);
            let destinations = part.destinations();
            let relay = || Relay::new(db.clone(), peers, destinations, outbox::Pace::default());
            let relay = (!destinations.is_empty()).then(relay);
            parts.push(Outgoing { db, relay });
        }
        Ok(System {
            gateway: self.gateway.channel()?,
            bank: self.bank.channel()?,
            clock,
            vault: keys.references()?,
            services: Part::ALL.iter().map(|part| part.name()).collect(),
            runs: Box::new(Processes(parts)),
        })
    }

    /// What starts the next system empties it.
    async fn clear(&self) -> anyhow::Result<()> {
        Ok(())
    }
}

/// Processes that the player did not start: it looks into their databases.
struct Processes(Vec<Outgoing>);

/// The events of a part.
struct Outgoing {
    db: Database,
    relay: Option<Relay>,
}

#[tonic::async_trait]
impl Runs for Processes {
    async fn settle(&self) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut quiet = 0;
        while quiet < LOOKS {
            let waiting = self.waiting().await?;
            if waiting == 0 {
                quiet += 1;
                continue;
            }
            quiet = 0;
            if begun.elapsed() > EVENTS_TAKE {
                bail!("{waiting} events are on their way for {EVENTS_TAKE:?}: yuhui events list");
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn stop(self: Box<Self>) {}
}

impl Processes {
    /// Events not delivered, then those not applied: delivered meanwhile, they are seen there.
    async fn waiting(&self) -> yuhui_platform::Result<u64> {
        let mut waiting = 0;
        for relay in self.0.iter().filter_map(|it| it.relay.as_ref()) {
            waiting += relay.pending().await?;
        }
        for part in &self.0 {
            waiting += inbox::arriving(&part.db).await?;
        }
        Ok(waiting)
    }
}

/// Accounts are made in the database: nobody who could make them has signed in yet.
async fn seed(
    storage: &Storage,
    keys: &Keys,
    clock: &Clock,
    accounts: Vec<SeedAccount>,
) -> anyhow::Result<()> {
    let opened = Opened::open(storage, keys, Part::Gateway, Wanted::Development).await?;
    let signer = keys.signer(Part::Gateway)?;
    let deps = yuhui_gateway::Deps {
        db: opened.db,
        clock: clock.clone(),
        peers: Peers::new(signer.clone()),
        vault: opened.vault,
        ephemeral: Arc::new(InProcess::default()),
        signer,
        keyring: keys.keyring()?,
        rules: rules()?,
        health: None,
        config: Config {
            password: Cost::sandbox(),
            ..Config::default()
        },
    };
    yuhui_gateway::seed_accounts(&deps, accounts).await?;
    Ok(())
}

impl Replicas {
    fn channel(&self) -> anyhow::Result<Channel> {
        let read = |path: &Path| fs::read(path).with_context(|| path.display().to_string());
        let mut tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(read(&self.ca)?))
            .domain_name(&self.name);
        if let (Some(cert), Some(key)) = (&self.cert, &self.key) {
            tls = tls.identity(Identity::from_pem(read(cert)?, read(key)?));
        }
        let endpoints = self.urls.iter().map(|url| {
            let endpoint = Endpoint::from_shared(url.clone()).with_context(|| url.clone())?;
            Ok(endpoint.tls_config(tls.clone())?)
        });
        let endpoints: Vec<Endpoint> = endpoints.collect::<anyhow::Result<_>>()?;
        Ok(Channel::balance_list(endpoints.into_iter()))
    }
}
