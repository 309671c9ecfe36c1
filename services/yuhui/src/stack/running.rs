//! The tasks of a running system, and how they end.

use anyhow::anyhow;
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
};
use yuhui_platform::{outbox::Relay, retention::Retention, serve::Listen};

use super::Bench;

/// Tasks of the parts. The door is stopped before what is behind it.
pub(crate) struct Running {
    door: watch::Sender<bool>,
    behind: watch::Sender<bool>,
    doors: JoinSet<(&'static str, yuhui_platform::Result<()>)>,
    services: JoinSet<(&'static str, yuhui_platform::Result<()>)>,
    relays: JoinSet<()>,
    jobs: Vec<JoinHandle<()>>,
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
        }
    }
}

impl Running {
    /// Serves a service.
    pub(crate) fn service(&mut self, bench: Bench, listen: Listen) -> anyhow::Result<()> {
        let name = bench.part.name();
        self.jobs.extend(bench.jobs());
        self.jobs.push(bench.sweep(Retention::default()));
        if let Some(inbox) = bench.inbox() {
            self.jobs
                .push(tokio::spawn(async move { inbox.attend().await }));
        }
        let server = bench.server()?;
        let stop = stopped(&self.behind);
        self.services
            .spawn(async move { (name, server.run(listen, stop).await) });
        Ok(())
    }

    /// Ends a task with the system.
    pub(crate) fn job(&mut self, job: JoinHandle<()>) {
        self.jobs.push(job);
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
        for job in &self.jobs {
            job.abort();
        }
        self.door.send_replace(true);
        while self.doors.join_next().await.is_some() {}
        self.behind.send_replace(true);
        while self.services.join_next().await.is_some() {}
        self.relays.shutdown().await;
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
