//! Whole stories, as a stranger would try them.

mod policy;
mod python;
mod separate;
mod year;
