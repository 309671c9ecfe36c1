//! Events on their way out, by lane (destination and tenant), and those that came in.

use sea_orm_migration::{prelude::*, schema::*};

use crate::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        outbox(manager).await?;
        inbox(manager).await
    }
}

async fn outbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut key = Index::create();
    key.col("tenant").col("destination").col("seq");
    let outbox = Table::create()
        .table("outbox")
        .col(string_len("tenant", 6))
        .col(text("destination"))
        .col(big_integer("seq"))
        .col(text("event_id"))
        .col(text("kind"))
        .col(text("object"))
        .col(big_integer("revision"))
        .col(text("digest"))
        .col(binary("body"))
        .col(big_integer("at"))
        .primary_key(&mut key)
        .to_owned();
    manager.create_table(outbox).await?;
    rls::protect(manager, "outbox").await?;

    let mut key = Index::create();
    key.col("tenant").col("destination").col("object");
    let objects = Table::create()
        .table("outbox_object")
        .col(string_len("tenant", 6))
        .col(text("destination"))
        .col(text("object"))
        .col(big_integer("revision"))
        .primary_key(&mut key)
        .to_owned();
    manager.create_table(objects).await?;
    rls::protect(manager, "outbox_object").await?;

    // Head and lane tell nothing of what happened, and the relay serves all tenants: row-level
    // security would hide their rows from FOR UPDATE.
    let head = Table::create()
        .table("outbox_head")
        .col(text("destination"))
        .col(string_len("tenant", 6))
        .col(big_integer("seq"))
        .primary_key(Index::create().col("destination").col("tenant"))
        .to_owned();
    manager.create_table(head).await?;
    rls::open(manager, "outbox_head").await?;
    let lane = Table::create()
        .table("outbox_lane")
        .col(text("destination"))
        .col(string_len("tenant", 6))
        .col(big_integer("cursor"))
        .col(big_integer("due"))
        .col(integer("failures"))
        .col(text("error"))
        .col(text("owner"))
        .col(big_integer("epoch"))
        .col(big_integer("lease"))
        .primary_key(Index::create().col("destination").col("tenant"))
        .to_owned();
    manager.create_table(lane).await?;
    rls::open(manager, "outbox_lane").await
}

async fn inbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut key = Index::create();
    key.col("tenant").col("source").col("event_id");
    let inbox = Table::create()
        .table("inbox")
        .col(string_len("tenant", 6))
        .col(text("source"))
        .col(text("event_id"))
        .col(text("kind"))
        .col(text("object"))
        .col(big_integer("revision"))
        .col(text("digest"))
        .col(text("state"))
        .col(text("reason"))
        .col(text("detail"))
        .col(integer("attempts"))
        .col(big_integer("due"))
        .col(big_integer("received"))
        .col(big_integer("settled"))
        .col(text("drop_by"))
        .col(text("drop_why"))
        .col(binary("body"))
        .primary_key(&mut key)
        .to_owned();
    manager.create_table(inbox).await?;
    for (name, columns) in [
        ("inbox_by_object", ["tenant", "object", "revision"]),
        ("inbox_by_state", ["tenant", "state", "received"]),
        ("inbox_by_due", ["state", "due", "tenant"]),
    ] {
        let mut index = Index::create();
        index.name(name).table("inbox");
        for column in columns {
            index.col(column);
        }
        manager.create_index(index).await?;
    }
    rls::protect(manager, "inbox").await?;

    let mut key = Index::create();
    key.col("tenant").col("source").col("object");
    let objects = Table::create()
        .table("inbox_object")
        .col(string_len("tenant", 6))
        .col(text("source"))
        .col(text("object"))
        .col(big_integer("revision"))
        .col(text("cursor"))
        .primary_key(&mut key)
        .to_owned();
    manager.create_table(objects).await?;
    rls::protect(manager, "inbox_object").await
}
