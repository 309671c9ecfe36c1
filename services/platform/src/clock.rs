//! The only reader of the system clock. Business dates are Beijing dates.
//!
//! A sandbox deployment may move its date, which is how a demonstration plays
//! a year; a production clock has no setter that works.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

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
    /// Julian day number of the sandbox date.
    Sandbox(Arc<AtomicI32>),
}

/// The clock is a production clock and cannot be moved.
#[derive(Debug, thiserror::Error)]
#[error("only a sandbox clock can be set")]
pub struct NotASandbox;

impl Clock {
    /// The real clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that shows `date` until it is set again.
    #[must_use]
    pub fn sandbox(date: Date) -> Self {
        Self(Source::Sandbox(Arc::new(AtomicI32::new(
            date.to_julian_day(),
        ))))
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
            Source::Sandbox(day) => {
                // The day was taken from a `Date`, so it is in range.
                let date = Date::from_julian_day(day.load(Ordering::Acquire));
                wall.replace_date(date.unwrap_or(wall.date()))
            }
        }
    }

    /// Moves a sandbox to `date`, forward or back.
    pub fn set(&self, date: Date) -> Result<(), NotASandbox> {
        match &self.0 {
            Source::System => Err(NotASandbox),
            Source::Sandbox(day) => {
                day.store(date.to_julian_day(), Ordering::Release);
                Ok(())
            }
        }
    }
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
    fn a_production_clock_cannot_be_moved() {
        assert!(Clock::system().set(date!(2025 - 05 - 31)).is_err());
    }
}
