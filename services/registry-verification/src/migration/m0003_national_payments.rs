//! Payments of the national childcare subsidy. An open table: see `store`.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Hex digits of a blind reference.
const REF: u32 = 64;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let payments = Table::create()
            .table("national_payments")
            .col(string_len("child_ref", REF))
            .col(date("paid_on"))
            .col(integer("for_year"))
            .col(big_integer("amount_fen"))
            .primary_key(
                Index::create()
                    .col("child_ref")
                    .col("paid_on")
                    .col("for_year"),
            )
            .to_owned();
        manager.create_table(payments).await?;
        rls::open(manager, "national_payments").await
    }
}
