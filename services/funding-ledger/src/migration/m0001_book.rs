//! The books: journals and entries, append-only; head of the chain, running totals, balances.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        journals(manager).await?;
        entries(manager).await?;
        heads(manager).await?;
        rounds(manager).await?;
        balances(manager).await
    }
}

async fn journals(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("journals")
        .col(string_len("tenant", 6))
        .col(big_integer("sequence"))
        .col(string_len("county", 6))
        .col(integer("round"))
        .col(text("event"))
        .col(text_null("programme"))
        .col(big_integer("amount_fen"))
        // Sequence number in the county's book, for journals of the city book.
        .col(big_integer_null("mirrors"))
        .primary_key(Index::create().col("tenant").col("sequence"));
    for column in [
        "posted_on",
        "source",
        "actor",
        "origin",
        "previous_hash",
        "hash",
    ] {
        table.col(text(column));
    }
    manager.create_table(table).await?;
    // A county journal reaches the city book once.
    let once = Index::create()
        .name("journals_mirror_once")
        .table("journals")
        .col("tenant")
        .col("county")
        .col("mirrors")
        .unique()
        .to_owned();
    manager.create_index(once).await?;
    rls::append_only(manager, "journals").await
}

async fn entries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("entries")
        .col(string_len("tenant", 6))
        .col(big_integer("sequence"))
        .col(integer("position"))
        .col(integer("account"))
        .col(big_integer("debit_fen"))
        .col(big_integer("credit_fen"))
        .primary_key(
            Index::create()
                .col("tenant")
                .col("sequence")
                .col("position"),
        )
        .to_owned();
    manager.create_table(table).await?;
    rls::append_only(manager, "entries").await
}

async fn heads(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("book_heads")
        .col(string_len("tenant", 6).primary_key())
        .col(big_integer("sequence"))
        .col(text("hash"))
        .to_owned();
    manager.create_table(table).await?;
    rls::protect(manager, "book_heads").await
}

async fn rounds(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("rounds")
        .col(string_len("tenant", 6))
        .col(integer("round"))
        .col(text("residual_bearer"))
        .primary_key(Index::create().col("tenant").col("round"));
    for column in [
        "committed_fen",
        "unrecorded_fen",
        "shared_fen",
        "closed_fen",
        "received_city_fen",
        "received_county_fen",
        "surplus_fen",
        "releasable_fen",
        "credited_fen",
        "demanded_fen",
    ] {
        table.col(big_integer(column));
    }
    manager.create_table(table).await?;
    rls::protect(manager, "rounds").await
}

async fn balances(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut key = Index::create()
        .col("tenant")
        .col("county")
        .col("round")
        .col("account")
        .to_owned();
    let table = Table::create()
        .table("balances")
        .col(string_len("tenant", 6))
        .col(string_len("county", 6))
        .col(integer("round"))
        .col(integer("account"))
        .col(big_integer("balance_fen"))
        .primary_key(&mut key)
        .to_owned();
    manager.create_table(table).await?;
    rls::protect(manager, "balances").await
}
