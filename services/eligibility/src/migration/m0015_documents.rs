//! Documents of cases and notices (C.3, C.5), the uploads whose pieces are their contents, and cases by the samples
//! that they were drawn for.

use sea_orm_migration::prelude::*;
use yuhui_platform::db::rls;

use super::{index, number, sealed, table, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let uploads = vec![
            text("tenant"),
            text("id"),
            text("account"),
            text("state"),
            number("committed"),
            number("begun"),
            text("body"),
            sealed("private_sealed"),
        ];
        manager
            .create_table(table("uploads", uploads, &["tenant", "id"]))
            .await?;
        for columns in [
            &["tenant", "account", "state"][..],
            &["tenant", "state", "begun"],
        ] {
            manager.create_index(index("uploads", columns)).await?;
        }
        rls::protect(manager, "uploads").await?;

        let pieces = vec![
            text("tenant"),
            text("upload"),
            number("start"),
            number("length"),
            text("object"),
        ];
        manager
            .create_table(table(
                "upload_pieces",
                pieces,
                &["tenant", "upload", "start"],
            ))
            .await?;
        rls::protect(manager, "upload_pieces").await?;

        let documents = vec![
            text("tenant"),
            text("id"),
            text("parent"),
            text("kind"),
            text("replaced_by"),
            text("sha256"),
            text("body"),
            sealed("title_sealed"),
        ];
        manager
            .create_table(table("documents", documents, &["tenant", "id"]))
            .await?;
        for columns in [
            &["tenant", "parent", "sha256"][..],
            &["tenant", "parent", "id"],
            &["tenant", "parent", "replaced_by", "id"],
        ] {
            manager.create_index(index("documents", columns)).await?;
        }
        rls::protect(manager, "documents").await?;

        manager
            .create_index(index("roster_samples", &["tenant", "case_id"]))
            .await
    }
}
