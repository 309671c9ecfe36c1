//! Who may do what, tried on the running system.

mod clear;
mod fields;
mod installed;
mod matrix;
mod sessions;
mod tenancy;
