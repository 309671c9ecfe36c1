//! Awards that are confirmed and still to be paid (R-P4-3), and the tables of working days that
//! decisions rest on (R-DAT-2).

use sea_orm_migration::prelude::*;
use yuhui_platform::db::rls;

use super::{table, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Empty: not confirmed, or confirmed before the index told the day.
        let mut confirmed_on = text("confirmed_on");
        confirmed_on.default("");
        let mut alter = Table::alter();
        alter
            .table(Alias::new("claim_index"))
            .add_column(&mut confirmed_on);
        manager.alter_table(alter.to_owned()).await?;

        // The same days for every county: they belong to no tenant.
        let columns = vec![text("digest"), text("body")];
        manager
            .create_table(table("calendars", columns, &["digest"]))
            .await?;
        rls::open(manager, "calendars").await?;
        rls::keep(manager, "calendars", &["digest", "body"]).await
    }
}
