//! Clauses and how they are cited: those of 包府办发〔2024〕126号, whose index is complete, and those
//! of the national childcare subsidy (实施方案 厅字〔2025〕15号, 管理规范 国卫办人口发〔2025〕24号) on which
//! a decision can rest.

use std::{fmt, str::FromStr, sync::LazyLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// One row of the article index: a clause, or a sentence of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Id as in the index, with the letter of the sentence where there is one: `三(一)1(3)b`.
    pub id: String,
    /// Alias in digits, for code and addresses: `3.1.1.3`.
    pub alias: String,
    /// The Chinese words.
    pub text: String,
    /// Their meaning in English.
    pub meaning: String,
}

/// The id of a clause as decisions cite it, without the letter of the sentence: `三(一)1(3)`.
/// The value is proof that the clause exists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Citation(&'static str);

/// A text that names no clause.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is no clause of 包府办发〔2024〕126号, nor of the national childcare subsidy")]
pub struct UnknownClause {
    /// The text that was read.
    pub text: String,
}

const INDEX: &str = include_str!("../data/articles.csv");
const NATIONAL_INDEX: &str = include_str!("../data/national_articles.csv");

static CLAUSES: LazyLock<Vec<Clause>> =
    LazyLock::new(|| read(INDEX).expect("the embedded article index is tested"));
static NATIONAL_CLAUSES: LazyLock<Vec<Clause>> =
    LazyLock::new(|| read(NATIONAL_INDEX).expect("the embedded national index is tested"));

impl Citation {
    /// Looks up a clause id without letter.
    pub fn new(text: &str) -> Result<Self, UnknownClause> {
        every_clause()
            .map(|clause| without_letter(&clause.id))
            .find(|id| *id == text)
            .map(Self)
            .ok_or_else(|| UnknownClause {
                text: text.to_owned(),
            })
    }

    /// A clause id known when the code is written; an unknown one does not compile.
    #[must_use]
    pub const fn known(id: &'static str) -> Self {
        assert!(
            is_in_index(INDEX.as_bytes(), id.as_bytes())
                || is_in_index(NATIONAL_INDEX.as_bytes(), id.as_bytes()),
            "no such clause in the index"
        );
        Self(id)
    }

    /// The id, e.g. `三(一)1(5)`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether it is a clause of the national childcare subsidy, and not of 126号.
    #[must_use]
    pub const fn is_national(self) -> bool {
        is_in_index(NATIONAL_INDEX.as_bytes(), self.0.as_bytes())
    }

    /// The alias in digits, e.g. `3.1.1.5`.
    #[must_use]
    pub fn alias(self) -> &'static str {
        self.sentences()
            .next()
            .map_or("", |clause| clause.alias.as_str())
    }

    /// The rows of the index that make up the clause, in order of the text.
    pub fn sentences(self) -> impl Iterator<Item = &'static Clause> {
        every_clause().filter(move |clause| without_letter(&clause.id) == self.0)
    }

    /// The Chinese words of one sentence, e.g. `sentence('b')` of `三(一)1(3)`.
    #[must_use]
    pub fn sentence(self, letter: char) -> Option<&'static str> {
        self.sentences()
            .find(|clause| clause.id.len() > self.0.len() && clause.id.ends_with(letter))
            .map(|clause| clause.text.as_str())
    }

    /// The Chinese words of the clause, sentences joined.
    #[must_use]
    pub fn words(self) -> String {
        let texts: Vec<&str> = self
            .sentences()
            .map(|clause| clause.text.as_str())
            .collect();
        texts.concat()
    }
}

/// All rows of the article index of 126号, in order of the text.
#[must_use]
pub fn clauses() -> &'static [Clause] {
    &CLAUSES
}

/// The clauses of the national childcare subsidy that decisions rest on, in order of the texts.
#[must_use]
pub fn national_clauses() -> &'static [Clause] {
    &NATIONAL_CLAUSES
}

fn every_clause() -> impl Iterator<Item = &'static Clause> {
    CLAUSES.iter().chain(NATIONAL_CLAUSES.iter())
}

fn without_letter(id: &str) -> &str {
    id.trim_end_matches(|c: char| c.is_ascii_lowercase())
}

/// Whether a line of the index begins with `id`, an optional letter and a comma.
const fn is_in_index(index: &[u8], id: &[u8]) -> bool {
    let mut at = 0;
    while at < index.len() {
        let mut matched = 0;
        while matched < id.len() && at < index.len() && index[at] == id[matched] {
            at += 1;
            matched += 1;
        }
        if matched == id.len() && at + 1 < index.len() {
            let lettered = index[at].is_ascii_lowercase() && index[at + 1] == b',';
            if index[at] == b',' || lettered {
                return true;
            }
        }
        while at < index.len() && index[at] != b'\n' {
            at += 1;
        }
        at += 1;
    }
    false
}

fn read(index: &str) -> Result<Vec<Clause>, csv::Error> {
    let mut reader = csv::Reader::from_reader(index.as_bytes());
    reader
        .records()
        .map(|row| {
            let row = row?;
            let field = |index| row.get(index).unwrap_or_default().to_owned();
            Ok(Clause {
                id: field(0),
                alias: field(1),
                text: field(2),
                meaning: field(3),
            })
        })
        .collect()
}

impl FromStr for Citation {
    type Err = UnknownClause;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Citation({})", self.0)
    }
}

impl Serialize for Citation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Citation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_cited_without_the_letter() {
        let clause = Citation::new("三(一)1(3)").expect("exists");
        assert_eq!(clause, const { Citation::known("三(一)1(3)") });
        assert_eq!(clause.sentences().count(), 3);
        assert_eq!(clause.alias(), "3.1.1.3");
        assert!(
            clause
                .sentence('c')
                .is_some_and(|text| text.contains("50%"))
        );
        assert!(clause.words().contains("再婚"));
    }

    #[test]
    fn unknown_clauses_are_refused() {
        for text in ["三(一)1(3)b", "九", "", "id", "三(一)1(9)"] {
            assert!(Citation::new(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Citation>("\"九\"").is_err());
    }

    #[test]
    fn every_row_can_be_cited() {
        for clause in every_clause() {
            assert!(Citation::new(without_letter(&clause.id)).is_ok());
            assert!(!clause.text.is_empty() && !clause.alias.is_empty());
        }
    }

    #[test]
    fn the_two_laws_are_kept_apart() {
        let ours = const { Citation::known("三(一)1(3)") };
        let national = const { Citation::known("管理规范 第十二条") };
        assert!(!ours.is_national() && national.is_national());
        assert_eq!(national.alias(), "N.112");
        assert!(national.words().contains("首次申请"));
        assert!(clauses().iter().all(|it| !it.id.contains('第')));
        assert!(
            national_clauses()
                .iter()
                .all(|it| it.id.starts_with("实施方案 ") || it.id.starts_with("管理规范 "))
        );
    }
}
