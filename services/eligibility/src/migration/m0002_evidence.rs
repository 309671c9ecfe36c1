//! What every determination was made from: facts once per content, evidence per evaluation.

use sea_orm_migration::prelude::*;
use yuhui_platform::db::rls;

use super::{number, table, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![text("tenant"), text("digest"), text("body")];
        manager
            .create_table(table("fact_sheets", columns, &["tenant", "digest"]))
            .await?;
        rls::append_only(manager, "fact_sheets").await?;

        let columns = vec![
            text("tenant"),
            text("case_id"),
            number("sequence"),
            text("fact_sheet"),
            text("body"),
            ColumnDef::new(Alias::new("determination"))
                .binary()
                .not_null()
                .to_owned(),
            text("hash"),
        ];
        manager
            .create_table(table(
                "evidence",
                columns,
                &["tenant", "case_id", "sequence"],
            ))
            .await?;
        rls::append_only(manager, "evidence").await
    }
}
