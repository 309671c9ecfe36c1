//! The system a play is played on: what the player asks of it, and nothing of how it runs.

use std::sync::Arc;

use time::{Date, macros::date};
use tonic::transport::Channel;
use yuhui_gateway::SeedAccount;
use yuhui_kernel::dates;
use yuhui_platform::{Clock, authz::Rules, vault::Vault};
use yuhui_policy::PolicyPack;

use super::{accounts::Accounts, plot::Plot};

/// No claim can be earlier: the day the scheme was made public.
const PUBLISHED: Date = date!(2024 - 12 - 20);

/// Where a system can be started. The worked cases need one after the other.
pub trait Place {
    /// Makes references as the system to be.
    fn vault(&self) -> anyhow::Result<Arc<Vault>>;

    /// Starts a system with what a play needs.
    fn start(&self, needs: Needs) -> impl Future<Output = anyhow::Result<System>>;

    /// Throws away what was played, where it would be in the way of the next system.
    fn clear(&self) -> impl Future<Output = anyhow::Result<()>>;
}

/// What a system must have before a plot can be played on it.
pub struct Needs {
    /// Accounts of everybody who has something to do in it.
    pub accounts: Vec<SeedAccount>,
    /// The policy in force.
    pub pack: Arc<PolicyPack>,
    /// Its date at first: a day before anything happens.
    pub begins_on: Date,
}

impl Needs {
    /// What `plot` needs, under the parameters of `pack`.
    pub fn of(plot: &Plot, pack: PolicyPack) -> anyhow::Result<Self> {
        let rules = Rules::from_pool(yuhui_proto::descriptor_pool())?;
        let first = plot.claims.iter().map(|claim| claim.lodged_on).min();
        Ok(Self {
            accounts: Accounts::of(plot, &rules).into_list(),
            pack: Arc::new(pack),
            begins_on: dates::add_days(first.unwrap_or(PUBLISHED).min(PUBLISHED), -1),
        })
    }
}

/// A running system, and how it is reached.
pub struct System {
    /// The gateway.
    pub gateway: Channel,
    /// The gateway as the bank reaches it.
    pub bank: Channel,
    /// The clock that all its services go by.
    pub clock: Clock,
    /// Makes references as all its services do.
    pub vault: Arc<Vault>,
    /// Names of its services, of which each keeps an audit record.
    pub services: Vec<&'static str>,
    /// What it runs in.
    pub runs: Box<dyn Runs>,
}

/// The process or processes of a system.
#[tonic::async_trait]
pub trait Runs: Send + Sync {
    /// Waits until no event is on its way any more.
    async fn settle(&self) -> anyhow::Result<()>;

    /// Stops them, if they are the player's to stop.
    async fn stop(self: Box<Self>);
}
