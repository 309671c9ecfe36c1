//! Reviews of decisions (C.8), and the place in line of reopened claims.

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
            text("id"),
            number("revision"),
            text("case_id"),
            text("state"),
            text("unit"),
            text("claimant_ref"),
            text("body"),
        ];
        manager
            .create_table(table("review_requests", columns, &["tenant", "id"]))
            .await?;
        manager
            .create_index(index("review_requests", &["tenant", "case_id"]))
            .await?;
        rls::protect(manager, "review_requests").await?;

        // Empty: in line since the day of lodging.
        let mut queued_on = text("queued_on");
        queued_on.default("");
        let mut alter = Table::alter();
        alter
            .table(Alias::new("claim_index"))
            .add_column(&mut queued_on);
        manager.alter_table(alter.to_owned()).await
    }
}
