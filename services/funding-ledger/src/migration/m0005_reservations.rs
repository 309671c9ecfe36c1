//! Cases whose decision may be contested: what their lines gave back is reserved (C.8).

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let reservations = Table::create()
            .table("reservations")
            .col(char_len("tenant", 6))
            .col(text("case_name"))
            .col(date_null("until_on"))
            .primary_key(Index::create().col("tenant").col("case_name"))
            .to_owned();
        manager.create_table(reservations).await?;
        rls::protect(manager, "reservations").await
    }
}
