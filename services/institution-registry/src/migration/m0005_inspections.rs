//! Inspections on site (I3), and what the county finds of reports on the use of the money (I6).

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let inspections = Table::create()
            .table("inspections")
            .col(string_len("tenant", 6))
            .col(uuid("id"))
            .col(uuid("institution_id"))
            .col(json_binary("inspection"))
            .col(text("recorded_by"))
            .col(text_null("recorded_person"))
            .col(date("recorded_on"))
            .col(text("signed_by").default(""))
            .col(date_null("signed_on"))
            .primary_key(Index::create().col("tenant").col("id"))
            .to_owned();
        manager.create_table(inspections).await?;
        let mut by_institution = Index::create();
        by_institution
            .name("inspections_by_institution")
            .table("inspections")
            .col("tenant")
            .col("institution_id")
            .col("id");
        manager.create_index(by_institution.to_owned()).await?;
        rls::protect(manager, "inspections").await?;

        for column in ["verdict", "words", "reviewed_by"] {
            let mut reports = Table::alter();
            reports
                .table("use_reports")
                .add_column(text(column).default(""));
            manager.alter_table(reports.to_owned()).await?;
        }
        let mut reports = Table::alter();
        reports
            .table("use_reports")
            .add_column(date_null("reviewed_on"));
        manager.alter_table(reports.to_owned()).await
    }
}
