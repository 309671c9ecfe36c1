//! What a person may do beside his own role for a time: delegations, emergency accesses, sessions under them.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sessions = Table::alter();
        sessions
            .table("sessions")
            .add_column(text("under").default(""));
        manager.alter_table(sessions.to_owned()).await?;

        let mut delegations = Table::create();
        delegations
            .table("delegations")
            .col(text("id").primary_key());
        for column in [
            "principal",
            "deputy",
            "deputy_person",
            "role",
            "unit",
            "from_on",
            "to_on",
            "document",
            "granted_by",
        ] {
            delegations.col(text(column));
        }
        delegations.col(text("revoked_by").default(""));
        delegations.col(text("revoke_reason").default(""));
        manager.create_table(delegations).await?;
        rls::open(manager, "delegations").await?;

        let mut glass = Table::create();
        glass.table("break_glass").col(text("id").primary_key());
        for column in ["county", "opened_by", "reason"] {
            glass.col(text(column));
        }
        for column in ["opened_us", "ends_us", "calls"] {
            glass.col(big_integer(column));
        }
        for column in ["closed_by", "verdict", "words", "reviewed_by"] {
            glass.col(text(column).default(""));
        }
        manager.create_table(glass).await?;
        rls::open(manager, "break_glass").await?;

        for (name, table, column) in [
            ("sessions_under", "sessions", "under"),
            ("delegations_by_deputy", "delegations", "deputy_person"),
            ("delegations_by_principal", "delegations", "principal"),
            ("break_glass_by_county", "break_glass", "county"),
        ] {
            let mut index = Index::create();
            index.name(name).table(table).col(column);
            manager.create_index(index.to_owned()).await?;
        }
        Ok(())
    }
}
