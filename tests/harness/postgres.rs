//! The PostgreSQL that `tests/run` starts, with the roles and databases of
//! `deploy/postgres`.

use std::process::Command;

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};

use yuhui_stage::setting;

/// The services that keep data, as their databases are named.
pub(crate) const SERVICES: [&str; 6] = [
    "eligibility",
    "registry_verification",
    "institution_registry",
    "funding_ledger",
    "disbursement",
    "gateway",
];

/// A server on which `deploy/postgres` was run.
pub(crate) struct Postgres {
    /// `host:port`.
    address: String,
}

impl Postgres {
    /// The server, if there is one.
    pub(crate) fn find() -> Option<Self> {
        setting("YUHUI_TEST_PG_SERVER").map(|address| Self { address })
    }

    /// URL of a service's own role, `{service}` standing for its name.
    pub(crate) fn service_url(&self) -> String {
        format!(
            "postgres://yuhui_{{service}}@{}/yuhui_{{service}}",
            self.address
        )
    }

    /// URL of the tables' owner.
    pub(crate) fn owner_url(&self) -> String {
        format!("postgres://yuhui_owner@{}/yuhui_{{service}}", self.address)
    }

    /// Connects to the database of `service` as the role that `url` names.
    pub(crate) async fn connect(&self, url: &str, service: &str) -> DatabaseConnection {
        let mut options = ConnectOptions::new(url.replace("{service}", service));
        options.sqlx_logging(false);
        Database::connect(options).await.expect("connected")
    }

    /// Everything the database of `service` holds, as a backup has it.
    pub(crate) fn dump(&self, service: &str) -> Vec<u8> {
        let programs = setting("YUHUI_TEST_PG_BIN").expect("where PostgreSQL is");
        let dumped = Command::new(format!("{programs}/pg_dump"))
            .arg(format!(
                "postgres://postgres@{}/yuhui_{service}",
                self.address
            ))
            .output()
            .expect("pg_dump runs");
        let said = String::from_utf8_lossy(&dumped.stderr);
        assert!(dumped.status.success(), "{said}");
        dumped.stdout
    }

    /// Throws away what an earlier run left behind.
    pub(crate) async fn clear(&self) {
        for service in SERVICES {
            let owner = self.connect(&self.owner_url(), service).await;
            let sql = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
            owner.execute_unprepared(sql).await.expect("cleared");
        }
    }
}
