//! The law: 包府办发〔2024〕126号 and the national childcare subsidy as pure functions over dated
//! facts.
//!
//! No I/O, no clock, no transport. [`determine`] takes a [`PolicyPack`] or a [`NationalPack`],
//! [`Facts`], a [`Claim`] and its [`Progress`], and returns a [`Determination`] with one finding per
//! rule evaluated.

pub mod case_file;
pub mod claim;
pub mod compare;
mod contradiction;
mod course;
pub mod coverage;
pub mod decide;
pub mod determination;
pub mod evidence;
pub mod facts;
pub mod forecast;
mod law;
pub mod letter;
pub mod national;
pub mod pack;
pub mod printed;
mod record;
pub mod rules;

pub use claim::{Claim, Programme, Progress};
pub use decide::{Decided, decide, determine};
pub use determination::{
    Class, Decision, Determination, FactUsed, Finding, Outcome, Payee, Reason,
};
pub use facts::Facts;
pub use law::{Law, Policy};
pub use national::NationalPack;
pub use pack::{AnyPack, Pack, PackError, PolicyPack};

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");
