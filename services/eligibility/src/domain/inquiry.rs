//! What investigators report of an objection (F27).

use serde::{Deserialize, Serialize};

use super::Hand;

/// Investigators an inquiry takes.
pub const INVESTIGATORS: usize = 2;

/// The report of one investigator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InquiryReport {
    /// Who.
    pub by: Hand,
    /// Whether what was objected is true.
    pub founded: bool,
    /// What was found.
    pub finding: String,
}

/// Adds a report; one person has one voice, the last.
pub fn add(reports: &mut Vec<InquiryReport>, report: InquiryReport) {
    reports.retain(|it| !it.by.is(&report.by));
    reports.push(report);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_is_one_investigator() {
        let report = |account: &str, founded| InquiryReport {
            by: Hand {
                account: account.into(),
                person: Some("p".into()),
                unit: None,
            },
            founded,
            finding: String::new(),
        };
        let mut reports = Vec::new();
        add(&mut reports, report("a", true));
        add(&mut reports, report("b", false));
        assert_eq!(reports, [report("b", false)]);
    }
}
