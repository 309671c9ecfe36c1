//! What people do to accounts and sessions, and what is granted to them for a time.

pub mod accounts;
pub mod break_glass;
pub mod delegations;
pub mod granted_session;
pub mod new_account;
pub mod password;
pub mod session;
pub mod sign_in;

use yuhui_platform::Caller;

use crate::refusal::Refused;

/// Whoever acts for another, or reads in an emergency, grants nothing and gets nothing further: there is no
/// chain (DYN-7).
fn himself(caller: &Caller) -> Result<(), Refused> {
    if caller.is_himself() {
        Ok(())
    } else {
        Err(Refused::NotHimself)
    }
}
