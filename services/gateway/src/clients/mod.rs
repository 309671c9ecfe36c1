//! The services behind the gateway, as far as it asks them itself.

pub mod trails;
