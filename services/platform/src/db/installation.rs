//! What a database must be before a service works on it: of this version, for this use, and
//! reached as a role that cannot step around its rules.

use std::fmt;

use sea_orm::{ActiveValue::Set, ConnectionTrait as _, DbBackend, EntityTrait as _, Statement};

use super::{Database, Tenancy};
use crate::{Result, clock};

/// How far the clocks of a service and its database may be apart, in seconds.
const SKEW: i64 = 5;

/// What a database is used for, once and for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Real families and real money.
    Production,
    /// Seeded accounts, generated keys, a clock that can be moved.
    Development,
}

impl Use {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
        }
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a service does not work on a database. Each is told to the operator as a sentence.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// The tables are older than the program.
    #[error("database is at {found}, this needs {needed}: yuhui migrate")]
    Behind {
        /// Its last migration.
        found: String,
        /// Ours.
        needed: String,
    },
    /// The tables are newer than the program.
    #[error("database is at {found}, which this version does not know: install the newer one")]
    Ahead {
        /// Its last migration.
        found: String,
    },
    /// Nobody has said what it is for.
    #[error("this database is for nothing yet: yuhui migrate")]
    Undedicated,
    /// It was made for the other use.
    #[error("this database is in {found}: {advice}")]
    OtherUse {
        /// What it is used for.
        found: String,
        /// What to do.
        advice: &'static str,
    },
    /// The role could change what it must not.
    #[error("{role} {what}: connect as the service's own role")]
    Powerful {
        /// The role.
        role: String,
        /// What it may.
        what: &'static str,
    },
    /// Times could not be compared.
    #[error("clock is {0} s off the database's")]
    Clock(i64),
    /// It could not be asked.
    #[error(transparent)]
    Fault(#[from] crate::Error),
}

impl From<sea_orm::DbErr> for Unfit {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl Database {
    /// Dedicates the database to `wanted`, unless it is dedicated already.
    pub async fn dedicate(&self, wanted: Use) -> Result<()> {
        let tx = self.begin(Tenancy::City).await?;
        if row::Entity::find().one(tx.connection()).await?.is_none() {
            let row = row::ActiveModel {
                id: Set(1),
                used_for: Set(wanted.as_str().into()),
            };
            row::Entity::insert(row)
                .exec_without_returning(tx.connection())
                .await?;
        }
        tx.commit().await
    }

    /// Whether the tables are those that the migrations with these names make.
    pub async fn must_be_current(&self, ours: &[String]) -> Result<(), Unfit> {
        let needed = ours.last().cloned().unwrap_or_default();
        let theirs = self.applied().await?;
        if ours.iter().any(|it| !theirs.contains(it)) {
            let found = theirs.last().cloned();
            let found = found.unwrap_or_else(|| "nothing".into());
            return Err(Unfit::Behind { found, needed });
        }
        if let Some(found) = theirs.iter().find(|it| !ours.contains(it)) {
            let found = found.clone();
            return Err(Unfit::Ahead { found });
        }
        Ok(())
    }

    /// Whether the database is used for `wanted`.
    pub async fn must_be_for(&self, wanted: Use) -> Result<(), Unfit> {
        let tx = self.read(Tenancy::City).await?;
        let row = row::Entity::find().one(tx.connection()).await?;
        let Some(found) = row.map(|it| it.used_for) else {
            return Err(Unfit::Undedicated);
        };
        if found == wanted.as_str() {
            return Ok(());
        }
        let advice = match wanted {
            Use::Production => "a production system takes another",
            Use::Development => "no --development, no sandbox date",
        };
        Err(Unfit::OtherUse { found, advice })
    }

    /// PostgreSQL: whether the role is held to row-level security, and owns nothing; and whether the
    /// clocks agree.
    pub async fn must_be_safe(&self) -> Result<(), Unfit> {
        if self.backend() != DbBackend::Postgres {
            return Ok(());
        }
        let sql = "SELECT current_user::text AS role, rolsuper, rolbypassrls,
                EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema()
                    AND pg_has_role(current_user, tableowner, 'USAGE')) AS owns,
                extract(epoch FROM clock_timestamp())::bigint AS now
            FROM pg_roles WHERE rolname = current_user";
        let asked = Statement::from_string(DbBackend::Postgres, sql);
        let tx = self.read(Tenancy::City).await?;
        let found = tx.connection().query_one_raw(asked).await?;
        let found = found.ok_or_else(|| crate::Error::fault("no role"))?;
        let powers = [
            ("rolsuper", "is a superuser"),
            ("rolbypassrls", "bypasses row-level security"),
            ("owns", "owns tables"),
        ];
        for (column, what) in powers {
            if found.try_get("", column)? {
                let role = found.try_get("", "role")?;
                return Err(Unfit::Powerful { role, what });
            }
        }
        let theirs: i64 = found.try_get("", "now")?;
        let apart = (clock::real_now().unix_timestamp() - theirs).abs();
        if apart > SKEW {
            return Err(Unfit::Clock(apart));
        }
        Ok(())
    }

    /// Names of the migrations that were applied, in their order.
    async fn applied(&self) -> Result<Vec<String>, Unfit> {
        let table = match self.backend() {
            DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE name = 'seaql_migrations'",
            _ => {
                "SELECT tablename FROM pg_tables
                 WHERE schemaname = current_schema() AND tablename = 'seaql_migrations'"
            }
        };
        let tx = self.read(Tenancy::City).await?;
        let there = Statement::from_string(self.backend(), table);
        if tx.connection().query_one_raw(there).await?.is_none() {
            return Ok(Vec::new());
        }
        let names = "SELECT version FROM seaql_migrations ORDER BY applied_at, version";
        let names = Statement::from_string(self.backend(), names);
        let found = tx.connection().query_all_raw(names).await?;
        let names = found.iter().map(|it| Ok(it.try_get("", "version")?));
        names.collect()
    }
}

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "installation")]
    pub struct Model {
        /// There is one row.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i16,
        pub used_for: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{
        names_of,
        testing::{Migrator, on_every_store},
    };

    #[tokio::test]
    async fn a_database_is_for_one_use_and_of_one_version() {
        on_every_store(async |db| {
            let mut ours = names_of::<Migrator>();
            db.must_be_current(&ours).await.expect("current");
            ours.pop();
            let ahead = db.must_be_current(&ours).await.expect_err("ahead");
            assert!(matches!(ahead, Unfit::Ahead { .. }), "{ahead}");
            assert!(db.must_be_for(Use::Production).await.is_err());
            db.dedicate(Use::Production).await?;
            db.dedicate(Use::Development).await?;
            db.must_be_for(Use::Production).await.expect("it is");
            let other = db.must_be_for(Use::Development).await.expect_err("other");
            assert_eq!(
                other.to_string(),
                "this database is in production: no --development, no sandbox date"
            );
            // As the role of the services, on PostgreSQL.
            db.must_be_safe().await.expect("safe");
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn an_empty_database_is_behind() {
        let folder = tempfile::tempdir().expect("folder");
        let config = crate::db::DbConfig::sqlite(&folder.path().join("empty.db"));
        let db = Database::connect(&config).await.expect("connected");
        let behind = db
            .must_be_current(&names_of::<Migrator>())
            .await
            .expect_err("behind");
        assert!(
            behind.to_string().contains("database is at nothing"),
            "{behind}"
        );
        assert!(behind.to_string().ends_with("yuhui migrate"), "{behind}");
    }
}
