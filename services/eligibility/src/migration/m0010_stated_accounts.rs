//! Accounts that cases state, by keyed hash, in the whole city: whether one account serves several
//! families, and in which counties; never whose it is (SOD-7). They belong to no tenant.

use sea_orm_migration::prelude::*;
use yuhui_platform::db::rls;

use super::{index, table, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            text("county"),
            text("case_id"),
            text("account_ref"),
            text("claimant_ref"),
            text("related"),
            text("stated_on"),
            text("flagged_on"),
        ];
        let key = ["county", "case_id", "account_ref"];
        manager
            .create_table(table("stated_accounts", columns, &key))
            .await?;
        manager
            .create_index(index("stated_accounts", &["account_ref"]))
            .await?;
        rls::open(manager, "stated_accounts").await
    }
}
