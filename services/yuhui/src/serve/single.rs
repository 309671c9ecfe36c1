//! One service in a process of its own, over TCP.

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use yuhui_platform::{
    health::{self, Health},
    peers::{Peers, Wire},
    tls::{Asks, Tls},
};
use yuhui_policy::PolicyPack;

use super::{Serve, development, listen, settings::Settings, told_to_stop};
use crate::stack::{Bench, Keys, Part, database, ephemeral, rules};

/// How long it goes on after it has said that it ends, until the others have noticed.
const PAUSE: Duration = Duration::from_secs(5);

/// Serves `part` until it is told to stop.
pub(super) async fn run(ask: &Serve, part: Part) -> anyhow::Result<ExitCode> {
    if part != Part::Gateway && ask.bank_listen.is_some() {
        bail!("--bank-listen is for the gateway");
    }
    let settings = Settings::read(ask.config.as_deref())?;
    std::fs::create_dir_all(&ask.data).with_context(|| format!("create {}", ask.data.display()))?;
    let keys = Keys::open(&ask.data)?;
    let tls = ask.tls(part)?;
    let keyring = keys.keyring()?;
    keys.follow(&keyring, ask.reload());
    let bench = Bench {
        part,
        db: database(&ask.storage(), part).await?,
        clock: ask.clock(),
        peers: peers(ask, &keys, part, tls.as_ref())?,
        vault: keys.vault()?,
        pack: Arc::new(PolicyPack::baotou().clone()),
        keyring,
        rules: rules()?,
        limits: settings.internal.clone(),
    };
    let relay = bench.relay();
    let carrying = relay.as_ref().map(yuhui_platform::outbox::Relay::spawn);
    let jobs = bench.jobs();
    println!("{} serves {}", part.name(), ask.listen);
    let served = match part {
        Part::Gateway => gateway(ask, bench, &keys, &settings, tls.as_ref()).await,
        _ => service(ask, bench, &keys, tls.as_ref()).await,
    };
    if let Some(jobs) = jobs {
        jobs.stop().await;
    }
    if let (Some(relay), Some(carrying)) = (relay, carrying) {
        relay.stop();
        carrying.await.context("the relay broke down")?;
    }
    served.with_context(|| part.name())?;
    Ok(ExitCode::SUCCESS)
}

async fn service(ask: &Serve, bench: Bench, keys: &Keys, tls: Option<&Tls>) -> anyhow::Result<()> {
    let health = bench.checks(keys.signer(bench.part)?).start();
    let answering = answer(health.clone(), ask.health_socket.clone());
    let server = bench.server()?.health(health).pause(PAUSE);
    let listen = listen(ask.listen, tls, Asks::Services);
    tokio::select! {
        served = server.run(listen, told_to_stop()) => Ok(served?),
        broken = answering => broken,
    }
}

async fn gateway(
    ask: &Serve,
    bench: Bench,
    keys: &Keys,
    settings: &Settings,
    tls: Option<&Tls>,
) -> anyhow::Result<()> {
    let ephemeral = ephemeral(ask.stores.redis.as_deref()).await?;
    let signer = keys.signer(Part::Gateway)?;
    let checks = bench.checks(signer.clone());
    let health = checks.sessions(ephemeral.clone()).start();
    let answering = answer(health.clone(), ask.health_socket.clone());
    let config = yuhui_gateway::Config {
        bank_apart: ask.bank_listen.is_some(),
        pause: PAUSE,
        ..ask.gateway(settings)
    };
    let deps = bench.gateway(signer, ephemeral, Some(health), config);
    if !ask.no_accounts {
        yuhui_gateway::seed_accounts(&deps, development(&*rules()?)?.into_list())
            .await
            .map_err(|error| anyhow!("accounts: {error}"))?;
    }
    let people = listen(ask.listen, tls, Asks::Nobody);
    let for_people = yuhui_gateway::serve(deps.clone(), people, told_to_stop());
    let for_the_bank = async {
        match ask.bank_listen {
            None => Ok(()),
            Some(address) => {
                println!("the bank is served at {address}");
                let bank = listen(address, tls, Asks::Bank);
                yuhui_gateway::serve_bank(deps, bank, told_to_stop()).await
            }
        }
    };
    tokio::select! {
        served = async { tokio::try_join!(for_people, for_the_bank) } => Ok(served.map(|_| ())?),
        broken = answering => broken,
    }
}

/// Answers `yuhui health` at `socket`, if there is to be one; ends only when that cannot be.
async fn answer(health: Health, socket: Option<PathBuf>) -> anyhow::Result<()> {
    match socket {
        Some(path) => health::listen(health, &path).await,
        None => std::future::pending().await,
    }
}

/// The other services, where `--peers` says they are.
fn peers(ask: &Serve, keys: &Keys, part: Part, tls: Option<&Tls>) -> anyhow::Result<Peers> {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for pair in &ask.peers {
        let (name, url) = pair
            .split_once('=')
            .with_context(|| format!("--peers: `{pair}` is not name=url"))?;
        let other: Part = name.parse()?;
        places.entry(other.name()).or_default().push(url.to_owned());
    }
    let (mut peers, wire) = (Peers::new(keys.signer(part)?), Wire::new(tls.cloned()));
    for (name, urls) in places {
        peers = peers.reach(name, &urls, &wire)?;
    }
    Ok(peers)
}
