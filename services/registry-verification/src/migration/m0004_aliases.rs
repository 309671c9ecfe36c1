//! The other numbers of a person. Open tables: see `store`.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Hex digits of a blind reference.
const REF: u32 = 64;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let aliases = Table::create()
            .table("aliases")
            .col(string_len("person_ref", REF).primary_key())
            .col(string_len("canonical_ref", REF))
            .col(text("ground"))
            .col(date("registered_on"))
            .to_owned();
        manager.create_table(aliases).await?;
        let index = Index::create()
            .name("aliases_by_canonical_ref")
            .table("aliases")
            .col("canonical_ref")
            .to_owned();
        manager.create_index(index).await?;
        rls::open(manager, "aliases").await?;

        // One row, on which imports meet: while numbers are joined nothing is entered under either.
        let lock = Table::create()
            .table("alias_lock")
            .col(integer("id").primary_key())
            .to_owned();
        manager.create_table(lock).await?;
        let row = Query::insert()
            .into_table("alias_lock")
            .columns(["id"])
            .values_panic([1.into()])
            .to_owned();
        manager.execute(row).await?;
        rls::open(manager, "alias_lock").await
    }
}
