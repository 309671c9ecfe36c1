//! Cases and their transitions.

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
            number("revision"),
            text("state"),
            text("programme"),
            number("round"),
            text("unit"),
            text("claimant_ref"),
            text("notice"),
            text("roster"),
            text("cleared_on"),
            text("body"),
            sealed("sealed"),
        ];
        manager
            .create_table(table("cases", columns, &["tenant", "id"]))
            .await?;
        for columns in [
            &["tenant", "state", "unit"][..],
            &["tenant", "round", "state"],
            &["tenant", "notice"],
            &["tenant", "roster"],
            &["tenant", "claimant_ref"],
        ] {
            manager.create_index(index("cases", columns)).await?;
        }
        rls::protect(manager, "cases").await?;

        let columns = vec![
            text("tenant"),
            text("case_id"),
            number("sequence"),
            text("from_state"),
            text("to_state"),
            text("action"),
            text("actor"),
            text("role"),
            text("unit"),
            number("level"),
            text("effective_on"),
            text("at"),
            text("reason"),
        ];
        manager
            .create_table(table(
                "transitions",
                columns,
                &["tenant", "case_id", "sequence"],
            ))
            .await?;
        rls::append_only(manager, "transitions").await
    }
}
