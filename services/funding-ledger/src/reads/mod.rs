//! What is shown of the books, of shares and of what was paid.

pub mod books;
mod offline;
pub mod paid;
pub mod proposals;
pub mod shares;

pub use offline::{BookReport, verify_books};
