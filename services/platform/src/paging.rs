//! Pages of lists: a size and an opaque token that names the last key seen.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::refusal::{Common, Violation, invalid};

/// Rows of a page when the request does not say.
const DEFAULT_SIZE: u32 = 50;
/// Most rows of a page.
const MAX_SIZE: u32 = 1000;
/// Bytes of the digest that tells lists apart: their tokens are mixed up by accident, not forged. Whoever
/// writes one himself learns nothing that he could not list.
const MARK: usize = 8;

/// One page of a list that is ordered by a unique key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    size: u32,
    after: Option<String>,
    /// What the tokens of this list begin with.
    mark: String,
}

impl Page {
    /// Reads `page_size` (0: the default; above 1000: 1000) and `page_token`
    /// (empty: the first page).
    pub fn parse(page_size: i32, page_token: &str) -> Result<Self, Common> {
        let size = u32::try_from(page_size).map_err(|_| {
            invalid(vec![Violation::new(
                "page_size",
                "不得为负数",
                "must not be negative",
            )])
        })?;
        let size = if size == 0 { DEFAULT_SIZE } else { size };
        Ok(Self {
            size: size.min(MAX_SIZE),
            after: read_token(page_token)?,
            mark: String::new(),
        })
    }

    /// The same of the list that is made of these parts: its filter, its order, whose it is. A token of another
    /// list is refused, for it would leave rows out or tell them twice.
    pub fn of(page_size: i32, page_token: &str, parts: &[&[u8]]) -> Result<Self, Common> {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
        let digest = digest.finalize();
        let mark = hex::encode(&digest[..MARK]);
        let page = Self::parse(page_size, page_token)?;
        let after = page.key(|it| it.strip_prefix(mark.as_str()).map(ToOwned::to_owned))?;
        Ok(Self {
            after,
            mark,
            size: page.size,
        })
    }

    /// How many rows to fetch: one more than the page holds, to know whether
    /// another page follows.
    #[must_use]
    pub fn limit(&self) -> u64 {
        u64::from(self.size) + 1
    }

    /// Key of the last row of the page before; rows must follow it.
    #[must_use]
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The same as `read` makes of it. What cannot be read was not given out
    /// by this list, and is not its beginning.
    pub fn key<'a, T>(
        &'a self,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<Option<T>, Common> {
        let key = self.after();
        key.map(|it| read(it).ok_or_else(strange)).transpose()
    }

    /// Cuts the rows fetched to the page and names the next one (empty: none).
    pub fn cut<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> String) -> (Vec<T>, String) {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        if rows.len() <= size {
            return (rows, String::new());
        }
        rows.truncate(size);
        let next = rows
            .last()
            .map(|row| token(&format!("{}{}", self.mark, key(row))));
        (rows, next.unwrap_or_default())
    }
}

/// The token that names a key.
pub(crate) fn token(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

fn read_token(token: &str) -> Result<Option<String>, Common> {
    if token.is_empty() {
        return Ok(None);
    }
    URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|key| !key.is_empty() && !key.chars().any(char::is_control))
        .map(Some)
        .ok_or_else(strange)
}

fn strange() -> Common {
    invalid(vec![Violation::new(
        "page_token",
        "不是本系统给出的分页标记",
        "was not given out by this list",
    )])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let all = ["a", "b", "c", "d", "e"];
        let (mut token, mut seen) = (String::new(), Vec::<&str>::new());
        loop {
            let page = Page::parse(2, &token).expect("page");
            let after = page.after().unwrap_or("").to_owned();
            let limit = usize::try_from(page.limit()).expect("small");
            let following = all.iter().copied().filter(|it| *it > after.as_str());
            let rows: Vec<_> = following.take(limit).collect();
            let (rows, next) = page.cut(rows, ToString::to_string);
            assert!(rows.len() <= 2);
            seen.extend(rows);
            if next.is_empty() {
                break;
            }
            token = next;
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_key_that_cannot_be_read_is_not_the_beginning() {
        let number = |token: &str| {
            let page = Page::parse(1, token).expect("a page");
            page.key(|it| it.parse::<i64>().ok())
        };
        assert_eq!(number("").expect("the beginning"), None);
        assert_eq!(
            number(&URL_SAFE_NO_PAD.encode("7")).expect("a key"),
            Some(7)
        );
        assert!(number(&URL_SAFE_NO_PAD.encode("seven")).is_err());
    }

    #[test]
    fn a_token_belongs_to_its_list() {
        let page = |token: &str, parts: &[&[u8]]| Page::of(1, token, parts);
        let first = page("", &[b"filter", b"order"]).expect("the beginning");
        let (_, token) = first.cut(vec!["a", "b"], ToString::to_string);
        let next = page(&token, &[b"filter", b"order"]).expect("the same list");
        assert_eq!(next.after(), Some("a"));
        for other in [&[&b"filter"[..], b"newest"][..], &[b"filterorder"], &[]] {
            assert!(page(&token, other).is_err(), "{other:?}");
        }
        // Nor does one of a list that is not made of parts.
        assert!(page(&super::token("a"), &[b"filter", b"order"]).is_err());
    }

    #[test]
    fn sizes_and_tokens_have_limits() {
        assert_eq!(Page::parse(0, "").expect("default").limit(), 51);
        assert_eq!(Page::parse(100_000, "").expect("capped").limit(), 1001);
        assert!(Page::parse(-1, "").is_err());
        assert!(Page::parse(1, "***").is_err());
        // PostgreSQL keeps no NUL in a text.
        assert!(Page::parse(1, &URL_SAFE_NO_PAD.encode("a\0")).is_err());
    }
}
