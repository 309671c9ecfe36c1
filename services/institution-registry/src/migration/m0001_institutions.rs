//! Institutions, the changes of their records, and the credit codes taken in
//! the whole city.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let institutions = Table::create()
            .table("institutions")
            .col(string_len("tenant", 6))
            .col(uuid("id"))
            .col(string_len("institution_ref", 64))
            .col(string_len("credit_code", 18))
            .col(text("display_name"))
            .col(text("kind"))
            .col(text("registered_with"))
            .col(date("registered_on"))
            .col(string_len("township", 9))
            .col(integer("licensed_places"))
            .col(json_binary("record"))
            .col(big_integer("version"))
            .primary_key(Index::create().col("tenant").col("id"))
            .to_owned();
        manager.create_table(institutions).await?;
        // Decisions ask across counties, by reference.
        let by_reference = Index::create()
            .name("institutions_by_ref")
            .table("institutions")
            .col("institution_ref")
            .to_owned();
        manager.create_index(by_reference).await?;
        rls::protect(manager, "institutions").await?;

        let changes = Table::create()
            .table("changes")
            .col(string_len("tenant", 6))
            .col(uuid("id"))
            .col(uuid("institution_id"))
            .col(text("office"))
            .col(json_binary("change"))
            .col(text("proposed_by"))
            .col(text_null("proposed_person"))
            .col(date("proposed_on"))
            .col(text_null("approved_by"))
            .col(date_null("approved_on"))
            .primary_key(Index::create().col("tenant").col("id"))
            .to_owned();
        manager.create_table(changes).await?;
        rls::protect(manager, "changes").await?;

        let taken = Table::create()
            .table("credit_codes_taken")
            .col(string_len("institution_ref", 64).primary_key())
            .to_owned();
        manager.create_table(taken).await?;
        rls::open(manager, "credit_codes_taken").await
    }
}
