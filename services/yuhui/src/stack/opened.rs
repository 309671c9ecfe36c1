//! A part's database and vault, once nothing stands against working with them.

use std::{fs, sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use yuhui_platform::{
    db::{Database, Use},
    private_file,
    vault::{KeyFolder, Vault},
};

use super::{Keys, Part, Storage, migrated, parts::must_fit};

/// What a system is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Real families and real money: nothing is made that an operator did not make.
    Production,
    /// Tables and a vault are made where there are none.
    Development,
}

/// A part's database and vault.
pub struct Opened {
    /// Which part.
    pub part: Part,
    /// Its database.
    pub db: Database,
    /// Its vault.
    pub vault: Arc<Vault>,
}

impl Opened {
    fn of(part: Part, db: Database, vault: Arc<Vault>) -> Self {
        Self {
            part,
            db: db.keyed(vault.clone()),
            vault,
        }
    }

    /// Opens them. What stands against it is one sentence.
    pub async fn open(
        storage: &Storage,
        keys: &Keys,
        part: Part,
        wanted: Wanted,
    ) -> anyhow::Result<Self> {
        let opened = match wanted {
            Wanted::Production => production(storage, keys, part).await,
            Wanted::Development => development(storage, keys, part).await,
        };
        opened.with_context(|| part.name())
    }
}

async fn production(storage: &Storage, keys: &Keys, part: Part) -> anyhow::Result<Opened> {
    if let Some(file) = storage.of(part).file() {
        private_file::check(file)?;
    }
    let db = storage.look_into(part).await?;
    must_fit(&db, part, Use::Production).await?;
    if part == Part::Gateway {
        let administered = yuhui_gateway::is_administered(&db).await;
        if !administered.map_err(|error| anyhow!("accounts: {error}"))? {
            bail!("no administrator yet: yuhui bootstrap");
        }
    }
    let folder = keys.folder(part);
    let vault = Arc::new(part.vault_keys(&db, &folder).open().await?);
    Ok(Opened::of(part, db, vault))
}

async fn development(storage: &Storage, keys: &Keys, part: Part) -> anyhow::Result<Opened> {
    let db = migrated(&storage.of(part), part).await?;
    db.dedicate(Use::Development)
        .await
        .map_err(|error| anyhow!("{error}"))?;
    must_fit(&db, part, Use::Development).await?;
    let folder = keys.folder(part);
    let known = part.vault_keys(&db, &folder);
    if !known.is_initialised().await? {
        known.initialise().await?;
    }
    let vault = Arc::new(known.open().await?);
    Ok(Opened::of(part, db, vault))
}

impl Opened {
    /// What keeps the vault to the keys that are there and the one that seals.
    pub(crate) fn tending(&self, keys: &Keys) -> Tending {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Tending {
            part: self.part,
            db: self.db.clone(),
            vault: self.vault.clone(),
            folder: keys.folder(self.part),
            every: keys.reload(),
            replica: format!("{}/{}", host.trim(), std::process::id()),
        }
    }
}

/// Keeps a vault to its keys.
#[derive(Clone)]
pub(crate) struct Tending {
    part: Part,
    db: Database,
    vault: Arc<Vault>,
    folder: KeyFolder,
    every: Duration,
    replica: String,
}

impl Tending {
    /// Looks again and again, until aborted.
    pub(crate) async fn tend(self) {
        let mut ticks = tokio::time::interval(self.every);
        loop {
            ticks.tick().await;
            let looked = self.part.vault_keys(&self.db, &self.folder);
            if let Err(error) = looked.refresh(&self.vault, &self.replica).await {
                tracing::error!(part = self.part.name(), "vault: {error:#}");
            }
        }
    }
}
