//! Who may do what, tried on the running system.

mod matrix;
mod sessions;
mod tenancy;
