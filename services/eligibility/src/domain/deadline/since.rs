//! Since when a case is where it is: terms run from there.

use time::Date;

use crate::domain::{Case, Kind, State};

/// Whose turn it is. Reviews and notices of one level are one turn.
#[derive(PartialEq, Eq)]
enum Turn {
    Village,
    Township,
    County,
    Other(State),
}

fn turn(case: &Case) -> Turn {
    match case.stage() {
        State::Lodged if case.kind() == Kind::Institution => Turn::County,
        State::Lodged | State::VReview | State::VNotice => Turn::Village,
        State::TReview | State::TNotice => Turn::Township,
        State::CReview | State::CNotice => Turn::County,
        other => Turn::Other(other),
    }
}

impl Case {
    /// Takes note of the day on which a change brought the case to its state and to the office
    /// whose turn it is. Coming back from an absence counts as coming: its time is not the
    /// office's (F26 stops the clock of the stage).
    pub fn note_days(&mut self, before: &Self, today: Date) {
        if self.revision <= 1 || self.state() != before.state() {
            self.state_since = Some(today);
        }
        let came_back = before.place.resume().is_some() && self.place.resume().is_none();
        if self.revision <= 1 || came_back || turn(self) != turn(before) {
            self.stage_since = Some(today);
        }
        if self.state() != State::Hold {
            self.hold_until = None;
        }
    }
}
