//! A system for one play: its own folder, a clock that can be moved, cheap
//! passwords, and the accounts the plot needs.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use time::{Date, macros::date};
use yuhui_gateway::{Config, Cost, RateLimits};
use yuhui_kernel::{DivisionCode, Tenant, dates};
use yuhui_platform::{
    Clock,
    db::{DbConfig, Synchronous, emptied},
    serve::Limits,
    vault::Vault,
};
use yuhui_policy::PolicyPack;

use super::{
    Year,
    against::Elsewhere,
    plot::{Plot, is_family},
    system::System,
};
use crate::stack::{
    Keys, Options, Part, Stack, Storage, Stores, Wanted, accounts::Accounts, rules,
};

/// No claim can be earlier: the day the scheme was made public.
const PUBLISHED: Date = date!(2024 - 12 - 20);
/// Calls per second of one account: one desk does the work of many.
const UNHURRIED: u32 = 1_000_000;
/// Longest a call may take: the desks of ten counties share one machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder to play in; a temporary one disappears with it.
pub(crate) struct Sandbox {
    folder: PathBuf,
    stores: Stores,
    /// The system that plays it, if that is another process.
    elsewhere: Option<Elsewhere>,
    _temporary: Option<tempfile::TempDir>,
}

impl Sandbox {
    /// What is asked for: a folder of its own name below the one given, or a temporary one, or a
    /// system elsewhere.
    pub(super) fn of(ask: &Year, name: Option<&str>) -> anyhow::Result<Self> {
        let elsewhere = ask.against.as_deref().map(Elsewhere::read).transpose()?;
        Ok(Self {
            stores: ask.stores.clone(),
            elsewhere,
            ..Self::prepare(ask.data.as_deref(), name)?
        })
    }

    /// A new folder: `data`, or `name` below it, or a temporary one.
    pub(crate) fn prepare(data: Option<&Path>, name: Option<&str>) -> anyhow::Result<Self> {
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
            stores: Stores::default(),
            elsewhere: None,
            _temporary: temporary,
        })
    }

    /// A play mixes with nobody's data: databases of PostgreSQL must hold nothing before it.
    pub(crate) async fn must_be_empty(&self) -> anyhow::Result<()> {
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

    /// Throws away what was played, where it lies in PostgreSQL.
    pub(crate) async fn clear(&self) -> anyhow::Result<()> {
        for (_, config) in self.databases() {
            emptied::empty(&config).await?;
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

    /// Where the files are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes references as the system to be.
    pub(crate) fn vault(&self) -> anyhow::Result<Arc<Vault>> {
        if let Some(elsewhere) = &self.elsewhere {
            return elsewhere.vault();
        }
        let keys = Keys::below(&self.folder);
        keys.make()?;
        keys.references()
    }

    /// Starts a system in which `plot` can be played from `begins_on`.
    pub(crate) async fn start(
        &self,
        plot: &Plot,
        pack: Arc<PolicyPack>,
        begins_on: Date,
    ) -> anyhow::Result<System> {
        let accounts = accounts(plot)?.into_list();
        if let Some(elsewhere) = &self.elsewhere {
            return elsewhere.start(pack, begins_on, accounts).await;
        }
        let vault = self.vault()?;
        let options = Options {
            keys: Keys::below(&self.folder),
            storage: self.storage(),
            wanted: Wanted::Development,
            redis: self.stores.redis.clone(),
            clock: Clock::sandbox(begins_on),
            pack,
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
            retention: yuhui_platform::retention::Retention::default(),
            accounts,
        };
        let stack = Stack::start(options, None).await?;
        Ok(System::here(stack, vault))
    }
}

/// A day before anything happens.
pub(crate) fn first_day(plot: &Plot) -> Date {
    let first = plot.claims.iter().map(|claim| claim.lodged_on).min();
    dates::add_days(first.unwrap_or(PUBLISHED).min(PUBLISHED), -1)
}

/// Everybody who has something to do in the plot.
fn accounts(plot: &Plot) -> anyhow::Result<Accounts> {
    let rules = rules()?;
    let mut accounts = Accounts::default();
    accounts.city(&rules);
    let mut counties: BTreeSet<Tenant> = plot.registers.keys().map(|(county, _)| *county).collect();
    let mut townships: BTreeSet<DivisionCode> = BTreeSet::new();
    let mut villages: BTreeSet<DivisionCode> = BTreeSet::new();
    counties.extend(plot.nurseries.iter().map(|nursery| nursery.county));
    for claim in &plot.claims {
        counties.insert(claim.county);
        townships.extend(claim.unit.township());
        if is_family(claim.programme) {
            villages.insert(claim.unit);
        }
    }
    for county in counties {
        accounts.county(&rules, county);
    }
    for township in townships {
        accounts.township(&rules, township);
    }
    for village in villages {
        accounts.village(&rules, village);
    }
    for nursery in &plot.nurseries {
        let code = nursery.institution.credit_code.clone();
        accounts.nursery(nursery.login.clone(), nursery.county.code(), code);
    }
    Ok(accounts)
}
