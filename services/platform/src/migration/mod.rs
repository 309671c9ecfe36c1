//! The platform's own tables, the same in every service's database.

pub mod platform_0001_audit;
pub mod platform_0002_outbox;
pub mod platform_0003_idempotency;
pub mod platform_0004_installation;
pub mod platform_0005_lease;
pub mod platform_0006_divisions;
pub mod platform_0007_operations;
pub mod platform_0008_changed_items;
