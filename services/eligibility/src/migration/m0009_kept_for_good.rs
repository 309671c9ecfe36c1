//! What the whole city decides by belongs to no tenant, so the database itself keeps it: a seed once
//! published, and the text of a version of the law once proposed.

use sea_orm_migration::prelude::*;
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rls::keep(
            manager,
            "sampling_seeds",
            &["round", "seed", "published_on"],
        )
        .await?;
        let proposed = ["id", "toml", "digest", "proposed_by", "proposed_on"];
        rls::keep(manager, "policy_packs", &proposed).await
    }
}
