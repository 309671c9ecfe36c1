//! One service in a process of its own, over TCP.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context as _, anyhow};
use yuhui_platform::{
    health::{self, Health},
    peers::{Peers, Wire},
    retention,
    tls::{Asks, Tls},
};

use super::{Serve, listen, told_to_stop};
use crate::{
    settings::Settings,
    stack::{Bench, Keys, Opened, Part, ephemeral, rules},
};

/// How long it goes on after it has said that it ends, until the others have noticed.
const PAUSE: Duration = Duration::from_secs(5);

/// Serves `part` until it is told to stop.
pub(super) async fn run(ask: &Serve, settings: &Settings, part: Part) -> anyhow::Result<ExitCode> {
    let keys = settings.keys();
    let tls = settings.tls(part)?;
    let opened = Opened::open(&settings.storage()?, &keys, part, ask.wanted()).await?;
    let tending = opened.tend(&keys);
    let keyring = keys.keyring()?;
    keys.follow(&keyring, settings.tls.reload);
    let bench = Bench {
        part,
        db: opened.db,
        clock: ask.clock()?,
        peers: peers(settings, &keys, part, tls.as_ref())?,
        vault: opened.vault,
        pack: ask.pack()?,
        keyring,
        rules: rules()?,
        limits: settings.internal.clone(),
    };
    let relay = bench.relay();
    if let Some(relay) = &relay
        && !settings.database.is_postgres()
    {
        relay
            .succeed()
            .await
            .map_err(|error| anyhow!("events: {error}"))?;
    }
    let attending = bench
        .inbox()
        .map(|inbox| tokio::spawn(async move { inbox.attend().await }));
    let carrying = relay.as_ref().map(yuhui_platform::outbox::Relay::spawn);
    let jobs = bench.jobs();
    let sweeping = retention::spawn(bench.db.clone(), settings.retention);
    println!("{} serves {}", part.name(), settings.address(part)?);
    let serving = async {
        match part {
            Part::Gateway => gateway(ask, bench, &keys, settings, tls.as_ref()).await,
            _ => service(bench, &keys, settings, tls.as_ref()).await,
        }
    };
    let served = tokio::select! {
        served = serving => served,
        () = tending => Ok(()),
    };
    if let Some(attending) = attending {
        attending.abort();
    }
    for job in jobs.into_iter().chain([sweeping]) {
        job.stop().await;
    }
    if let (Some(relay), Some(carrying)) = (relay, carrying) {
        relay.stop();
        carrying.await.context("the relay broke down")?;
    }
    served.with_context(|| part.name())?;
    Ok(ExitCode::SUCCESS)
}

async fn service(
    bench: Bench,
    keys: &Keys,
    settings: &Settings,
    tls: Option<&Tls>,
) -> anyhow::Result<()> {
    let part = bench.part;
    let health = bench.checks(keys.signer(part)?).start();
    let answering = answer(health.clone(), settings.health());
    let server = bench.server()?.health(health).pause(PAUSE);
    let listen = listen(settings.address(part)?, tls, Asks::Services);
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
    let redis = settings.redis.url()?;
    let ephemeral = ephemeral(redis.as_deref()).await?;
    let signer = keys.signer(Part::Gateway)?;
    let checks = bench.checks(signer.clone());
    let health = checks.sessions(ephemeral.clone()).start();
    let answering = answer(health.clone(), settings.health());
    let config = yuhui_gateway::Config {
        pause: PAUSE,
        ..ask.gateway(settings)
    };
    let deps = bench.gateway(signer, ephemeral, Some(health), config);
    let seeds = ask.seeds(&*rules()?)?;
    yuhui_gateway::seed_accounts(&deps, seeds)
        .await
        .map_err(|error| anyhow!("accounts: {error}"))?;
    let people = listen(settings.listen.public, tls, Asks::Nobody);
    let for_people = yuhui_gateway::serve(deps.clone(), people, told_to_stop());
    let bank = settings.bank()?;
    let for_the_bank = async {
        match bank {
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

/// The other services, where the settings say they are.
fn peers(settings: &Settings, keys: &Keys, part: Part, tls: Option<&Tls>) -> anyhow::Result<Peers> {
    let (mut peers, wire) = (Peers::new(keys.signer(part)?), Wire::new(tls.cloned()));
    for (other, urls) in &settings.peers {
        if !urls.is_empty() {
            peers = peers.reach(other.name(), urls, &wire)?;
        }
    }
    Ok(peers)
}
