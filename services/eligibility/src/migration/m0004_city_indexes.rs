//! City-wide indexes by keyed hash: whether a child, institution or claimant is known elsewhere,
//! and the competent county; never who they are (SOD-7). They belong to no tenant.

use sea_orm_migration::prelude::*;
use yuhui_platform::db::rls;

use super::{index, number, table, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            text("county"),
            text("case_id"),
            text("programme"),
            text("subject_ref"),
            text("claimant_ref"),
            number("subsidy_year"),
            text("lodged_on"),
            number("lodged_order"),
            text("standing"),
            text("reason"),
            number("amount_fen"),
            number("round"),
        ];
        manager
            .create_table(table("claim_index", columns, &["county", "case_id"]))
            .await?;
        manager
            .create_index(index("claim_index", &["subject_ref"]))
            .await?;
        manager
            .create_index(index("claim_index", &["claimant_ref"]))
            .await?;
        rls::open(manager, "claim_index").await?;

        let columns = vec![text("claimant_ref"), text("case_id"), text("found_on")];
        manager
            .create_table(table("fraud_index", columns, &["claimant_ref", "case_id"]))
            .await?;
        rls::open(manager, "fraud_index").await
    }
}
