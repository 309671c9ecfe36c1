//! What is done to an order may be longer than one act: the operation at work on it.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut orders = Table::alter();
        orders
            .table("payment_orders")
            .add_column(text("operation").default(""));
        manager.alter_table(orders.to_owned()).await
    }
}
