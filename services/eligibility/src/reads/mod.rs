//! What pages and lists ask for, and other services: one file per kind of thing that is read. A read
//! takes the request of the contract and answers with its message; it changes nothing.

pub(crate) mod actions;
pub(crate) mod answers;
pub(crate) mod case_file;
pub(crate) mod cases;
pub(crate) mod clearance;
pub(crate) mod comparison;
pub(crate) mod deadlines;
pub(crate) mod documents;
pub(crate) mod due;
pub(crate) mod duties;
pub(crate) mod evidence;
pub(crate) mod forecast;
pub(crate) mod forms;
pub(crate) mod notices;
pub(crate) mod offline;
pub(crate) mod payouts;
pub(crate) mod policy_packs;
pub(crate) mod portal;
pub(crate) mod pre_check;
pub(crate) mod proposals;
pub(crate) mod recoveries;
pub(crate) mod red_flags;
pub(crate) mod review_requests;
pub(crate) mod rosters;
pub(crate) mod samples;
pub(crate) mod statistics;
pub(crate) mod supervision;
pub(crate) mod views;
pub(crate) mod work;
