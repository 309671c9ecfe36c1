//! Whole stories, as a stranger would try them.

mod python;
mod separate;
mod year;
