//! The three registers. Open tables: see `store`.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Hex digits of a blind reference.
const REF: u32 = 64;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        public_security(manager).await?;
        civil_affairs(manager).await?;
        maternity(manager).await
    }
}

async fn public_security(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let persons = Table::create()
        .table("persons")
        .col(string_len("person_ref", REF).primary_key())
        .col(string_len("keeper", 6))
        .col(binary("sealed_number"))
        .col(binary("sealed_name"))
        .col(string_len("sex", 1))
        .col(date("born_on"))
        .col(date_null("died_on"))
        .to_owned();
    create(manager, "persons", persons, &[]).await?;

    let hukou = Table::create()
        .table("hukou")
        .col(string_len("person_ref", REF))
        .col(date("from_on"))
        .col(date_null("to_on"))
        .col(string_len("division", 12))
        .primary_key(Index::create().col("person_ref").col("from_on"))
        .to_owned();
    create(manager, "hukou", hukou, &[]).await
}

async fn civil_affairs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let marriages = Table::create()
        .table("marriages")
        .col(string_len("first_ref", REF))
        .col(string_len("second_ref", REF))
        .col(date("from_on"))
        .col(date_null("to_on"))
        .col(text_null("ended_by"))
        .primary_key(
            Index::create()
                .col("first_ref")
                .col("second_ref")
                .col("from_on"),
        )
        .to_owned();
    create(manager, "marriages", marriages, &["second_ref"]).await?;

    let adoptions = Table::create()
        .table("adoptions")
        .col(string_len("child_ref", REF))
        .col(date("adopted_on"))
        .col(string_len("first_adopter_ref", REF))
        .col(string_len_null("second_adopter_ref", REF))
        .primary_key(Index::create().col("child_ref").col("adopted_on"))
        .to_owned();
    let by_adopter = ["first_adopter_ref", "second_adopter_ref"];
    create(manager, "adoptions", adoptions, &by_adopter).await?;

    let custody = Table::create()
        .table("custody")
        .col(string_len("child_ref", REF))
        .col(date("from_on"))
        .col(date_null("to_on"))
        .col(json_binary("holders"))
        .col(json_binary("actual_carers"))
        .col(text("basis"))
        .primary_key(Index::create().col("child_ref").col("from_on"))
        .to_owned();
    create(manager, "custody", custody, &[]).await?;

    let guardianships = Table::create()
        .table("guardianships")
        .col(string_len("child_ref", REF))
        .col(string_len("guardian_ref", REF))
        .col(date("from_on"))
        .col(date_null("to_on"))
        .primary_key(
            Index::create()
                .col("child_ref")
                .col("guardian_ref")
                .col("from_on"),
        )
        .to_owned();
    create(manager, "guardianships", guardianships, &[]).await
}

async fn maternity(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let deliveries = Table::create()
        .table("deliveries")
        .col(text("number").primary_key())
        .col(string_len("mother_ref", REF))
        .col(string_len_null("father_ref", REF))
        .col(date_null("birth_service_registered_on"))
        .to_owned();
    let by_parent = ["mother_ref", "father_ref"];
    create(manager, "deliveries", deliveries, &by_parent).await?;

    let children = Table::create()
        .table("born_children")
        .col(text("delivery"))
        .col(integer("birth_order"))
        // Nobody is born twice.
        .col(string_len_null("child_ref", REF).unique_key())
        .col(date("born_on"))
        .col(boolean("live"))
        .primary_key(Index::create().col("delivery").col("birth_order"))
        .to_owned();
    create(manager, "born_children", children, &[]).await
}

/// Makes an open table and an index on each of `columns`.
async fn create(
    manager: &SchemaManager<'_>,
    name: &str,
    table: TableCreateStatement,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    manager.create_table(table).await?;
    for column in columns {
        let index = Index::create()
            .name(format!("{name}_by_{column}"))
            .table(name.to_owned())
            .col(*column)
            .to_owned();
        manager.create_index(index).await?;
    }
    rls::open(manager, name).await
}
