//! The whole system in one process: six parts, each with its own key and its
//! own database, that exchange the messages they would exchange over TCP, and
//! check them alike.

pub mod keys;
mod opened;
mod pace;
mod parts;
mod running;
pub mod storage;

use std::sync::Arc;

use tonic::transport::Channel;
use yuhui_gateway::SeedAccount;
use yuhui_platform::{
    Clock,
    authz::Rules,
    ephemeral::{Ephemeral, InProcess, Redis},
    inbox::Attendant,
    objects::Place,
    outbox::Relay,
    peers::{Line, Peers},
    pipe,
    serve::{Limits, Listen, here},
};
use yuhui_policy::PolicyPack;

pub use keys::Keys;
pub use opened::{Opened, Wanted};
pub use pace::Pace;
pub use parts::{Part, PartDeps, migrated};
pub use storage::{Storage, Stores};

pub(crate) use running::Running;

/// What a system is built from.
pub struct Options {
    /// The keys of every part.
    pub keys: Keys,
    /// Where the services keep their data.
    pub storage: Storage,
    /// Where contents of documents are kept, if anywhere.
    pub documents: Option<Place>,
    /// What it is for.
    pub wanted: Wanted,
    /// Redis for ended sessions and counts; in this process if none.
    pub redis: Option<String>,
    /// Business dates of every part.
    pub clock: Clock,
    /// The policy in force.
    pub pack: Arc<PolicyPack>,
    /// Settings of the gateway.
    pub gateway: yuhui_gateway::Config,
    /// Limits of the services behind the gateway.
    pub internal: Limits,
    /// What every part does without being asked.
    pub pace: Pace,
    /// Accounts to make if they are missing.
    pub accounts: Vec<SeedAccount>,
}

/// A running system.
pub struct Stack {
    clock: Clock,
    gateway: Channel,
    relays: Vec<Relay>,
    inboxes: Vec<Arc<dyn Attendant>>,
    running: Running,
}

impl Stack {
    /// Builds and starts everything; the gateway also listens where `listen`
    /// says.
    pub async fn start(options: Options, listen: Option<Listen>) -> anyhow::Result<Self> {
        let keys = options.keys;
        if options.wanted == Wanted::Development {
            keys.make()?;
        }
        let mut stack = Self {
            clock: options.clock.clone(),
            gateway: Channel::from_static("http://unused").connect_lazy(),
            relays: Vec::new(),
            inboxes: Vec::new(),
            running: Running::default(),
        };
        let (door, at_the_door) = pipe::pipe();
        let mut lines: Vec<(Part, Line)> = vec![(Part::Gateway, door.clone().into())];
        let mut listeners = Vec::new();
        for part in Part::ALL.iter().filter(|it| **it != Part::Gateway) {
            let (service, listener) = here();
            lines.push((*part, service.into()));
            listeners.push((*part, Listen::Here(listener)));
        }
        listeners.push((Part::Gateway, Listen::Pipe(at_the_door)));
        stack.gateway = door;
        let ephemeral = ephemeral(options.redis.as_deref()).await?;
        let mut gateway = None;
        for (part, served) in listeners {
            let mut peers = Peers::new(keys.signer(part)?);
            for (other, line) in lines.iter().filter(|(other, _)| *other != part) {
                peers = peers.with(other.name(), line.clone());
            }
            let opened = Opened::open(&options.storage, &keys, part, options.wanted).await?;
            stack.running.tend(&opened, &keys);
            let deps = PartDeps {
                part,
                vault: opened.vault,
                db: opened.db,
                clock: options.clock.clone(),
                peers,
                documents: part.documents(options.documents.as_ref())?,
                pack: options.pack.clone(),
                keyring: keys.keyring()?,
                rules: rules()?,
                limits: options.internal.clone(),
                pace: options.pace,
            };
            stack.running.work(&deps);
            if part == Part::Gateway {
                gateway = Some((deps, served));
                continue;
            }
            stack.relays.extend(deps.relay());
            if let Some(inbox) = deps.inbox() {
                stack.running.attend(&deps, inbox.clone());
                stack.inboxes.push(inbox);
            }
            let server = deps.server()?;
            stack.running.service(part.name(), server, served);
        }
        for relay in &stack.relays {
            let from_file = options.storage.is_files();
            stack.running.relay(relay.clone(), from_file).await?;
        }
        if let Some((deps, served)) = gateway {
            let signer = keys.signer(Part::Gateway)?;
            let deps = deps.gateway(signer, ephemeral, None, options.gateway);
            let made = yuhui_gateway::seed_accounts(&deps, options.accounts).await?;
            tracing::debug!(made, "accounts");
            stack.running.gateway(deps.clone(), served);
            if let Some(listen) = listen {
                stack.running.gateway(deps, listen);
            }
        }
        Ok(stack)
    }

    /// The gateway, in memory.
    #[must_use]
    pub fn gateway(&self) -> Channel {
        self.gateway.clone()
    }

    /// The clock all parts go by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Waits until no event is on its way any more.
    pub async fn settle(&self) -> anyhow::Result<()> {
        loop {
            for relay in &self.relays {
                relay.drain().await.map_err(events)?;
            }
            for inbox in &self.inboxes {
                inbox.settle().await.map_err(events)?;
            }
            let mut pending = 0;
            for relay in &self.relays {
                pending += relay.pending().await.map_err(events)?;
            }
            if pending == 0 {
                return Ok(());
            }
        }
    }

    /// Waits until some part ends by itself: that is a failure.
    pub async fn failed(&mut self) -> anyhow::Error {
        self.running.failed().await
    }

    /// Stops: the door first, then what is behind it.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}

fn events(error: yuhui_platform::Error) -> anyhow::Error {
    anyhow::anyhow!("events: {error}")
}

/// The rules of the contract.
pub fn rules() -> anyhow::Result<Arc<Rules>> {
    Ok(Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool())?))
}

/// Ended sessions and counts: in Redis, or in this process.
pub async fn ephemeral(redis: Option<&str>) -> anyhow::Result<Arc<dyn Ephemeral>> {
    Ok(match redis {
        Some(url) => Arc::new(Redis::connect(url).await?),
        None => Arc::new(InProcess::default()),
    })
}
