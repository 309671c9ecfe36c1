//! What can be read from the contracts and the source without running anything.

mod architecture;
mod powers;
mod rules;
mod shape;
