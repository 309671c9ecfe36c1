//! Passwords that an administrator chose, to be replaced at the first sign-in.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Whoever has an account already chose his password, or was told to.
        let column = Table::alter()
            .table("accounts")
            .add_column(boolean("must_change").default(false))
            .to_owned();
        manager.alter_table(column).await
    }
}
