//! A flag: a duty that was not done by its day, at one step of its escalation. Written once.

use serde::Serialize;
use time::Date;
use yuhui_kernel::{Calendar, DivisionCode};

use super::{Duty, Obligation, Office};
use crate::domain::iso_date;

/// A missed duty at one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flag {
    /// Resource name of the case, roster or notice.
    pub subject: String,
    /// What was not done.
    pub duty: Duty,
    /// Who should have.
    pub office: Office,
    /// Unit of that office; the county for city, finance and bank.
    pub unit: DivisionCode,
    /// Round.
    pub round: i32,
    /// The day.
    #[serde(with = "iso_date")]
    pub due_on: Date,
    /// −1 a reminder, 0 overdue, 1 to 3 escalated; of funding the days overdue.
    pub step: i32,
    /// Day on which the step was reached.
    #[serde(with = "iso_date")]
    pub reached_on: Date,
    /// Business date of the run that found it.
    #[serde(with = "iso_date")]
    pub flagged_on: Date,
}

impl Obligation {
    /// What the steps of one missed duty have in common: they are settled together.
    pub fn episode(&self) -> String {
        episode(&self.subject, self.duty, self.due_on)
    }

    /// Flags the obligation has come to by `on`. Nothing is flagged while the clock stands, and
    /// nothing for a day before the duty began.
    pub fn flags(&self, calendar: &Calendar, on: Date) -> Vec<Flag> {
        if self.paused || self.since.is_some_and(|it| it > on) {
            return Vec::new();
        }
        let steps = self.duty.steps(calendar, self.due_on, on);
        let flags = steps.into_iter().map(|step| Flag {
            subject: self.subject.clone(),
            duty: self.duty,
            office: self.office,
            unit: self.unit,
            round: self.round,
            due_on: self.due_on,
            step,
            reached_on: self.duty.reached_on(calendar, self.due_on, step),
            flagged_on: on,
        });
        flags.collect()
    }
}

impl Flag {
    /// What the steps of one missed duty have in common.
    pub fn episode(&self) -> String {
        episode(&self.subject, self.duty, self.due_on)
    }

    /// What makes the flag the only one of its kind.
    pub fn key(&self) -> String {
        format!("{}|{:04}", self.episode(), self.step + 1)
    }
}

fn episode(subject: &str, duty: Duty, due_on: Date) -> String {
    format!(
        "{subject}|{}|{}",
        duty.as_str(),
        yuhui_kernel::dates::format(due_on)
    )
}
