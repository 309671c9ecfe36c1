//! Reading the fields of a request: everything that is wrong with it is told
//! at once, each with its field.

use time::Date;
use yuhui_kernel::{IdentityNumber, dates};

use crate::refusal::{self, Common, Violation};

/// Most violations told at once: they travel in a header of limited size.
const TOLD: usize = 20;

/// A request under inspection.
#[derive(Debug, Default)]
pub struct Form {
    violations: Vec<Violation>,
}

impl Form {
    /// `INVALID_ARGUMENT` with the fields at fault, if there are any.
    pub fn finish(&mut self) -> Result<(), Common> {
        if self.violations.is_empty() {
            return Ok(());
        }
        let mut violations = std::mem::take(&mut self.violations);
        violations.truncate(TOLD);
        Err(refusal::invalid(violations))
    }

    /// Notes what is wrong with `field`.
    pub fn refuse(
        &mut self,
        field: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.violations.push(Violation::new(field, zh, en));
    }

    /// A text of 1 to `longest` characters, without the blanks around it.
    pub fn text<'a>(&mut self, field: &str, text: &'a str, longest: usize) -> Option<&'a str> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > longest {
            self.refuse(
                field,
                format!("须为1至{longest}个字符"),
                format!("must have 1 to {longest} characters"),
            );
            return None;
        }
        Some(text)
    }

    /// At most `most` records.
    pub fn limit<T>(&mut self, field: &str, records: &[T], most: usize) {
        if records.len() > most {
            self.refuse(
                field,
                format!("一次最多{most}条"),
                format!("has more than {most} records"),
            );
        }
    }

    /// An identity number (R-ID-1).
    pub fn identity_number(&mut self, field: &str, text: &str) -> Option<IdentityNumber> {
        match IdentityNumber::parse(text) {
            Ok(number) => Some(number),
            Err(error) => {
                self.refuse(field, error.zh(), error.to_string());
                None
            }
        }
    }

    /// A date.
    pub fn date(&mut self, field: &str, text: &str) -> Option<Date> {
        let read = dates::parse(text).ok();
        if read.is_none() {
            self.refuse(
                field,
                "须为YYYY-MM-DD格式的有效日期",
                "must be a calendar date written YYYY-MM-DD",
            );
        }
        read
    }

    /// A date that may be missing: `Some(None)` if it is.
    pub fn date_or_none(&mut self, field: &str, text: &str) -> Option<Option<Date>> {
        if text.is_empty() {
            return Some(None);
        }
        self.date(field, text).map(Some)
    }

    /// The fields `from_on` and `to_on` of `record`: a first day and, if the
    /// period is closed, a last one that is not before it.
    pub fn period(
        &mut self,
        record: &str,
        from_on: &str,
        to_on: &str,
    ) -> Option<(Date, Option<Date>)> {
        let from = self.date(&format!("{record}.from_on"), from_on);
        let to = self.date_or_none(&format!("{record}.to_on"), to_on);
        let (from, to) = (from?, to?);
        if to.is_some_and(|to| to < from) {
            self.refuse(
                format!("{record}.to_on"),
                "结束日期早于开始日期",
                "is before the first day",
            );
            return None;
        }
        Some((from, to))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn every_field_at_fault_is_told() {
        let mut form = Form::default();
        assert_eq!(form.text("name", " ", 10), None);
        assert_eq!(form.date("on", "2025-02-29"), None);
        assert_eq!(form.date_or_none("end", ""), Some(None));
        assert_eq!(form.period("stay", "2025-02-02", "2025-02-01"), None);
        assert!(form.identity_number("child", "u150012345").is_none());
        let Err(Common::Invalid(violations)) = form.finish() else {
            panic!("four faults");
        };
        let fields: Vec<_> = violations.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(fields, ["name", "on", "stay.to_on", "child"]);
        assert!(form.finish().is_ok(), "told once");
    }

    #[test]
    fn what_is_right_is_read() {
        let mut form = Form::default();
        assert_eq!(form.text("name", " 某某 ", 2), Some("某某"));
        let day = date!(2025 - 02 - 01);
        let period = form.period("stay", "2025-02-01", "2025-02-01");
        assert_eq!(period, Some((day, Some(day))));
        assert!(form.finish().is_ok());
    }

    #[test]
    fn a_long_list_of_faults_is_cut() {
        let mut form = Form::default();
        for number in 0..1000 {
            form.refuse(format!("records[{number}]"), "错", "wrong");
        }
        let cut = form.finish();
        assert!(matches!(cut, Err(Common::Invalid(it)) if it.len() == TOLD));
    }
}
