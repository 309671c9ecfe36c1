//! Files and folders that nobody but their owner may read: keys and databases.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use rustix::process::{getegid, geteuid};

use crate::clock;

/// Permissions of anybody but the owner.
const OTHERS: u32 = 0o077;
/// Those without the group's right to read.
const OTHERS_BUT_GROUP: u32 = 0o037;
/// Permissions of anybody but the owner to write.
const WRITERS: u32 = 0o022;

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
    let mode = about.mode() & 0o7777;
    let place = Place {
        owner: about.uid(),
        group: about.gid(),
        is_folder: about.is_dir(),
    };
    if mode & place.forbidden(geteuid().as_raw(), getegid().as_raw()) == 0 {
        return Ok(());
    }
    Err(Exposed {
        path: path.to_owned(),
        mode,
        wanted: if about.is_dir() { 0o700 } else { 0o600 },
    })
}

/// Whose a file or folder is.
struct Place {
    owner: u32,
    group: u32,
    is_folder: bool,
}

impl Place {
    /// Permissions that it must not have, if we are `user` of `group`. A container is given its keys
    /// by root: files that its own group may read, in a folder that shows no more than their names.
    /// Who can put himself between is root, who reads everything.
    fn forbidden(&self, user: u32, group: u32) -> u32 {
        let is_given = self.owner == 0 && user != 0;
        match (is_given, self.is_folder) {
            (true, true) => WRITERS,
            (true, false) if self.group == group => OTHERS_BUT_GROUP,
            _ => OTHERS,
        }
    }
}

/// A new file; one that is there already stays as it is, and that is an error.
pub fn create(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(path)
}

/// Writes a file whole, with these rights from its first byte: a reader finds all of it or nothing. One
/// that is there already is replaced, or is an error.
pub fn write(path: &Path, text: &[u8], mode: u32, replace: bool) -> io::Result<()> {
    let draft = path.with_extension(clock::fresh_id().simple().to_string());
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&draft)?;
    file.write_all(text)?;
    file.sync_all()?;
    drop(file);
    if replace {
        return fs::rename(&draft, path);
    }
    // A link never replaces a file.
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    linked
}

/// A folder, made if it is missing.
pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_their_owners_or_given_by_root_to_one_group() {
        const US: u32 = 65532;
        let (file, folder) = (false, true);
        // Owner, group, what it is, mode; whether it is refused to user and group 65532.
        let cases = [
            (US, US, file, 0o600, false),
            (US, US, file, 0o640, true),
            (US, US, folder, 0o700, false),
            (US, US, folder, 0o755, true),
            // As Kubernetes mounts a Secret.
            (0, US, file, 0o440, false),
            (0, US, file, 0o444, true),
            (0, US, file, 0o460, true),
            (0, 100, file, 0o440, true),
            (0, 0, folder, 0o755, false),
            (0, 0, folder, 0o775, true),
            (0, 0, folder, 0o757, true),
            (1000, US, file, 0o440, true),
        ];
        for (owner, group, is_folder, mode, refused) in cases {
            let place = Place {
                owner,
                group,
                is_folder,
            };
            let exposed = mode & place.forbidden(US, US) != 0;
            assert_eq!(exposed, refused, "{owner}:{group} {mode:o}");
        }
        // To root itself nobody gives anything.
        let ours = Place {
            owner: 0,
            group: 0,
            is_folder: false,
        };
        assert_eq!(ours.forbidden(0, 0), OTHERS);
    }
}
