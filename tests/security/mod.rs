//! Who may do what, tried on the running system.

mod fields;
mod matrix;
mod sessions;
mod tenancy;
