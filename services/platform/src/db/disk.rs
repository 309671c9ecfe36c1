//! Room on the disk of a SQLite file or of a folder of documents: what is refused before the disk is full
//! need not be undone when it is.

use std::path::{Path, PathBuf};

use sea_orm::sqlx::sqlite::SqliteConnectOptions;

use super::DbConfig;
use crate::{Error, Result, refusal};

/// Of a small file system this share is kept free, not the whole of
/// [`DbConfig::min_free`]: one part in a hundred.
const SHARE: u64 = 100;

/// The file system that a database or a folder lies on.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    folder: PathBuf,
    min_free: u64,
}

impl Disk {
    /// That of the file `config` names.
    pub(super) fn of(config: &DbConfig) -> Result<Self> {
        let options: SqliteConnectOptions = config
            .url
            .parse()
            .map_err(|error| Error::Fault(anyhow::Error::new(error).context("database.url")))?;
        let folder = options.get_filename().parent().unwrap_or(Path::new(""));
        let folder = match folder.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => folder.to_owned(),
        };
        Ok(Self {
            folder,
            min_free: config.min_free,
        })
    }

    /// That of `folder`.
    pub(crate) fn below(folder: PathBuf, min_free: u64) -> Self {
        Self { folder, min_free }
    }

    /// Refuses if there is too little left to write anything; `what` is then not there.
    pub(crate) fn has_room(&self, what: &str) -> Result<()> {
        let folder = self.folder.display();
        let status = rustix::fs::statvfs(&self.folder).map_err(|error| {
            tracing::error!(%folder, %error, "the disk does not answer");
            refusal::unavailable(what)
        })?;
        let free = status.f_bavail.saturating_mul(status.f_frsize);
        let whole = status.f_blocks.saturating_mul(status.f_frsize);
        if !enough(free, whole, self.min_free) {
            tracing::error!(%folder, free, "the disk is nearly full: nothing is written");
            return Err(refusal::unavailable(what).into());
        }
        Ok(())
    }
}

/// Whether so many `free` bytes of a file system of `whole` bytes are enough to write.
fn enough(free: u64, whole: u64, min_free: u64) -> bool {
    free >= min_free.min(whole / SHARE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_disk_keeps_a_hundredth_free_and_a_large_one_what_was_asked() {
        const MIB: u64 = 1 << 20;
        assert!(enough(MIB, 64 * MIB, 256 * MIB));
        assert!(!enough(MIB / 2, 64 * MIB, 256 * MIB));
        assert!(enough(256 * MIB, 1 << 40, 256 * MIB));
        assert!(!enough(255 * MIB, 1 << 40, 256 * MIB));
        assert!(enough(0, 1 << 40, 0));
    }
}
