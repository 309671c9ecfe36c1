//! Tables of the eligibility service, one migration per file.

use sea_orm_migration::prelude::*;

mod m0001_cases;
mod m0002_evidence;
mod m0003_notices_rosters;
mod m0004_city_indexes;
mod m0005_policy_packs;
mod m0006_deadlines;
mod m0007_sampling;
mod m0008_review_requests;
mod m0009_kept_for_good;
mod m0010_stated_accounts;
mod m0011_awards_and_calendars;
mod m0012_pages;
mod m0013_endorsed_packs;
mod m0014_supervision;
mod m0015_documents;
mod m0016_work_items;
mod m0017_portal;
mod m0018_case_list;

/// Every migration, platform's first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = yuhui_platform::db::migrations();
        all.push(Box::new(m0001_cases::Migration));
        all.push(Box::new(m0002_evidence::Migration));
        all.push(Box::new(m0003_notices_rosters::Migration));
        all.push(Box::new(m0004_city_indexes::Migration));
        all.push(Box::new(m0005_policy_packs::Migration));
        all.push(Box::new(m0006_deadlines::Migration));
        all.push(Box::new(m0007_sampling::Migration));
        all.push(Box::new(m0008_review_requests::Migration));
        all.push(Box::new(m0009_kept_for_good::Migration));
        all.push(Box::new(m0010_stated_accounts::Migration));
        all.push(Box::new(m0011_awards_and_calendars::Migration));
        all.push(Box::new(m0012_pages::Migration));
        all.push(Box::new(m0013_endorsed_packs::Migration));
        all.push(Box::new(m0014_supervision::Migration));
        all.push(Box::new(m0015_documents::Migration));
        all.push(Box::new(m0016_work_items::Migration));
        all.push(Box::new(m0017_portal::Migration));
        all.push(Box::new(m0018_case_list::Migration));
        all
    }
}

/// `text not null` column.
fn text(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .text()
        .not_null()
        .to_owned()
}

/// `bigint not null` column.
fn number(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .big_integer()
        .not_null()
        .to_owned()
}

/// `bytes not null` column.
fn sealed(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .binary()
        .not_null()
        .to_owned()
}

/// An index over columns of a table, named after both.
fn index(table: &str, columns: &[&str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index
        .name(format!("{table}_{}", columns.join("_")))
        .table(Alias::new(table));
    for column in columns {
        index.col(Alias::new(*column));
    }
    index.to_owned()
}

/// A primary key over columns.
fn key(columns: &[&str]) -> IndexCreateStatement {
    let mut key = Index::create();
    key.primary();
    for column in columns {
        key.col(Alias::new(*column));
    }
    key.to_owned()
}

/// A table of those columns and that key.
fn table(name: &str, columns: Vec<ColumnDef>, primary: &[&str]) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new(name));
    for column in columns {
        table.col(column);
    }
    table.primary_key(&mut key(primary));
    table.to_owned()
}
