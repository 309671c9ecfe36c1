//! The only reader of the system clock. Business dates are Beijing dates.
//!
//! A sandbox deployment may move its date, which is how a demonstration plays
//! a year; a production clock has no setter that works.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

use yuhui_kernel::dates;

use time::{Date, OffsetDateTime, UtcOffset, macros::offset};
use uuid::Uuid;

/// Beijing time, the legal time of the whole country; no daylight saving.
const BEIJING: UtcOffset = offset!(+8);

/// A source of business dates; clones share the same date.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Sandbox(Arc<Sandbox>),
}

#[derive(Debug)]
struct Sandbox {
    /// Julian day number of the date, as it was last set or read.
    day: AtomicI32,
    /// Where it stands, if several processes share it.
    file: Option<PathBuf>,
}

/// A clock cannot be moved.
#[derive(Debug, thiserror::Error)]
pub enum Immovable {
    /// It is a production clock.
    #[error("only a sandbox clock can be set")]
    Production,
    /// The file of its date cannot be written.
    #[error("the date of the sandbox: {0}")]
    File(#[from] io::Error),
}

impl Clock {
    /// The real clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that shows `date` until it is set again.
    #[must_use]
    pub fn sandbox(date: Date) -> Self {
        Self(Source::Sandbox(Arc::new(Sandbox {
            day: AtomicI32::new(date.to_julian_day()),
            file: None,
        })))
    }

    /// A clock that shows the date that stands in `file`, which other processes set and show too;
    /// set to `date` first, if there is one.
    ///
    /// # Errors
    /// If the file holds no date, or cannot be written.
    pub fn sandbox_in(file: &Path, date: Option<Date>) -> io::Result<Self> {
        if let Some(date) = date {
            write(file, date)?;
        }
        Ok(Self(Source::Sandbox(Arc::new(Sandbox {
            day: AtomicI32::new(read(file)?.to_julian_day()),
            file: Some(file.to_owned()),
        }))))
    }

    /// Today in Beijing.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().date()
    }

    /// Business time: in a sandbox the set date at the wall-clock time.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let wall = real_now().to_offset(BEIJING);
        match &self.0 {
            Source::System => wall,
            Source::Sandbox(sandbox) => wall.replace_date(sandbox.date().unwrap_or(wall.date())),
        }
    }

    /// Moves a sandbox to `date`, forward or back.
    pub fn set(&self, date: Date) -> Result<(), Immovable> {
        match &self.0 {
            Source::System => Err(Immovable::Production),
            Source::Sandbox(sandbox) => Ok(sandbox.set(date)?),
        }
    }
}

impl Sandbox {
    fn date(&self) -> Option<Date> {
        if let Some(file) = &self.file
            && let Ok(date) = read(file)
        {
            self.day.store(date.to_julian_day(), Ordering::Release);
        }
        // The day was taken from a `Date`, so it is in range.
        Date::from_julian_day(self.day.load(Ordering::Acquire)).ok()
    }

    fn set(&self, date: Date) -> io::Result<()> {
        if let Some(file) = &self.file {
            write(file, date)?;
        }
        self.day.store(date.to_julian_day(), Ordering::Release);
        Ok(())
    }
}

fn read(file: &Path) -> io::Result<Date> {
    let text = fs::read_to_string(file)?;
    dates::parse(text.trim()).map_err(io::Error::other)
}

/// Nobody reads half a date.
fn write(file: &Path, date: Date) -> io::Result<()> {
    let new = file.with_extension("new");
    fs::write(&new, dates::format(date))?;
    fs::rename(new, file)
}

/// Real time in UTC, for the life of tokens and of what the platform keeps for a while.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn real_now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Real time in milliseconds since 1970, for when what is kept by the platform came and goes.
#[must_use]
pub fn real_millis() -> i64 {
    i64::try_from(real_now().unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// A length of time in milliseconds; so much at most that it may be added to any time.
#[must_use]
pub fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).map_or(i64::MAX / 2, |it| it.min(i64::MAX / 2))
}

/// A new time-ordered identifier (UUID version 7).
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn fresh_id() -> Uuid {
    Uuid::now_v7()
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_sandbox_shows_the_date_it_was_set_to_in_every_clone() {
        let clock = Clock::sandbox(date!(2025 - 03 - 31));
        let clone = clock.clone();
        clock.set(date!(2025 - 05 - 31)).expect("sandbox");
        assert_eq!(clone.today(), date!(2025 - 05 - 31));
        assert_eq!(clone.now().offset(), BEIJING);
    }

    #[test]
    fn processes_share_the_date_of_a_file() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("date");
        assert!(Clock::sandbox_in(&file, None).is_err());
        let one = Clock::sandbox_in(&file, Some(date!(2025 - 03 - 31))).expect("a clock");
        let other = Clock::sandbox_in(&file, None).expect("a clock");
        assert_eq!(other.today(), date!(2025 - 03 - 31));
        one.set(date!(2025 - 05 - 31)).expect("sandbox");
        assert_eq!(other.today(), date!(2025 - 05 - 31));
    }

    #[test]
    fn a_production_clock_cannot_be_moved() {
        assert!(Clock::system().set(date!(2025 - 05 - 31)).is_err());
    }
}
