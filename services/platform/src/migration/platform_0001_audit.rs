//! The audit record and the heads of each tenant's chains.

use sea_orm::{ConnectionTrait as _, DbBackend};
use sea_orm_migration::{prelude::*, schema::*};

use crate::db::rls;

/// What adding an entry does to the head of its chain. While the head is locked, each statement is
/// one that others of the tenant wait for.
const MOVE_HEAD: &str = "UPDATE audit_head SET seq = NEW.seq, hash = NEW.hash
     WHERE tenant = NEW.tenant AND chain = NEW.chain";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut entries = Table::create();
        entries
            .table("audit")
            .col(string_len("tenant", 6))
            .col(small_integer("chain"))
            .col(big_integer("seq"))
            .primary_key(Index::create().col("tenant").col("chain").col("seq"));
        for column in [
            "at",
            "actor",
            "name",
            "role",
            "unit",
            "session",
            "request_id",
            "method",
            "action",
            "object",
            "reason",
            "note",
            "previous",
            "hash",
        ] {
            entries.col(text(column));
        }
        for column in ["via", "remote", "before", "after"] {
            entries.col(text_null(column));
        }
        manager.create_table(entries).await?;
        rls::append_only(manager, "audit").await?;
        let by_object = Index::create()
            .name("audit_by_object")
            .table("audit")
            .col("tenant")
            .col("object")
            .col("chain")
            .col("seq")
            .to_owned();
        manager.create_index(by_object).await?;

        let head = Table::create()
            .table("audit_head")
            .col(string_len("tenant", 6))
            .col(small_integer("chain"))
            .col(big_integer("seq"))
            .col(text("hash"))
            .primary_key(Index::create().col("tenant").col("chain"))
            .to_owned();
        manager.create_table(head).await?;
        rls::protect(manager, "audit_head").await?;
        let follow = match manager.get_database_backend() {
            DbBackend::Sqlite => format!(
                "CREATE TRIGGER audit_moves_head AFTER INSERT ON audit BEGIN {MOVE_HEAD}; END"
            ),
            _ => format!(
                "CREATE FUNCTION audit_moves_head() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN {MOVE_HEAD}; RETURN NULL; END $$;
                 CREATE TRIGGER moves_head AFTER INSERT ON audit
                 FOR EACH ROW EXECUTE FUNCTION audit_moves_head()"
            ),
        };
        let connection = manager.get_connection();
        connection.execute_unprepared(&follow).await.map(|_| ())
    }
}
