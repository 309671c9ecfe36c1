//! Seeds of rounds, public and the whole city's, and the samples of rosters (F17, DYN-9).

use sea_orm_migration::prelude::*;
use yuhui_platform::db::rls;

use super::{number, table, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![number("round"), text("seed"), text("published_on")];
        manager
            .create_table(table("sampling_seeds", columns, &["round"]))
            .await?;
        rls::open(manager, "sampling_seeds").await?;

        let columns = vec![
            text("tenant"),
            text("roster"),
            text("case_id"),
            text("digest"),
            text("result"),
            text("body"),
        ];
        manager
            .create_table(table(
                "roster_samples",
                columns,
                &["tenant", "roster", "case_id"],
            ))
            .await?;
        rls::protect(manager, "roster_samples").await
    }
}
