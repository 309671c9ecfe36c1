//! Where the services keep their data: a file each, or a database each.

use std::path::PathBuf;

use yuhui_platform::db::{DbConfig, Synchronous};

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
}

impl Storage {
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
