//! What the public asks and says: codes of receipts and reports, and the reports themselves (F26, 七2).

use sea_orm_migration::prelude::*;
use yuhui_platform::db::rls;

use super::{index, number, sealed, table, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut columns = ["tenant", "number", "object", "digest", "missed_on"]
            .map(text)
            .to_vec();
        columns.push(number("misses"));
        manager
            .create_table(table("public_codes", columns, &["tenant", "number"]))
            .await?;
        rls::protect(manager, "public_codes").await?;

        let mut columns = [
            "tenant",
            "id",
            "kind",
            "state",
            "unit",
            "notice_id",
            "case_id",
            "body",
        ]
        .map(text)
        .to_vec();
        columns.push(sealed("said_sealed"));
        manager
            .create_table(table("reports", columns, &["tenant", "id"]))
            .await?;
        rls::protect(manager, "reports").await?;

        for (table, columns) in [
            ("reports", ["tenant", "state", "id"].as_slice()),
            ("reports", &["tenant", "notice_id", "state"]),
            // Of all counties: the city, and its supervision.
            ("reports", &["state", "id"]),
            ("reports", &["id"]),
            // What is in force anywhere, for everybody.
            ("notices", &["closed", "id"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }
}
