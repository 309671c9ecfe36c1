//! Family law (民政): one file per kind of record.

mod adoptions;
mod custody;
mod guardianships;
mod marriages;
