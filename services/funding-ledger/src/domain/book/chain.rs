//! The hash chain of a book: each journal's hash covers its content and the hash before it.

use sha2::{Digest, Sha256};
use yuhui_kernel::dates;

use super::journal::Journal;

/// Hash of a journal: SHA-256.
pub type Hash = [u8; 32];

/// What stands before the first journal.
pub const GENESIS: Hash = [0; 32];

/// Says what the bytes are, and in which version of their form.
const TAG: &str = "yuhui/journal/1";

/// The bytes that are hashed: every field with its length before it, so that no two journals
/// share them.
#[must_use]
pub fn canonical_bytes(journal: &Journal) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    text(&mut bytes, TAG);
    text(&mut bytes, &journal.book);
    number(&mut bytes, journal.sequence);
    text(&mut bytes, &journal.county);
    number(&mut bytes, i64::from(journal.round));
    text(&mut bytes, &journal.event);
    text(&mut bytes, journal.programme.map_or("", |it| it.code()));
    number(&mut bytes, journal.amount.fen());
    text(&mut bytes, &dates::format(journal.posted_on));
    text(&mut bytes, &journal.source);
    text(&mut bytes, &journal.actor);
    text(&mut bytes, &journal.origin);
    for entry in &journal.entries {
        number(&mut bytes, i64::from(entry.account.number()));
        number(&mut bytes, entry.debit.fen());
        number(&mut bytes, entry.credit.fen());
    }
    bytes
}

/// The hash of `journal` after `previous`.
#[must_use]
pub fn hash(previous: &Hash, journal: &Journal) -> Hash {
    let mut digest = Sha256::new();
    digest.update(previous);
    digest.update(canonical_bytes(journal));
    digest.finalize().into()
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    bytes.extend(length.to_be_bytes());
    bytes.extend(text.as_bytes());
}

fn number(bytes: &mut Vec<u8>, number: i64) {
    bytes.extend(number.to_be_bytes());
}
