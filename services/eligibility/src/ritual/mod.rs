//! What every act goes through, whatever it does: how it begins (see also `yuhui_platform::act`), the
//! rules that hold for it in its transaction, and how it is written down.

mod case;
mod command;
mod record;

use yuhui_platform::{
    Result,
    act::{Begun, OpenAct},
    caller::Caller,
    db::Tenancy,
    idempotency::Key,
};

pub(crate) use case::{CaseAct, Other, behind, unmoved};
pub(crate) use command::Command;
pub(crate) use record::{Change, OutgoingEvent, Writer, is_rostered};

use crate::context::Context;

impl Context {
    /// Begins an act that is not on one case.
    pub(crate) async fn open_act<'a, Answer: prost::Message + Default>(
        &'a self,
        caller: &'a Caller,
        tenancy: impl Into<Tenancy>,
        key: Key,
    ) -> Result<Begun<Answer, OpenAct<'a>>> {
        // The days of what waits follow from it.
        self.pack_on(self.today()).await?;
        OpenAct::begin(&self.db, &self.clock, caller, tenancy, key).await
    }
}
