//! The system a play is played on: in this process, or elsewhere.

use std::{sync::Arc, time::Duration};

use anyhow::bail;
use tokio::time::{Instant, sleep};
use tonic::transport::Channel;
use yuhui_platform::{Clock, db::Database, inbox, outbox::Relay, vault::Vault};

use crate::stack::Stack;

/// Longest that events may be on their way.
const PATIENCE: Duration = Duration::from_secs(180);
/// Pause between two looks for events.
const PAUSE: Duration = Duration::from_millis(10);
/// An event may lead to one that leads to one: so many looks in a row find none.
const LOOKS: u32 = 3;

/// A running system, and how it is reached.
pub(crate) struct System {
    /// The gateway.
    pub(super) gateway: Channel,
    /// The gateway as the bank reaches it.
    pub(super) bank: Channel,
    /// The clock that all its parts go by.
    pub(super) clock: Clock,
    /// Makes references as all its parts do.
    pub(super) vault: Arc<Vault>,
    pub(super) runs: Runs,
}

/// Where it runs.
pub(super) enum Runs {
    /// In this process.
    Here(Stack),
    /// In others, whose databases can be looked into.
    Elsewhere(Vec<Outgoing>),
}

/// The events of a part.
pub(super) struct Outgoing {
    pub(super) db: Database,
    pub(super) relay: Option<Relay>,
}

impl System {
    /// The one in this process.
    pub(super) fn here(stack: Stack, vault: Arc<Vault>) -> Self {
        Self {
            gateway: stack.gateway(),
            bank: stack.gateway(),
            clock: stack.clock().clone(),
            vault,
            runs: Runs::Here(stack),
        }
    }

    /// Waits until no event is on its way any more.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        match &self.runs {
            Runs::Here(stack) => stack.settle().await,
            Runs::Elsewhere(parts) => settle(parts).await,
        }
    }

    /// Stops it, if it runs here.
    pub(super) async fn stop(self) {
        if let Runs::Here(stack) = self.runs {
            stack.stop().await;
        }
    }
}

async fn settle(parts: &[Outgoing]) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut quiet = 0;
    while quiet < LOOKS {
        let waiting = waiting(parts).await?;
        if waiting == 0 {
            quiet += 1;
            continue;
        }
        quiet = 0;
        if begun.elapsed() > PATIENCE {
            bail!("{waiting} events are on their way for {PATIENCE:?}: yuhui events list");
        }
        sleep(PAUSE).await;
    }
    Ok(())
}

/// Events not delivered, then those not applied: delivered meanwhile, they are seen there.
async fn waiting(parts: &[Outgoing]) -> yuhui_platform::Result<u64> {
    let mut waiting = 0;
    for relay in parts.iter().filter_map(|it| it.relay.as_ref()) {
        waiting += relay.pending().await?;
    }
    for part in parts {
        waiting += inbox::arriving(&part.db).await?;
    }
    Ok(waiting)
}
