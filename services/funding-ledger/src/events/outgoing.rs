//! What the ledger tells other services.

use time::OffsetDateTime;
use yuhui_kernel::{Date, dates};
use yuhui_proto::internal::v1::{Event, event::Payload};

/// An event that happened at `now` and has effect on a business date.
pub fn event(now: OffsetDateTime, effective_on: Date, payload: Payload) -> Event {
    Event {
        occur_time: Some(prost_types::Timestamp {
            seconds: now.unix_timestamp(),
            nanos: i32::try_from(now.nanosecond()).unwrap_or(0),
        }),
        effective_on: dates::format(effective_on),
        payload: Some(payload),
        ..Event::default()
    }
}
