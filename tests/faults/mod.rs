//! What breaks, and what must survive it.

mod kill;
mod load;
mod midyear;
mod redis;
