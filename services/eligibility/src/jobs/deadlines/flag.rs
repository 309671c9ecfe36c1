//! Duties that were missed are flagged, each step once.

use serde_json::json;
use yuhui_platform::{Result, db::Tx};

use super::Run;
use crate::{
    domain::deadline::{Flag, Obligation},
    store,
};

impl Run<'_> {
    /// The flags of what is due that are not known yet: most days there are none.
    pub(super) async fn unknown(&self, tx: &Tx, due: Vec<Obligation>) -> Result<Vec<Flag>> {
        let flags = due
            .iter()
            .flat_map(|it| it.flags(self.year.calendar, self.on));
        unknown(tx, flags.collect()).await
    }

    /// Writes flags, but for those that somebody has written meanwhile; answers which.
    pub(super) async fn flag(&self, tx: &Tx, flags: Vec<Flag>) -> Result<Vec<Flag>> {
        let new = unknown(tx, flags).await?;
        if !new.is_empty() {
            store::deadlines::add(tx, &new).await?;
            self.record(tx, "deadline.flag", json!({ "flags": &new }))
                .await?;
        }
        Ok(new)
    }
}

async fn unknown(tx: &Tx, mut flags: Vec<Flag>) -> Result<Vec<Flag>> {
    let keys: Vec<String> = flags.iter().map(Flag::key).collect();
    let known = store::deadlines::known(tx, &keys).await?;
    flags.retain(|it| !known.contains(&it.key()));
    Ok(flags)
}
