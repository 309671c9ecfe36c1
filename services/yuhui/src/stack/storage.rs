//! Where the services keep their data: a file each, or a database each.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{anyhow, bail};
use yuhui_platform::db::{Database, DbConfig, Synchronous};

use super::Part;

/// What stands for the service in a PostgreSQL URL.
const PLACE: &str = "{service}";

/// Where the data lies.
#[derive(Clone, Debug)]
pub enum Storage {
    /// A SQLite file per service in this folder.
    Files {
        /// The folder.
        folder: PathBuf,
        /// When a commit counts as written.
        synchronous: Synchronous,
        /// Bytes of its disk to keep free; none: as much as is usual.
        min_free: Option<u64>,
    },
    /// A PostgreSQL database per service, which must exist.
    Postgres {
        /// URL of the service role, with `{service}` in the database name.
        url: String,
        /// URL of the tables' owner, for migrations.
        owner: Option<String>,
    },
    /// What the settings say of each.
    Each(BTreeMap<Part, DbConfig>),
}

impl Storage {
    /// Whether each service has a file, and so one process at a time.
    #[must_use]
    pub fn is_files(&self) -> bool {
        self.of(Part::Gateway).file().is_some()
    }

    /// The database of a part, whose file must be there if it is one.
    pub fn existing(&self, part: Part) -> anyhow::Result<DbConfig> {
        let config = self.of(part);
        if let Some(file) = config.file()
            && !file.exists()
        {
            bail!(
                "{} is not there: yuhui migrate, or set database.url",
                file.display()
            );
        }
        Ok(config)
    }

    /// Opens a part's database without changing its tables; a file must be there.
    pub async fn look_into(&self, part: Part) -> anyhow::Result<Database> {
        let config = self.existing(part)?;
        Database::connect(&config)
            .await
            .map_err(|error| anyhow!("{}: {error}", part.name()))
    }

    /// The database of one service. In names of databases `-` becomes `_`.
    #[must_use]
    pub fn of(&self, part: Part) -> DbConfig {
        match self {
            Self::Files {
                folder,
                synchronous,
                min_free,
            } => {
                let config = DbConfig::sqlite(&folder.join(format!("{}.db", part.name())));
                DbConfig {
                    synchronous: *synchronous,
                    min_free: min_free.unwrap_or(config.min_free),
                    ..config
                }
            }
            Self::Postgres { url, owner } => {
                let name = part.name().replace('-', "_");
                DbConfig {
                    url: url.replace(PLACE, &name),
                    migrate_url: owner.as_ref().map(|url| url.replace(PLACE, &name)),
                    ..DbConfig::sqlite("".as_ref())
                }
            }
            Self::Each(all) => match all.get(&part) {
                Some(config) => config.clone(),
                None => DbConfig::sqlite(part.name().as_ref()),
            },
        }
    }
}

/// Which databases to use, as flags.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Stores {
    /// PostgreSQL instead of files: URL with {service} in the database name (database.url).
    #[arg(long, env = "YUHUI_POSTGRES", value_name = "URL")]
    pub postgres: Option<String>,
    /// URL of the tables' owner, for migrations, with {service} likewise (database.owner_url).
    #[arg(
        long,
        env = "YUHUI_POSTGRES_OWNER",
        value_name = "URL",
        requires = "postgres"
    )]
    pub postgres_owner: Option<String>,
    /// Redis for ended sessions and counts; needed by several gateways (redis.url).
    #[arg(long, env = "YUHUI_REDIS", value_name = "URL")]
    pub redis: Option<String>,
    /// Files: with fewer bytes free on the disk nothing is written; 256 MiB, or a
    /// hundredth of a small disk, if not set (database.min_free).
    #[arg(long, env = "YUHUI_MIN_FREE", value_name = "BYTES")]
    pub min_free: Option<u64>,
}

impl Stores {
    /// The storage these name; files in `folder` if they name none.
    #[must_use]
    pub fn storage(&self, folder: PathBuf, synchronous: Synchronous) -> Storage {
        match &self.postgres {
            Some(url) => Storage::Postgres {
                url: url.clone(),
                owner: self.postgres_owner.clone(),
            },
            None => Storage::Files {
                folder,
                synchronous,
                min_free: self.min_free,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_a_database_of_its_own() {
        let storage = Storage::Postgres {
            url: "postgres://app@db/yuhui_{service}".into(),
            owner: Some("postgres://owner@db/yuhui_{service}".into()),
        };
        let config = storage.of(Part::FundingLedger);
        assert_eq!(config.url, "postgres://app@db/yuhui_funding_ledger");
        assert_eq!(
            config.migrate_url.as_deref(),
            Some("postgres://owner@db/yuhui_funding_ledger")
        );
    }
}
