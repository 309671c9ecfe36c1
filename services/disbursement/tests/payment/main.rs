//! Payment over the wire: the real service behind its real guard, with the
//! other services played by stand-ins that remember what they were told.

mod at_once;
mod bank;
mod clearance;
mod decisions;
mod events;
mod harness;
mod offered;
mod orders;
mod slices;
mod stand_ins;
mod stores;
mod upgrade;
