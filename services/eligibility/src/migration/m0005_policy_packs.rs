//! Versions of the law's parameters, proposed and decided. They are the whole city's: every county
//! decides by the same version, so the table belongs to no tenant.

use sea_orm_migration::prelude::*;
use yuhui_platform::db::rls;

use super::{index, table, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            text("id"),
            text("state"),
            text("toml"),
            text("digest"),
            text("proposed_by"),
            text("proposed_on"),
            text("note"),
            text("decided_by"),
            text("decided_on"),
            text("reason"),
        ];
        manager
            .create_table(table("policy_packs", columns, &["id"]))
            .await?;
        manager
            .create_index(index("policy_packs", &["state"]))
            .await?;
        rls::open(manager, "policy_packs").await
    }
}
