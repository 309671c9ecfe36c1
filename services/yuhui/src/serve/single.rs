//! One service in a process of its own, over TCP.

use std::{process::ExitCode, time::Duration};

use yuhui_platform::{
    peers::{Peers, Wire},
    tls::{Asks, Tls},
};

use super::{Serve, ended, listen, until_told};
use crate::{
    settings::Settings,
    stack::{Keys, Opened, Part, PartDeps, Running, ephemeral, rules},
};

/// How long it goes on after it has said that it ends, until the others have noticed.
const PAUSE: Duration = Duration::from_secs(5);

/// Serves `part` until it is told to stop.
pub(super) async fn run(ask: &Serve, settings: &Settings, part: Part) -> anyhow::Result<ExitCode> {
    let keys = settings.keys();
    let tls = settings.tls(part)?;
    let opened = Opened::open(&settings.storage()?, &keys, part, ask.wanted()).await?;
    let mut running = Running::default();
    running.tend(&opened, &keys);
    let keyring = keys.keyring()?;
    keys.follow(&keyring, settings.tls.reload);
    let deps = PartDeps {
        part,
        db: opened.db,
        clock: ask.clock()?,
        peers: peers(settings, &keys, part, tls.as_ref())?,
        vault: opened.vault,
        documents: part.documents(settings.documents()?.as_ref())?,
        pack: ask.pack()?,
        keyring,
        rules: rules()?,
        limits: settings.internal.clone(),
        pace: settings.pace,
    };
    if let Some(relay) = deps.relay() {
        let from_file = !settings.database.is_postgres();
        running.relay(relay, from_file).await?;
    }
    if let Some(inbox) = deps.inbox() {
        running.attend(&deps, inbox);
    }
    running.work(&deps);
    println!("{} serves {}", part.name(), settings.address(part)?);
    match part {
        Part::Gateway => gateway(&mut running, ask, deps, &keys, settings, tls.as_ref()).await?,
        _ => service(&mut running, deps, &keys, settings, tls.as_ref())?,
    }
    let failed = until_told(running.failed()).await;
    running.stop().await;
    ended(failed)
}

fn service(
    running: &mut Running,
    deps: PartDeps,
    keys: &Keys,
    settings: &Settings,
    tls: Option<&Tls>,
) -> anyhow::Result<()> {
    let part = deps.part;
    let health = deps.checks(keys.signer(part)?).start();
    running.answer(part.name(), health.clone(), settings.health());
    let server = deps.server()?.health(health).pause(PAUSE);
    let listen = listen(settings.address(part)?, tls, Asks::Services);
    running.service(part.name(), server, listen);
    Ok(())
}

async fn gateway(
    running: &mut Running,
    ask: &Serve,
    deps: PartDeps,
    keys: &Keys,
    settings: &Settings,
    tls: Option<&Tls>,
) -> anyhow::Result<()> {
    let redis = settings.redis.url()?;
    let ephemeral = ephemeral(redis.as_deref()).await?;
    let signer = keys.signer(Part::Gateway)?;
    let checks = deps.checks(signer.clone());
    let health = checks.sessions(ephemeral.clone()).start();
    running.answer(Part::Gateway.name(), health.clone(), settings.health());
    let config = yuhui_gateway::Config {
        pause: PAUSE,
        ..ask.gateway(settings)
    };
    let deps = deps.gateway(signer, ephemeral, Some(health), config);
    let seeds = ask.seeds(&*rules()?)?;
    yuhui_gateway::seed_accounts(&deps, seeds)
        .await
        .map_err(|error| anyhow::anyhow!("accounts: {error}"))?;
    let people = listen(settings.listen.public, tls, Asks::Nobody);
    running.gateway(deps.clone(), people);
    if let Some(address) = settings.bank()? {
        println!("the bank is served at {address}");
        running.bank(deps, listen(address, tls, Asks::Bank));
    }
    Ok(())
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
