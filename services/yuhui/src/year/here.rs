//! A play in this process: a system with a folder of its own, a clock that can be
//! moved, and cheap passwords.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use tokio::time::timeout;
use yuhui_gateway::{Config, Cost, RateLimits};
use yuhui_platform::{
    Clock,
    db::{DbConfig, Synchronous, emptied},
    objects,
    serve::Limits,
    vault::Vault,
};
use yuhui_rehearsal::{Needs, Place, Runs, System};

use super::EVENTS_TAKE;
use crate::stack::{Keys, Options, Pace, Part, Stack, Storage, Stores, Wanted};

/// Calls per second of one account: one desk does the work of many.
const UNHURRIED: u32 = 1_000_000;
/// Longest a call may take: the desks of ten counties share one machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder to play in; a temporary one disappears with it.
pub(super) struct Here {
    folder: PathBuf,
    stores: Stores,
    _temporary: Option<tempfile::TempDir>,
}

impl Here {
    /// A new folder: `data`, or `name` below it, or a temporary one; for a system on `stores`.
    pub(super) fn prepare(
        data: Option<&Path>,
        name: Option<&str>,
        stores: Stores,
    ) -> anyhow::Result<Self> {
        let (folder, temporary) = match data {
            Some(data) => (name.map_or(data.to_owned(), |name| data.join(name)), None),
            None => {
                let temporary = tempfile::Builder::new().prefix("yuhui-year-").tempdir()?;
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        let old = folder.join(format!("{}.db", Part::Eligibility.name()));
        if old.exists() {
            bail!(
                "{} holds an earlier play; choose another folder",
                folder.display()
            );
        }
        Ok(Self {
            folder,
            stores,
            _temporary: temporary,
        })
    }

    /// Refuses databases of PostgreSQL that hold anything.
    pub(super) async fn must_be_empty(&self) -> anyhow::Result<()> {
        for (part, config) in self.databases() {
            if !emptied::is_empty(&config).await? {
                bail!(
                    "the database of {} holds tables; name empty ones",
                    part.name()
                );
            }
        }
        Ok(())
    }

    fn databases(&self) -> Vec<(Part, DbConfig)> {
        let storage = self.storage();
        match storage {
            Storage::Files { .. } | Storage::Each(_) => Vec::new(),
            Storage::Postgres { .. } => {
                let all = Part::ALL.iter();
                all.map(|part| (*part, storage.of(*part))).collect()
            }
        }
    }

    fn storage(&self) -> Storage {
        self.stores
            .storage(self.folder.clone(), Synchronous::Normal)
    }
}

impl Place for Here {
    fn vault(&self) -> anyhow::Result<Arc<Vault>> {
        let keys = Keys::below(&self.folder);
        keys.make()?;
        keys.references()
    }

    async fn start(&self, needs: Needs) -> anyhow::Result<System> {
        let vault = self.vault()?;
        let options = Options {
            keys: Keys::below(&self.folder),
            storage: self.storage(),
            documents: Some(objects::Place::beside(&self.folder)),
            wanted: Wanted::Development,
            redis: self.stores.redis.clone(),
            clock: Clock::sandbox(needs.begins_on),
            pack: needs.pack,
            gateway: Config {
                password: Cost::sandbox(),
                rate: RateLimits {
                    per_account: UNHURRIED,
                    per_remote: UNHURRIED,
                    pre_checks_per_minute: UNHURRIED,
                },
                limits: Limits {
                    deadline: PATIENCE,
                    ..Limits::public()
                },
                ..Config::default()
            },
            internal: Limits {
                deadline: PATIENCE,
                ..Limits::internal()
            },
            pace: Pace::default(),
            accounts: needs.accounts,
        };
        let stack = Stack::start(options, None).await?;
        Ok(System {
            gateway: stack.gateway(),
            bank: stack.gateway(),
            clock: stack.clock().clone(),
            vault,
            services: Part::ALL.iter().map(|part| part.name()).collect(),
            runs: Box::new(stack),
        })
    }

    /// Files of a later system lie in another folder.
    async fn clear(&self) -> anyhow::Result<()> {
        for (_, config) in self.databases() {
            emptied::empty(&config).await?;
        }
        Ok(())
    }
}

#[tonic::async_trait]
impl Runs for Stack {
    async fn settle(&self) -> anyhow::Result<()> {
        let settled = timeout(EVENTS_TAKE, Stack::settle(self)).await;
        settled.with_context(|| format!("events are on their way for {EVENTS_TAKE:?}"))?
    }

    async fn stop(self: Box<Self>) {
        Stack::stop(*self).await;
    }
}
