//! One service in a process of its own, over TCP.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use yuhui_platform::{
    peers::{PeerTls, Peers},
    retention::Retention,
};
use yuhui_policy::PolicyPack;

use super::{Serve, development, settings::Settings, told_to_stop};
use crate::stack::{Bench, Keys, Part, Storage, database, ephemeral, rules};

/// Serves `part` until it is told to stop.
pub(super) async fn run(ask: &Serve, part: Part) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(ask.config.as_deref())?;
    std::fs::create_dir_all(&ask.data).with_context(|| format!("create {}", ask.data.display()))?;
    let keys = Keys::open(&ask.data)?;
    let tls = ask.tls()?;
    let bench = Bench {
        part,
        db: database(&ask.storage(), part).await?,
        clock: ask.clock(),
        peers: peers(ask, &keys, part, tls.as_ref())?,
        vault: keys.vault()?,
        pack: std::sync::Arc::new(PolicyPack::baotou().clone()),
        keyring: keys.keyring()?,
        rules: rules()?,
        limits: settings.internal.clone(),
    };
    let relay = bench.relay();
    if let (Some(relay), Storage::Files { .. }) = (&relay, ask.storage()) {
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
    let sweeping = bench.sweep(Retention::default());
    println!("{} serves {}", part.name(), ask.listen);
    let served = if part == Part::Gateway {
        let ephemeral = ephemeral(ask.stores.redis.as_deref()).await?;
        let deps = bench.gateway(keys.signer(part)?, ephemeral, ask.gateway(&settings));
        if !ask.no_accounts {
            yuhui_gateway::seed_accounts(&deps, development(&*rules()?)?.into_list())
                .await
                .map_err(|error| anyhow!("accounts: {error}"))?;
        }
        let listen = ask.listen(tls.as_ref(), false);
        yuhui_gateway::serve(deps, listen, told_to_stop()).await
    } else {
        let listen = ask.listen(tls.as_ref(), true);
        bench.server()?.run(listen, told_to_stop()).await
    };
    for task in [jobs, attending, Some(sweeping)].into_iter().flatten() {
        task.abort();
    }
    if let (Some(relay), Some(carrying)) = (relay, carrying) {
        relay.stop();
        carrying.await.context("the relay broke down")?;
    }
    served.map_err(|error| anyhow!("{}: {error}", part.name()))?;
    Ok(ExitCode::SUCCESS)
}

/// The other services, where `--peers` says they are.
fn peers(ask: &Serve, keys: &Keys, part: Part, tls: Option<&PeerTls>) -> anyhow::Result<Peers> {
    let mut peers = Peers::new(keys.signer(part)?);
    for pair in &ask.peers {
        let (name, url) = pair
            .split_once('=')
            .with_context(|| format!("--peers: `{pair}` is not name=url"))?;
        let other: Part = name.parse()?;
        let channel = Peers::tcp(url, tls).map_err(|error| anyhow!("--peers: {url}: {error}"))?;
        peers = peers.with(other.name(), channel);
    }
    Ok(peers)
}
