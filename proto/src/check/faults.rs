//! What is wrong with a request: every field at fault, told at once.

use std::{collections::HashMap, fmt::Display};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::{Path, text};
use crate::field::v1::Rules;

/// Most violations told at once: they travel in a header of limited size.
const TOLD: usize = 20;
/// Most items of a list that does not say.
const ITEMS: u32 = 1000;

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field in the request, e.g. `child.citizen_number`.
    pub field: String,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What is wrong, in English.
    pub en: String,
}

impl Violation {
    /// A field and what is wrong with it.
    pub fn new(field: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// The fields of a request that break their rules.
#[derive(Debug, Default)]
pub struct Faults(Vec<Violation>);

impl Faults {
    /// `INVALID_ARGUMENT` with the fields at fault, if there are any.
    pub(super) fn finish(self) -> Result<(), Status> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(invalid(self.0))
    }

    /// Notes what is wrong with the field `at`. What was sent is not repeated.
    pub fn note(&mut self, at: impl Display, zh: impl Into<String>, en: impl Into<String>) {
        if self.0.len() < TOLD {
            self.0.push(Violation::new(at.to_string(), zh, en));
        }
    }

    /// A field that must be stated is not.
    pub fn missing(&mut self, at: &Path<'_>) {
        self.note(at, "必填", "is required");
    }

    /// A text.
    pub fn text(&mut self, at: &Path<'_>, text: &str, rules: &Rules) {
        if let Err((zh, en)) = text::check(text, rules) {
            self.note(at, zh, en);
        }
    }

    /// A whole number.
    pub fn number(&mut self, at: &Path<'_>, number: i64, rules: &Rules) {
        match (rules.gte, rules.lte) {
            (Some(least), _) if number < least => {
                self.note(
                    at,
                    format!("不得小于{least}"),
                    format!("is less than {least}"),
                );
            }
            (_, Some(most)) if number > most => {
                self.note(
                    at,
                    format!("不得大于{most}"),
                    format!("is more than {most}"),
                );
            }
            _ => {}
        }
    }

    /// A value of an enum that has the values `known`.
    pub fn choice(&mut self, at: &Path<'_>, value: i32, known: &[i32], rules: &Rules) {
        if value == 0 && !rules.optional {
            self.missing(at);
        } else if !known.contains(&value) {
            self.note(
                at,
                format!("没有此值：{value}"),
                format!("has no value {value}"),
            );
        }
    }

    /// The length of a list; whether its items are worth looking at.
    pub fn list(&mut self, at: &Path<'_>, length: usize, rules: &Rules) -> bool {
        let (least, most) = (rules.min_items, most(rules.max_items));
        match u32::try_from(length) {
            Ok(length) if length < least => {
                self.note(
                    at,
                    format!("须至少{least}条"),
                    format!("has fewer than {least} records"),
                );
            }
            Ok(length) if length <= most => {}
            _ => {
                self.too_many(at, most);
                return false;
            }
        }
        true
    }

    /// A list is longer than it may be.
    pub(super) fn too_many(&mut self, at: &Path<'_>, most: u32) {
        self.note(
            at,
            format!("一次最多{most}条"),
            format!("has more than {most} records"),
        );
    }
}

/// Most items of a list whose rules say `max_items`; 0: they do not.
pub(super) const fn most(max_items: u32) -> u32 {
    if max_items == 0 { ITEMS } else { max_items }
}

/// The bytes are no message of the kind.
pub(super) fn unreadable() -> Status {
    invalid(Vec::new())
}

/// The field `tag` of the message `at` is unknown to this version of the contract.
pub(super) fn unknown_field(at: &Path<'_>, tag: u32) -> Status {
    let (zh, en) = ("本版本没有此字段", "is unknown to this version");
    let field = match at.to_string() {
        at if at.is_empty() => format!("#{tag}"),
        at => format!("{at}.#{tag}"),
    };
    invalid(vec![Violation::new(field, zh, en)])
}

/// `INVALID_ARGUMENT` with the fields at fault.
#[must_use]
pub fn invalid(violations: Vec<Violation>) -> Status {
    let mut details = ErrorDetails::new();
    for it in violations {
        details.add_bad_request_violation(it.field, format!("{} / {}", it.en, it.zh));
    }
    details.set_error_info("INVALID_ARGUMENT", "yuhui", HashMap::new());
    details.set_localized_message("zh-CN", "请求内容有误");
    Status::with_error_details(Code::InvalidArgument, "the request is malformed", details)
}
