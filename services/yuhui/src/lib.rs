//! The executable: the whole system in one process or one service of it, a
//! year to see it run, and the proofs that can be had without it running.

pub mod audit;
pub mod bank_agent;
pub mod bootstrap;
pub mod ca;
pub mod command;
pub mod config;
pub mod deadlines;
pub mod events;
pub mod evidence;
pub mod forecast;
pub mod health;
pub mod keys;
pub mod migrate;
pub mod policy;
pub mod powers;
pub mod replay;
pub mod serve;
mod session;
pub mod settings;
pub mod stack;
pub mod tenant;
pub mod vault;
pub mod year;
