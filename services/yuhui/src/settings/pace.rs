//! Bounds of what is done without being asked.

use std::{ops::RangeInclusive, time::Duration};

use anyhow::bail;

use super::{LATEST, SOONEST};
use crate::stack::Pace;

/// How much may be taken in one piece: items of a slice, events of a batch.
const ITEMS: RangeInclusive<u64> = 1..=1000;
/// Least and most lanes to a destination at a time.
const LANES: RangeInclusive<usize> = 1..=64;
/// Longest pause of what failed.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// Nothing stands still, and nothing goes round without a pause.
pub(super) fn must_go_on(pace: &Pace) -> anyhow::Result<()> {
    let (outbox, inbox) = (pace.outbox, pace.inbox);
    for (key, most) in [
        ("operations.slice", pace.slice),
        ("outbox.batch", outbox.batch),
    ] {
        if !ITEMS.contains(&most) {
            bail!("settings: {key} must be 1 to 1000");
        }
    }
    if !LANES.contains(&outbox.lanes) {
        bail!("settings: outbox.lanes must be 1 to 64");
    }
    for (table, poll, pauses) in [
        ("outbox", outbox.poll, outbox.pause..=outbox.longest_pause),
        ("inbox", inbox.poll, inbox.pause..=inbox.longest_pause),
    ] {
        if !(SOONEST..=LATEST).contains(&poll) {
            bail!("settings: {table}.poll must be 100ms to 30s");
        }
        if *pauses.start() < SOONEST || pauses.is_empty() {
            bail!("settings: {table}.pause must be 100ms to {table}.longest_pause");
        }
        if *pauses.end() > LONGEST_PAUSE {
            bail!("settings: {table}.longest_pause must be 1day at most");
        }
    }
    Ok(())
}
