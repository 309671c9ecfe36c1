//! Notices, rosters and the frozen lines of rosters.

use sea_orm_migration::prelude::*;
use yuhui_platform::db::rls;

use super::{index, number, sealed, table, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            text("tenant"),
            text("id"),
            text("unit"),
            text("posted_on"),
            text("last_on"),
            ColumnDef::new(Alias::new("closed"))
                .boolean()
                .not_null()
                .to_owned(),
            text("body"),
            sealed("claimants_sealed"),
        ];
        manager
            .create_table(table("notices", columns, &["tenant", "id"]))
            .await?;
        rls::protect(manager, "notices").await?;

        let columns = vec![
            text("tenant"),
            text("id"),
            text("programme"),
            number("round"),
            text("state"),
            number("revision"),
            text("body"),
        ];
        manager
            .create_table(table("rosters", columns, &["tenant", "id"]))
            .await?;
        manager
            .create_index(index("rosters", &["tenant", "round"]))
            .await?;
        rls::protect(manager, "rosters").await?;

        let columns = vec![
            text("tenant"),
            text("roster"),
            number("sequence"),
            text("body"),
            sealed("payee_sealed"),
        ];
        manager
            .create_table(table(
                "roster_lines",
                columns,
                &["tenant", "roster", "sequence"],
            ))
            .await?;
        // Frozen, but for the key that seals the name.
        rls::protect(manager, "roster_lines").await?;
        let frozen = ["tenant", "roster", "sequence", "body"];
        rls::keep(manager, "roster_lines", &frozen).await
    }
}
