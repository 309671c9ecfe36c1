//! Public keys that change while the process runs.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;

use super::Keyring;

impl Keyring {
    /// The keys in a file that holds what [`Keyring::jwks`] writes.
    pub fn from_file(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read(file);
        let text = text.with_context(|| format!("read {}", file.display()))?;
        let set = serde_json::from_slice(&text);
        let set = set.with_context(|| format!("{} is no JSON", file.display()))?;
        Self::from_jwks(&set).with_context(|| format!("{} is no set of keys", file.display()))
    }

    /// Believes from now on what `file` holds, and looks at it `every` so often as long as anybody
    /// asks this ring. If the file is not right, the keys stay as they are.
    pub fn follow(&self, file: PathBuf, every: Duration) {
        let held = self.downgrade();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                let Some(ring) = held.upgrade() else {
                    return;
                };
                match Self::from_file(&file) {
                    Ok(new) if new.jwks() == ring.jwks() => {}
                    Ok(new) => {
                        ring.replace(&new);
                        tracing::info!(file = %file.display(), "new public keys are in use");
                    }
                    Err(error) => {
                        let error = format!("{error:#}");
                        tracing::error!(error, "the old public keys stay in use");
                    }
                }
            }
        });
    }
}
