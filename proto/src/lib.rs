//! The contracts of Yuhui: what integrators program against.
//!
//! Generated from `proto/yuhui/**.proto`. [`descriptor_pool`] keeps the
//! authorization options that the generated types drop. Requests are held to
//! the field rules of their contract as they are decoded ([`check`]).

pub mod check;
pub mod codec;
mod events_about;

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

/// Every contract, encoded, with its options and comments.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("the set was encoded by the build")
});

/// Descriptors of every contract, with the authorization options.
pub fn descriptor_pool() -> &'static DescriptorPool {
    &POOL
}

macro_rules! packages {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        pub mod $name {
            /// Version 1.
            pub mod v1 {
                include!(concat!(env!("OUT_DIR"), "/yuhui.", stringify!($name), ".v1.rs"));
            }
        }
    )*};
}

packages! {
    /// The audit record.
    audit,
    /// Who may call what.
    authz,
    /// Payment orders and the bank agent.
    disbursement,
    /// Documents of cases and notices.
    documents,
    /// Cases, notices and rosters.
    eligibility,
    /// Why a call is refused.
    errors,
    /// What a field of a request may hold.
    field,
    /// Shares, receipts and the ledger.
    funding,
    /// Accounts and sessions.
    identity,
    /// Nurseries, honours and enrolments.
    institution,
    /// What the services ask and tell one another; not for integrators.
    internal,
    /// Work in bulk.
    operations,
    /// What is for the public.
    portal,
    /// Registers and verification.
    registry,
    /// Words shared by every contract.
    types,
    /// The work queue.
    work,
}
