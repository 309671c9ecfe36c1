//! How long to wait before trying again.

use std::time::Duration;

/// Doubles with each failure from `first` to `longest`, and varies, so that
/// those who wait for one thing do not all knock at once when it is back.
#[must_use]
pub(crate) fn pause(first: Duration, longest: Duration, failures: u32) -> Duration {
    let doubled = first.saturating_mul(2_u32.saturating_pow(failures));
    let percent = rand::random_range(50..=100);
    doubled.min(longest) * percent / 100
}
