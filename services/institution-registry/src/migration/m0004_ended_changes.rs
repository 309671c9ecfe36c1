//! A change that was proposed may be declined or withdrawn, with reasons.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

const APPROVED: &str = "UPDATE changes SET state = 'APPROVED' WHERE approved_by IS NOT NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, at_first) in [("state", "WAITING"), ("words", "")] {
            let mut changes = Table::alter();
            changes
                .table("changes")
                .add_column(text(name).default(at_first));
            manager.alter_table(changes.to_owned()).await?;
        }
        let sql = match manager.get_database_backend() {
            DbBackend::Sqlite => APPROVED.to_owned(),
            // The owner is held to the policies of tenants, and acts for none here.
            _ => format!(
                "ALTER TABLE changes NO FORCE ROW LEVEL SECURITY;
                 {APPROVED};
                 ALTER TABLE changes FORCE ROW LEVEL SECURITY"
            ),
        };
        manager.get_connection().execute_unprepared(&sql).await?;
        let mut by_institution = Index::create();
        by_institution
            .name("changes_by_institution")
            .table("changes")
            .col("tenant")
            .col("institution_id")
            .col("id");
        manager.create_index(by_institution.to_owned()).await
    }
}
