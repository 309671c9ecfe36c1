//! Pages of lists: a size and an opaque token that names the last key seen.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::refusal::{Common, Violation, invalid};

/// Rows of a page when the request does not say.
const DEFAULT_SIZE: u32 = 50;
/// Most rows of a page.
const MAX_SIZE: u32 = 1000;

/// One page of a list that is ordered by a unique key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    size: u32,
    after: Option<String>,
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
        let next = rows.last().map(|row| token(&key(row)));
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
    fn sizes_and_tokens_have_limits() {
        assert_eq!(Page::parse(0, "").expect("default").limit(), 51);
        assert_eq!(Page::parse(100_000, "").expect("capped").limit(), 1001);
        assert!(Page::parse(-1, "").is_err());
        assert!(Page::parse(1, "***").is_err());
        // PostgreSQL keeps no NUL in a text.
        assert!(Page::parse(1, &URL_SAFE_NO_PAD.encode("a\0")).is_err());
    }
}
