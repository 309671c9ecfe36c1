//! Whose relative a caller is (DYN-3).

use yuhui_kernel::Tenant;
use yuhui_platform::{Result, caller::Caller, refusal, relatives::Relatives};

use super::PATIENCE;
use crate::{context::Context, names::REGISTRY};

impl Context {
    /// The caller's relatives, asked before the transaction of an act, and not for longer than a
    /// register is waited for.
    pub(crate) async fn relatives(&self, caller: &Caller, county: Tenant) -> Result<Relatives> {
        let asked = self.peers.relatives(caller, county, self.today());
        let told = tokio::time::timeout(PATIENCE, asked).await;
        told.unwrap_or_else(|_| Err(refusal::unavailable(REGISTRY).into()))
    }
}
