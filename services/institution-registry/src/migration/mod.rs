//! The tables of this service, one file per migration.

mod m0001_institutions;
mod m0002_enrolments;
mod m0003_replaced;
mod m0004_ended_changes;
mod m0005_inspections;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Brings the service's database up to date.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = yuhui_platform::db::migrations();
        all.extend([
            Box::new(m0001_institutions::Migration) as Box<dyn MigrationTrait>,
            Box::new(m0002_enrolments::Migration),
            Box::new(m0003_replaced::Migration),
            Box::new(m0004_ended_changes::Migration),
            Box::new(m0005_inspections::Migration),
        ]);
        all
    }
}
