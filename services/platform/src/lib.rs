//! What every service of Yuhui stands on: serving, authorization, tokens,
//! tenancy, storage, outbox, audit, telemetry, configuration, refusals, clock.
//! It knows no domain but whose relative a caller is (DYN-3).

pub mod act;
pub mod actions;
pub mod audit;
pub mod authz;
mod backoff;
pub mod bounds;
pub mod caller;
pub mod clock;
pub mod config;
pub mod context;
pub mod db;
pub mod ephemeral;
pub mod error;
pub mod form;
pub mod health;
pub mod idempotency;
pub mod inbox;
pub mod jobs;
mod migration;
pub mod objects;
pub mod operations;
pub mod outbox;
pub mod paging;
pub mod peers;
pub mod pipe;
pub mod private_file;
pub mod refusal;
pub mod relatives;
pub mod retention;
pub mod serve;
pub mod supervise;
pub mod telemetry;
pub mod tls;
pub mod token;
pub mod vault;

pub use caller::Caller;
pub use clock::Clock;
pub use error::{Error, Result};
pub use refusal::Refusal;
