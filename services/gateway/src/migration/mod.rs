//! The gateway's tables, on top of the platform's own.

mod m0001_accounts;
mod m0002_sessions;
mod m0003_first_passwords;
mod m0004_first_password_ends;
mod m0005_granted;
mod m0006_ended_accounts;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Brings the gateway's database up to date.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = yuhui_platform::db::migrations();
        all.extend([
            Box::new(m0001_accounts::Migration) as Box<dyn MigrationTrait>,
            Box::new(m0002_sessions::Migration),
            Box::new(m0003_first_passwords::Migration),
            Box::new(m0004_first_password_ends::Migration),
            Box::new(m0005_granted::Migration),
            Box::new(m0006_ended_accounts::Migration),
        ]);
        all
    }
}
