//! The tasks of a running system, and how they end.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Error, anyhow};
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
};
use yuhui_platform::{
    health::{self, Health},
    inbox::Attendant,
    jobs,
    outbox::Relay,
    retention,
    serve::{Listen, Server},
    supervise::keep_going,
};

use super::{Keys, Opened, PartDeps};

/// Tasks that end with how they went, each of a part.
type Ending = JoinSet<(&'static str, anyhow::Result<()>)>;

/// Tasks of the parts. The door is stopped before what is behind it.
#[derive(Default)]
pub(crate) struct Running {
    door: watch::Sender<bool>,
    behind: watch::Sender<bool>,
    doors: Ending,
    services: Ending,
    relays: Vec<(Relay, JoinHandle<()>)>,
    jobs: Vec<jobs::Running>,
    tasks: Ending,
}

impl Running {
    /// Does what a part does without being asked: its jobs, and forgetting what it has kept for long
    /// enough.
    pub(crate) fn work(&mut self, deps: &PartDeps) {
        self.jobs.extend(deps.jobs());
        self.jobs
            .push(retention::spawn(deps.db.clone(), deps.pace.retention));
    }

    /// Keeps the vault of a part to the keys that are there.
    pub(crate) fn tend(&mut self, opened: &Opened, keys: &Keys) {
        let tending = opened.tending(keys);
        self.keep(opened.part.name(), "vault", move || tending.clone().tend());
    }

    /// Tries kept events of a part again.
    pub(crate) fn attend(&mut self, deps: &PartDeps, inbox: Arc<dyn Attendant>) {
        let pace = deps.pace.inbox;
        self.keep(deps.part.name(), "inbox", move || {
            let inbox = inbox.clone();
            async move { inbox.attend(pace).await }
        });
    }

    fn keep<F>(
        &mut self,
        part: &'static str,
        task: &'static str,
        work: impl Fn() -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(async move {
            keep_going(&format!("{part} {task}"), work).await;
            (part, Err(anyhow!("{task} ended")))
        });
    }

    /// Answers `yuhui health` for a part, if there is a socket for that.
    pub(crate) fn answer(&mut self, part: &'static str, health: Health, socket: Option<PathBuf>) {
        if let Some(path) = socket {
            self.tasks
                .spawn(async move { (part, health::listen(health, &path).await) });
        }
    }

    /// Serves a service.
    pub(crate) fn service(&mut self, part: &'static str, server: Server, listen: Listen) {
        let stop = stopped(&self.behind);
        self.services
            .spawn(async move { (part, server.run(listen, stop).await.map_err(Error::from)) });
    }

    /// Serves the gateway.
    pub(crate) fn gateway(&mut self, deps: yuhui_gateway::Deps, listen: Listen) {
        let stop = stopped(&self.door);
        self.doors.spawn(async move {
            let served = yuhui_gateway::serve(deps, listen, stop).await;
            (yuhui_gateway::NAME, served.map_err(Error::from))
        });
    }

    /// Serves the bank at an entrance of its own.
    pub(crate) fn bank(&mut self, deps: yuhui_gateway::Deps, listen: Listen) {
        let stop = stopped(&self.door);
        self.doors.spawn(async move {
            let served = yuhui_gateway::serve_bank(deps, listen, stop).await;
            (yuhui_gateway::NAME, served.map_err(Error::from))
        });
    }

    /// Carries events. From a file nobody else does, whatever it says of an earlier process.
    pub(crate) async fn relay(&mut self, relay: Relay, from_file: bool) -> anyhow::Result<()> {
        if from_file {
            let succeeded = relay.succeed().await;
            succeeded.map_err(|error| anyhow!("events: {error}"))?;
        }
        let carrying = relay.spawn();
        self.relays.push((relay, carrying));
        Ok(())
    }

    /// Waits until some part ends by itself.
    pub(crate) async fn failed(&mut self) -> Error {
        let ended = tokio::select! {
            Some(ended) = self.doors.join_next() => ended,
            Some(ended) = self.services.join_next() => ended,
            Some(ended) = self.tasks.join_next() => ended,
            else => return anyhow!("nothing is running"),
        };
        match ended {
            Ok((name, Ok(()))) => anyhow!("{name} ended"),
            Ok((name, Err(error))) => error.context(name),
            Err(error) => anyhow!("a part broke down: {error}"),
        }
    }

    /// Stops everything, in order.
    pub(crate) async fn stop(mut self) {
        for (relay, _) in &self.relays {
            relay.stop();
        }
        for job in self.jobs.drain(..) {
            job.stop().await;
        }
        self.door.send_replace(true);
        while self.doors.join_next().await.is_some() {}
        self.behind.send_replace(true);
        while self.services.join_next().await.is_some() {}
        for (_, carrying) in self.relays {
            if let Err(error) = carrying.await {
                tracing::error!(%error, "a relay broke down");
            }
        }
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
