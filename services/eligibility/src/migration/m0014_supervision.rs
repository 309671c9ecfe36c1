//! Matters and findings of supervision, who opened whose case, and counts of cases (D.2, 个人信息保护法).

use sea_orm_migration::prelude::*;
use yuhui_platform::db::rls;

use super::{index, table, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = ["tenant", "id", "case_id", "state", "body"].map(text);
        manager
            .create_table(table("matters", columns.to_vec(), &["tenant", "id"]))
            .await?;
        rls::protect(manager, "matters").await?;

        let mut asks = ColumnDef::new(Alias::new("asks_for_hold"));
        asks.boolean().not_null();
        let mut columns = ["tenant", "id", "subject", "body"].map(text).to_vec();
        columns.push(asks);
        manager
            .create_table(table("findings", columns, &["tenant", "id"]))
            .await?;
        rls::append_only(manager, "findings").await?;

        let columns = [
            "tenant",
            "case_id",
            "view",
            "viewed_on",
            "account",
            "role",
            "unit",
            "kind",
        ]
        .map(text);
        manager
            .create_table(table(
                "case_views",
                columns.to_vec(),
                &["tenant", "case_id", "view"],
            ))
            .await?;
        rls::append_only(manager, "case_views").await?;

        for (table, columns) in [
            ("matters", ["tenant", "case_id", "id"].as_slice()),
            ("matters", &["tenant", "state", "id"]),
            // Of all counties: supervision of the city.
            ("matters", &["state", "id"]),
            ("matters", &["id"]),
            ("findings", &["tenant", "subject", "id"]),
            ("findings", &["tenant", "asks_for_hold", "id"]),
            ("findings", &["id"]),
            // Counts of a round, of one county and of all.
            ("cases", &["tenant", "round", "programme", "state"]),
            ("cases", &["round", "tenant", "programme", "state"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }
}
