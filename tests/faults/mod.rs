//! What breaks, and what must survive it.

mod codes;
mod full;
mod hostile;
mod kill;
mod load;
mod midyear;
mod poison;
mod redis;
