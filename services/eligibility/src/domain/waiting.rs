//! What a case waits for. Waiting is no state: the case stays at its stage, and nobody decides on
//! what is not known.

use serde::{Deserialize, Serialize};
use time::Date;
use yuhui_kernel::{Calendar, dates};
use yuhui_policy::facts::{FactKind, GapState};

use super::{Case, iso_date};

/// Working days after which a case that waits goes to a panel, which completes the facts with the
/// office that keeps them (POLICY.md B.4, process parameters). It refuses nothing for silence.
const PATIENCE_WORKING_DAYS: i32 = 10;

/// A fact that is not known and could change the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The register that would answer.
    pub register: String,
    /// What is missing.
    pub fact: FactKind,
    /// Of whom: blind reference.
    pub subject: String,
    /// Why.
    pub state: GapState,
    /// Since when the case waits for it.
    #[serde(with = "iso_date")]
    pub since: Date,
    /// When the register last answered for the case. What it said then decides nothing.
    #[serde(default, with = "iso_date::option")]
    pub last_known_on: Option<Date>,
}

impl Waiting {
    fn is_for_the_same(&self, other: &Self) -> bool {
        self.fact == other.fact && self.subject == other.subject
    }

    /// In one line, for refusals and records.
    pub fn told(&self) -> String {
        let since = dates::format(self.since);
        format!(
            "{} {}（{}，自 {since}）",
            self.register,
            self.fact.chinese(),
            self.state.chinese()
        )
    }
}

/// The same of several, each thing once.
pub fn told(waiting: &[Waiting]) -> String {
    let mut lines: Vec<String> = waiting.iter().map(Waiting::told).collect();
    lines.dedup();
    lines.join("；")
}

impl Case {
    /// Waits for these from now on, and for nothing else; for what it waited for before it has waited
    /// since then.
    pub fn wait_for(&mut self, mut waiting: Vec<Waiting>) {
        for it in &mut waiting {
            let known = self.waiting_for.iter().find(|old| old.is_for_the_same(it));
            it.since = known.map_or(it.since, |old| old.since);
        }
        self.waiting_for = waiting;
    }

    /// Whether the check before payment holds its line because a register is silent, and nobody else
    /// holds it.
    pub fn is_held_by_silence(&self) -> bool {
        self.state() == super::State::Hold
            && self.place.resume() == Some(self.stage())
            && !self.waiting_for.is_empty()
    }

    /// Whether it has waited so long that a panel takes it up.
    pub fn has_waited_long(&self, calendar: &Calendar, on: Date) -> bool {
        let since = self.waiting_for.iter().map(|it| it.since).min();
        since.is_some_and(|since| calendar.add_working_days(since, PATIENCE_WORKING_DAYS) < on)
    }
}
