//! The tables of the service, after the platform's own.

mod m0001_book;
mod m0002_rosters;
mod m0003_proposals;
mod m0005_reservations;
mod m0006_ended_proposals;
mod m0007_endorsed_write_offs;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Brings the tables up to date.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = yuhui_platform::db::migrations();
        all.extend([
            Box::new(m0001_book::Migration) as Box<dyn MigrationTrait>,
            Box::new(m0002_rosters::Migration),
            Box::new(m0003_proposals::Migration),
            Box::new(m0005_reservations::Migration),
            Box::new(m0006_ended_proposals::Migration),
            Box::new(m0007_endorsed_write_offs::Migration),
        ]);
        all
    }
}
