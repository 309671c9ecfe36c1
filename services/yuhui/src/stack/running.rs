//! The tasks of a running system, and how they end.

use anyhow::anyhow;
use tokio::{sync::watch, task::JoinSet};
use yuhui_platform::{
    jobs,
    outbox::Relay,
    retention::{self, Retention},
    serve::Listen,
};

use super::{Bench, Keys, Opened};

/// Tasks of the parts. The door is stopped before what is behind it.
pub(crate) struct Running {
    door: watch::Sender<bool>,
    behind: watch::Sender<bool>,
    doors: JoinSet<(&'static str, yuhui_platform::Result<()>)>,
    services: JoinSet<(&'static str, yuhui_platform::Result<()>)>,
    relays: JoinSet<()>,
    jobs: Vec<jobs::Running>,
    tasks: JoinSet<()>,
}

impl Default for Running {
    fn default() -> Self {
        Self {
            door: watch::Sender::new(false),
            behind: watch::Sender::new(false),
            doors: JoinSet::new(),
            services: JoinSet::new(),
            relays: JoinSet::new(),
            jobs: Vec::new(),
            tasks: JoinSet::new(),
        }
    }
}

impl Running {
    /// Serves a service.
    pub(crate) fn service(&mut self, bench: Bench, listen: Listen) -> anyhow::Result<()> {
        let name = bench.part.name();
        self.jobs(&bench);
        if let Some(inbox) = bench.inbox() {
            self.tasks.spawn(async move { inbox.attend().await });
        }
        let server = bench.server()?;
        let stop = stopped(&self.behind);
        self.services
            .spawn(async move { (name, server.run(listen, stop).await) });
        Ok(())
    }

    /// Keeps the vault of a part to the keys that are there.
    pub(crate) fn tend(&mut self, opened: &Opened, keys: &Keys) {
        self.tasks.spawn(opened.tend(keys));
    }

    /// Does what a part does without being asked.
    pub(crate) fn jobs(&mut self, bench: &Bench) {
        self.jobs.extend(bench.jobs());
    }

    /// Forgets what a part has kept for long enough.
    pub(crate) fn sweep(&mut self, bench: &Bench, retention: Retention) {
        self.jobs
            .push(retention::spawn(bench.db.clone(), retention));
    }

    /// Serves the gateway.
    pub(crate) fn gateway(&mut self, deps: yuhui_gateway::Deps, listen: Listen) {
        let stop = stopped(&self.door);
        self.doors.spawn(async move {
            (
                yuhui_gateway::NAME,
                yuhui_gateway::serve(deps, listen, stop).await,
            )
        });
    }

    /// Carries events.
    pub(crate) fn relay(&mut self, relay: Relay) {
        self.relays.spawn(async move {
            if let Err(error) = relay.spawn().await {
                tracing::error!(%error, "a relay ended");
            }
        });
    }

    /// Waits until some part ends by itself.
    pub(crate) async fn failed(&mut self) -> anyhow::Error {
        let ended = tokio::select! {
            Some(ended) = self.doors.join_next() => ended,
            Some(ended) = self.services.join_next() => ended,
            else => return anyhow!("nothing is running"),
        };
        match ended {
            Ok((name, Ok(()))) => anyhow!("{name} ended"),
            Ok((name, Err(error))) => anyhow!("{name}: {error}"),
            Err(error) => anyhow!("a part broke down: {error}"),
        }
    }

    /// Stops everything, in order.
    pub(crate) async fn stop(mut self) {
        for job in self.jobs.drain(..) {
            job.stop().await;
        }
        self.door.send_replace(true);
        while self.doors.join_next().await.is_some() {}
        self.behind.send_replace(true);
        while self.services.join_next().await.is_some() {}
        while self.relays.join_next().await.is_some() {}
    }
}

/// Ready once the switch is thrown, or gone.
fn stopped(switch: &watch::Sender<bool>) -> impl Future<Output = ()> + Send + 'static {
    let mut switch = switch.subscribe();
    async move {
        // An error means that the switch itself is gone.
        let _ = switch.wait_for(|stop| *stop).await;
    }
}
