//! What county health, county finance and the bank do to a payment, and what becomes of the other
//! services' events.

pub mod account;
pub mod acknowledge;
pub mod orders;
pub mod results;
pub mod roster;
pub mod standing;

use yuhui_platform::operations::Worker;

use self::orders::decline::{self, Close};
use crate::Deps;

/// `worker` that does the work of these acts too.
pub fn works(worker: Worker, deps: &Deps) -> Worker {
    worker
        .with(orders::propose::Propose(deps.clone()))
        .with(orders::approve::Approve(deps.clone()))
        .with(orders::release::Release(deps.clone()))
        .with(Close::<decline::Decline>::new(deps))
        .with(Close::<decline::Withdraw>::new(deps))
        .with(Close::<decline::DeclineRelease>::new(deps))
}
