//! What executes each clause: a rule, a transition of the life-cycle, a permission, a document; or
//! the reason why there is nothing to execute.

use std::sync::LazyLock;

use yuhui_kernel::{Clause, citation::clauses};

/// What one sentence of the law comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The sentence.
    pub clause: &'static Clause,
    /// Rules that leave a finding, e.g. `R-P1-8`.
    pub rules: Vec<String>,
    /// Transitions of family cases (`F…`) and institution cases (`I…`).
    pub transitions: Vec<String>,
    /// Methods that only those may call whom the sentence names, e.g. `CaseService/ConfirmCase`.
    pub permissions: Vec<String>,
    /// Annexes (附件), lists and letters.
    pub documents: Vec<String>,
    /// Why there is nothing to execute.
    pub reason: Option<String>,
}

const TABLE: &str = include_str!("../data/coverage.csv");

static COVERAGE: LazyLock<Vec<Coverage>> =
    LazyLock::new(|| read(TABLE).expect("the embedded table is tested"));

/// Every sentence of the article index, in order of the text.
#[must_use]
pub fn coverage() -> &'static [Coverage] {
    &COVERAGE
}

fn read(table: &str) -> Result<Vec<Coverage>, String> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows = reader.records().map(|row| {
        let row = row.map_err(|error| error.to_string())?;
        let field = |index| row.get(index).unwrap_or_default();
        let id = field(0);
        let clause = clauses().iter().find(|clause| clause.id == id);
        let words = |index| field(index).split_whitespace().map(str::to_owned).collect();
        let reason = Some(field(5).to_owned()).filter(|reason| !reason.is_empty());
        Ok(Coverage {
            clause: clause.ok_or_else(|| format!("no clause `{id}`"))?,
            rules: words(1),
            transitions: words(2),
            permissions: words(3),
            documents: words(4),
            reason,
        })
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rules::properties::PLAYED;

    /// Rule and clause of every finding that some case leaves.
    fn found() -> BTreeSet<(&'static str, &'static str)> {
        let findings = PLAYED
            .iter()
            .flat_map(|(_, played)| &played.determination.findings);
        findings
            .map(|finding| (&*finding.rule, finding.clause.as_str()))
            .collect()
    }

    fn without_letter(clause: &Clause) -> &str {
        clause
            .id
            .trim_end_matches(|it: char| it.is_ascii_lowercase())
    }

    #[test]
    fn every_sentence_is_listed_once_and_in_order() {
        let listed: Vec<&str> = coverage().iter().map(|it| it.clause.id.as_str()).collect();
        let index: Vec<&str> = clauses().iter().map(|clause| clause.id.as_str()).collect();
        assert_eq!(listed, index);
    }

    #[test]
    fn an_unknown_clause_is_refused_by_name() {
        let table = "clause,rules,transitions,permissions,documents,reason\n九,R-P1-1,,,,\n";
        assert_eq!(read(table), Err("no clause `九`".to_owned()));
    }

    #[test]
    fn every_sentence_is_executed_or_says_why_not() {
        for row in coverage() {
            let lists = [
                &row.rules,
                &row.transitions,
                &row.permissions,
                &row.documents,
            ];
            let executed = lists.iter().any(|list| !list.is_empty());
            assert_ne!(executed, row.reason.is_some(), "{}", row.clause.id);
            for list in lists {
                let once: BTreeSet<&String> = list.iter().collect();
                assert_eq!(once.len(), list.len(), "{} names one twice", row.clause.id);
            }
        }
    }

    #[test]
    fn rules_of_the_table_are_rules_that_speak() {
        let named: BTreeSet<&str> = { coverage().iter() }
            .flat_map(|row| row.rules.iter().map(String::as_str))
            .collect();
        let spoken: BTreeSet<&str> = found().into_iter().map(|(rule, _)| rule).collect();
        assert_eq!(named, spoken);
    }

    #[test]
    fn a_rule_is_listed_with_the_clause_it_rests_on() {
        for (rule, clause) in found() {
            let listed = { coverage().iter() }
                .filter(|row| without_letter(row.clause) == clause)
                .any(|row| row.rules.iter().any(|it| it == rule));
            assert!(listed, "{rule} rests on {clause}");
        }
    }

    #[test]
    fn transitions_and_documents_are_those_of_the_law() {
        for row in coverage() {
            for transition in &row.transitions {
                let number = transition.get(1..).and_then(|it| it.parse().ok());
                let known = match transition.get(..1) {
                    Some("F") => number.is_some_and(|it: u8| (1..=32).contains(&it)),
                    Some("I") => number.is_some_and(|it: u8| (1..=8).contains(&it)),
                    _ => false,
                };
                assert!(known, "{}: {transition}", row.clause.id);
            }
            for document in &row.documents {
                let annex = document.strip_prefix("附件").map(str::parse::<u8>);
                let known = match annex {
                    Some(number) => number.is_ok_and(|it| (1..=12).contains(&it)),
                    None => ["申报材料", "决定书", "资金使用情况报告"].contains(&document.as_str()),
                };
                assert!(known, "{}: {document}", row.clause.id);
            }
        }
        let annexes: BTreeSet<&String> = { coverage().iter() }
            .flat_map(|row| &row.documents)
            .filter(|it| it.starts_with("附件"))
            .collect();
        assert_eq!(annexes.len(), 12, "{annexes:?}");
    }
}
