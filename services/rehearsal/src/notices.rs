//! Notices on their boards.

use std::sync::Arc;

use super::offices::Desk;

/// Notices posted so far.
#[derive(Default)]
pub(crate) struct Notices(Vec<Posted>);

/// A notice on a board.
#[derive(Clone)]
pub(crate) struct Posted {
    /// Who posted it and takes it down.
    pub(crate) by: Arc<Desk>,
    /// Resource name.
    pub(crate) name: String,
    /// Claims on it.
    pub(crate) claims: Vec<usize>,
}

impl Notices {
    /// Remembers a notice; answers its place.
    pub(crate) fn add(&mut self, posted: Posted) -> usize {
        self.0.push(posted);
        self.0.len() - 1
    }

    /// The notice at a place.
    pub(crate) fn get(&self, index: usize) -> Option<Posted> {
        self.0.get(index).cloned()
    }
}
