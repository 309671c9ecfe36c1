//! How long each phase took, with a progress bar while it runs.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use time::Date;
use yuhui_kernel::dates;

/// Times of all phases, in the order in which they first began.
pub struct Times {
    bar: ProgressBar,
    running: Option<(&'static str, Instant)>,
    phases: BTreeMap<&'static str, Phase>,
    begun: Instant,
}

/// What one phase took, over all its days.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Phase {
    place: usize,
    /// Things done.
    pub(crate) items: u64,
    /// Time taken.
    pub(crate) took: Duration,
}

impl Times {
    /// Starts counting; `prefix` stands before every bar.
    pub fn new(prefix: impl Into<String>) -> Self {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{prefix} {msg:<46} {bar:30} {pos:>6}/{len}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_prefix(prefix.into());
        Self {
            bar,
            running: None,
            phases: BTreeMap::new(),
            begun: Instant::now(),
        }
    }

    /// A phase begins, or goes on, on a day.
    pub(crate) fn begin(&mut self, phase: &'static str, on: Date, items: usize) {
        self.bar.reset();
        self.bar
            .set_length(u64::try_from(items).unwrap_or(u64::MAX));
        self.bar
            .set_message(format!("{} {phase}", dates::format(on)));
        self.running = Some((phase, Instant::now()));
    }

    /// More to do than was known at first.
    pub(crate) fn more(&self, items: usize) {
        self.bar.inc_length(u64::try_from(items).unwrap_or(0));
    }

    /// One thing is done.
    pub(crate) fn tick(&self) {
        self.bar.inc(1);
    }

    /// So many things are done.
    pub(crate) fn ticks(&self, items: usize) {
        self.bar.inc(u64::try_from(items).unwrap_or(0));
    }

    /// The phase is over for this day.
    pub(crate) fn end(&mut self) {
        let Some((name, since)) = self.running.take() else {
            return;
        };
        let place = self.phases.len();
        let phase = self.phases.entry(name).or_insert(Phase {
            place,
            ..Phase::default()
        });
        phase.items += self.bar.position();
        phase.took += since.elapsed();
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Phases in order.
    pub(crate) fn phases(&self) -> Vec<(&'static str, Phase)> {
        let mut phases: Vec<_> = self.phases.iter().map(|(name, it)| (*name, *it)).collect();
        phases.sort_by_key(|(_, phase)| phase.place);
        phases
    }

    /// Time since the beginning.
    pub(crate) fn total(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Something else stands before the bars from now on.
    pub(crate) fn set_prefix(&self, prefix: String) {
        self.bar.set_prefix(prefix);
    }
}
