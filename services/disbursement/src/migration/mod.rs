//! The tables of this service, one file per migration.

mod m0001_payments;
mod m0002_pages;
mod m0003_orders_at_work;
mod m0004_decided_reports;
mod m0005_own_lines;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Brings the tables up to date.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = yuhui_platform::db::migrations();
        all.push(Box::new(m0001_payments::Migration));
        all.push(Box::new(m0002_pages::Migration));
        all.push(Box::new(m0003_orders_at_work::Migration));
        all.push(Box::new(m0004_decided_reports::Migration));
        all.push(Box::new(m0005_own_lines::Migration));
        all
    }
}
