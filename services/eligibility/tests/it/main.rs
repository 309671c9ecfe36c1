//! The eligibility service over the wire, on every store.

mod books;
mod bounds;
mod deadlines;
mod evidence;
mod fields;
mod flow;
mod fraud;
mod harness;
mod lapses;
mod late;
mod letters;
mod policy_packs;
mod pre_check;
mod pre_check_cases;
mod recoveries;
mod refusals;
mod registers;
mod repetition;
mod rosters;
mod separation;
mod sight;
mod stand_in;
mod stops;
mod stores;
mod walk;
