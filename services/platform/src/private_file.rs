//! Files and folders that nobody but their owner may read: keys and databases.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// Permissions of anybody but the owner.
const OTHERS: u32 = 0o077;

/// Somebody else may read it.
#[derive(Debug, thiserror::Error)]
#[error("{path} may be read by others ({mode:04o}): chmod {wanted:04o} {path}", path = .path.display())]
pub struct Exposed {
    path: PathBuf,
    mode: u32,
    wanted: u32,
}

/// Refuses what others may read. What is not there exposes nothing.
pub fn check(path: &Path) -> Result<(), Exposed> {
    let Ok(about) = fs::metadata(path) else {
        return Ok(());
    };
    let mode = about.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    Err(Exposed {
        path: path.to_owned(),
        mode,
        wanted: if about.is_dir() { 0o700 } else { 0o600 },
    })
}

/// A new file; one that is there already stays as it is, and that is an error.
pub fn create(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(path)
}

/// A folder, made if it is missing.
pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(path)
}
