//! Room for calls that tell of something as it goes on: each is little work and lasts, so it holds no place that
//! others work in; and nobody holds all there is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Watches at once.
const IN_ALL: usize = 256;
/// Of these, of one account.
const OF_ONE: usize = 16;

/// Who watches.
#[derive(Clone, Debug, Default)]
pub(super) struct Watches(Arc<Mutex<HashMap<String, usize>>>);

/// One watch; it is over when this goes.
#[derive(Debug)]
pub(super) struct Watch {
    of: Watches,
    account: String,
}

impl Watches {
    /// Room for one more watch of the account, if there is any.
    pub(super) fn take(&self, account: &str) -> Option<Watch> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let in_all: usize = held.values().sum();
        let own = held.get(account).copied().unwrap_or(0);
        if in_all >= IN_ALL || own >= OF_ONE {
            return None;
        }
        held.insert(account.to_owned(), own + 1);
        Some(Watch {
            of: self.clone(),
            account: account.to_owned(),
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut held = self.of.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = held.get_mut(&self.account) {
            *own -= 1;
            if *own == 0 {
                held.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_holds_more_than_his_part_and_what_is_over_makes_room() {
        let watches = Watches::default();
        let mut own: Vec<_> = (0..OF_ONE).filter_map(|_| watches.take("one")).collect();
        assert_eq!(own.len(), OF_ONE);
        assert!(watches.take("one").is_none());
        assert!(watches.take("other").is_some());
        own.pop();
        assert!(watches.take("one").is_some());
    }

    #[test]
    fn there_is_an_end_to_all_of_them() {
        let watches = Watches::default();
        let accounts = (0..IN_ALL + 1).map(|it| it.to_string());
        let held: Vec<_> = accounts.filter_map(|it| watches.take(&it)).collect();
        assert_eq!(held.len(), IN_ALL);
        drop(held);
        assert!(watches.0.lock().expect("whole").is_empty());
    }
}
