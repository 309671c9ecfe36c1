//! The tables of this service, one file per migration.

mod m0001_registers;
mod m0002_answers;
mod m0003_national_payments;
mod m0004_aliases;
mod m0005_register_states;
mod m0006_births;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Brings the service's database up to date.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = yuhui_platform::db::migrations();
        all.extend([
            Box::new(m0001_registers::Migration) as Box<dyn MigrationTrait>,
            Box::new(m0002_answers::Migration),
            Box::new(m0003_national_payments::Migration),
            Box::new(m0004_aliases::Migration),
            Box::new(m0005_register_states::Migration),
            Box::new(m0006_births::Migration),
        ]);
        all
    }
}
