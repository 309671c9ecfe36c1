//! What can be read from the contracts and the source without running anything.

mod architecture;
mod coverage;
mod docs;
mod freeze;
mod part_d;
mod powers;
mod reasons;
mod rules;
mod seen;
mod shape;
mod steps;
