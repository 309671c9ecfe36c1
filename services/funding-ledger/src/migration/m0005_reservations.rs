//! What lines gave back to the treasuries and is not remitted yet, and the cases for which it is
//! reserved because their decision may be contested (C.8).

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let reservations = Table::create()
            .table("reservations")
            .col(string_len("tenant", 6))
            .col(text("case_name"))
            .col(date_null("until_on"))
            .primary_key(Index::create().col("tenant").col("case_name"))
            .to_owned();
        manager.create_table(reservations).await?;
        rls::protect(manager, "reservations").await?;

        let mut key = Index::create()
            .col("tenant")
            .col("roster")
            .col("case_name")
            .to_owned();
        let given_back = Table::create()
            .table("given_back")
            .col(string_len("tenant", 6))
            .col(text("roster"))
            .col(text("case_name"))
            .col(integer("round"))
            .col(big_integer("city_fen"))
            .col(big_integer("county_fen"))
            .primary_key(&mut key)
            .to_owned();
        manager.create_table(given_back).await?;
        rls::protect(manager, "given_back").await
    }
}
