//! One service in a process of its own, over TCP.

use std::{process::ExitCode, sync::Arc};

use anyhow::anyhow;
use yuhui_platform::{
    peers::{PeerTls, Peers},
    serve::{Listen, ServerTls},
};
use yuhui_policy::PolicyPack;

use super::{Serve, told_to_stop};
use crate::{
    settings::Settings,
    stack::{Bench, Keys, Opened, Part, ephemeral, rules},
};

/// Serves `part` until it is told to stop.
pub(super) async fn run(ask: &Serve, settings: &Settings, part: Part) -> anyhow::Result<ExitCode> {
    let keys = settings.keys();
    let tls = settings.tls()?;
    let opened = Opened::open(&settings.storage()?, &keys, part, ask.wanted()).await?;
    let tending = opened.tend(&keys);
    let bench = Bench {
        part,
        db: opened.db,
        clock: ask.clock(),
        peers: peers(settings, &keys, part, tls.as_ref())?,
        vault: opened.vault,
        pack: Arc::new(PolicyPack::baotou().clone()),
        keyring: keys.keyring()?,
        rules: rules()?,
        limits: settings.internal.clone(),
    };
    let relay = bench.relay();
    let carrying = relay.as_ref().map(yuhui_platform::outbox::Relay::spawn);
    let jobs = bench.jobs();
    let address = settings.address(part)?;
    println!("{} serves {address}", part.name());
    // The gateway serves people, who have no certificate.
    let is_door = part == Part::Gateway;
    let listen = Listen::Tcp {
        addr: address,
        tls: tls.map(|it| ServerTls {
            cert: it.cert,
            key: it.key,
            client_ca: (!is_door).then_some(it.ca),
        }),
    };
    let served = if is_door {
        let redis = settings.redis.url()?;
        let ephemeral = ephemeral(redis.as_deref()).await?;
        let deps = bench.gateway(keys.signer(part)?, ephemeral, ask.gateway(settings));
        let seeds = ask.seeds(&*rules()?)?;
        yuhui_gateway::seed_accounts(&deps, seeds)
            .await
            .map_err(|error| anyhow!("accounts: {error}"))?;
        yuhui_gateway::serve(deps, listen, told_to_stop()).await
    } else {
        bench.server()?.run(listen, told_to_stop()).await
    };
    tending.abort();
    if let Some(jobs) = jobs {
        jobs.abort();
    }
    if let (Some(relay), Some(carrying)) = (relay, carrying) {
        relay.stop();
        carrying
            .await
            .map_err(|error| anyhow!("the relay broke down: {error}"))?;
    }
    served.map_err(|error| anyhow!("{}: {error}", part.name()))?;
    Ok(ExitCode::SUCCESS)
}

/// The other services, where the settings say they are.
fn peers(
    settings: &Settings,
    keys: &Keys,
    part: Part,
    tls: Option<&PeerTls>,
) -> anyhow::Result<Peers> {
    let mut peers = Peers::new(keys.signer(part)?);
    for (other, urls) in &settings.peers {
        for url in urls {
            let channel = Peers::tcp(url, tls);
            let channel = channel.map_err(|error| anyhow!("peers: {url}: {error}"))?;
            peers = peers.with(other.name(), channel);
        }
    }
    Ok(peers)
}
