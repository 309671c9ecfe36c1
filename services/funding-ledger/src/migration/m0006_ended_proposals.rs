//! A proposal may be declined or withdrawn, with reasons.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

const APPROVED: &str = "UPDATE proposals SET state = 'APPROVED' WHERE checker IS NOT NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, at_first) in [("state", "WAITING"), ("words", "")] {
            let mut proposals = Table::alter();
            proposals
                .table("proposals")
                .add_column(text(name).default(at_first));
            manager.alter_table(proposals.to_owned()).await?;
        }
        let sql = match manager.get_database_backend() {
            DbBackend::Sqlite => APPROVED.to_owned(),
            // The owner is held to the policies of tenants, and acts for none here.
            _ => format!(
                "ALTER TABLE proposals NO FORCE ROW LEVEL SECURITY;
                 {APPROVED};
                 ALTER TABLE proposals FORCE ROW LEVEL SECURITY"
            ),
        };
        manager.get_connection().execute_unprepared(&sql).await?;
        Ok(())
    }
}
