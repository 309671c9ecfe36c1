//! Flags of missed duties, when they were settled, and rounds whose batch has gone out.

use sea_orm_migration::prelude::*;
use yuhui_platform::db::rls;

use super::{index, number, table, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            text("tenant"),
            text("key"),
            text("episode"),
            text("subject"),
            text("duty"),
            text("office"),
            text("unit"),
            number("round"),
            text("due_on"),
            number("step"),
            text("reached_on"),
            text("flagged_on"),
        ];
        manager
            .create_table(table("overdue_flags", columns, &["tenant", "key"]))
            .await?;
        for columns in [&["tenant", "episode"][..], &["tenant", "duty", "step"]] {
            manager
                .create_index(index("overdue_flags", columns))
                .await?;
        }
        rls::append_only(manager, "overdue_flags").await?;

        let columns = vec![
            text("tenant"),
            text("episode"),
            text("settled_on"),
            text("noted_on"),
        ];
        manager
            .create_table(table(
                "overdue_settlements",
                columns,
                &["tenant", "episode"],
            ))
            .await?;
        rls::append_only(manager, "overdue_settlements").await?;

        let columns = vec![
            text("tenant"),
            number("round"),
            text("batch"),
            text("released_on"),
        ];
        manager
            .create_table(table("released_rounds", columns, &["tenant", "round"]))
            .await?;
        rls::append_only(manager, "released_rounds").await
    }
}
