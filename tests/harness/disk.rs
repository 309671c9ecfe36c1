//! A disk of a few megabytes, to be filled.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use yuhui_stage::setting;

/// The small file system that `tests/run` mounts, emptied; tests that use it
/// run one after another.
pub(crate) struct Disk(PathBuf);

impl Disk {
    /// The disk, if there is one.
    pub(crate) fn find() -> Option<Self> {
        let disk = Self(setting("YUHUI_TEST_DISK")?.into());
        disk.clear();
        Some(disk)
    }

    /// Where it is mounted.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Takes the room that is left.
    pub(crate) fn fill(&self) {
        let mut filler = File::create(self.filler()).expect("a filler");
        // Large bites first, then the crumbs.
        for bite in [1 << 20, 4096, 1] {
            let bite = vec![0; bite];
            let full = loop {
                if let Err(error) = filler.write_all(&bite) {
                    break error;
                }
            };
            assert_eq!(full.kind(), ErrorKind::StorageFull, "{full}");
        }
    }

    /// Gives the room back.
    pub(crate) fn free(&self) {
        fs::remove_file(self.filler()).expect("the filler");
    }

    fn clear(&self) {
        for entry in fs::read_dir(&self.0).expect("the disk") {
            let path = entry.expect("an entry").path();
            let gone = match path.is_dir() {
                true => fs::remove_dir_all(&path),
                false => fs::remove_file(&path),
            };
            gone.expect("removed");
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.clear();
    }
}
