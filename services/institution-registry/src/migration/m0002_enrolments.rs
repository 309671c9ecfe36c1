//! Enrolments and reports on the use of the money.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let enrolments = Table::create()
            .table("enrolments")
            .col(string_len("tenant", 6))
            .col(uuid("institution_id"))
            .col(string_len("child_ref", 64))
            .col(date("from_on"))
            .col(date_null("to_on"))
            .col(date("child_born_on"))
            .col(boolean("fee_receipts"))
            .col(text_null("checked_by"))
            .col(date_null("checked_on"))
            .primary_key(
                Index::create()
                    .col("tenant")
                    .col("institution_id")
                    .col("child_ref")
                    .col("from_on"),
            )
            .to_owned();
        manager.create_table(enrolments).await?;
        // Decisions ask for a child's stays anywhere in the city.
        let by_child = Index::create()
            .name("enrolments_by_child")
            .table("enrolments")
            .col("child_ref")
            .to_owned();
        manager.create_index(by_child).await?;
        rls::protect(manager, "enrolments").await?;

        let reports = Table::create()
            .table("use_reports")
            .col(string_len("tenant", 6))
            .col(uuid("institution_id"))
            .col(integer("round"))
            .col(big_integer("operating_fen"))
            .col(big_integer("other_fen"))
            .col(text("note"))
            .col(date("submitted_on"))
            .primary_key(
                Index::create()
                    .col("tenant")
                    .col("institution_id")
                    .col("round"),
            )
            .to_owned();
        manager.create_table(reports).await?;
        rls::protect(manager, "use_reports").await
    }
}
