//! How much one server takes on, and from whom.

use std::time::Duration;

use bytesize::ByteSize;
use serde::Deserialize;

/// Limits of one server. Sizes are written `64KiB`, times `10s`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Connections in all. More are closed as they come.
    pub connections: usize,
    /// Connections of one address (IPv4) or one /64 (IPv6). One more ends the
    /// one that has been idle longest; if none is idle, it is closed as it
    /// comes. Those of trusted proxies are not counted.
    pub per_address: usize,
    /// Longest TLS handshake.
    #[serde(with = "humantime_serde")]
    pub handshake: Duration,
    /// A connection that has not said what it speaks by then is closed; HTTP/1
    /// headers may take as long.
    #[serde(with = "humantime_serde")]
    pub first_byte: Duration,
    /// A connection without a call for so long is closed.
    #[serde(with = "humantime_serde")]
    pub idle: Duration,
    /// A connection so old takes no more calls and ends with those in hand.
    #[serde(with = "humantime_serde")]
    pub age: Duration,
    /// Calls at once on one connection (HTTP/2 streams).
    pub streams: u32,
    /// How often the other end of a connection is asked whether it is there.
    #[serde(with = "humantime_serde")]
    pub ping: Duration,
    /// How long it may take to say so.
    #[serde(with = "humantime_serde")]
    pub ping_timeout: Duration,
    /// Calls taken back before they were looked at; one more ends the connection.
    pub resets_pending: usize,
    /// Calls that broke the protocol; one more ends the connection. A call that is refused before
    /// its body came counts too, and honest clients are refused now and then: not too few.
    pub resets_local: usize,
    /// Headers of a call, names and values.
    pub headers: ByteSize,
    /// Bytes of one call that may be under way before they are read.
    pub window: ByteSize,
    /// The same for one connection.
    pub connection_window: ByteSize,
    /// Largest message of somebody signed in, or of another service.
    pub message: ByteSize,
    /// Largest message of somebody who has not signed in.
    pub anonymous_message: ByteSize,
    /// Longest pause within the body of a call.
    #[serde(with = "humantime_serde")]
    pub body_pause: Duration,
    /// Longest time for the whole body of a call.
    #[serde(with = "humantime_serde")]
    pub body: Duration,
    /// Bodies in hand, of all calls of those who are signed in.
    pub bodies: ByteSize,
    /// The same of those who are not.
    pub anonymous_bodies: ByteSize,
    /// The same of those of one address.
    pub anonymous_bodies_per_address: ByteSize,
    /// Longest a call may take, its body included, whatever the client allows.
    #[serde(with = "humantime_serde")]
    pub deadline: Duration,
    /// The same for those who have not signed in.
    #[serde(with = "humantime_serde")]
    pub anonymous_deadline: Duration,
    /// How long after its deadline a call may still be taking its answer; then
    /// its connection is cut.
    #[serde(with = "humantime_serde")]
    pub answer: Duration,
    /// Calls worked on at once; more are refused with `UNAVAILABLE`.
    pub places: usize,
    /// Of these, calls of one county worked on at once while other counties are at work too; what
    /// takes longer than half a second is not counted. Half as many as the machine has cores,
    /// where it is not set.
    pub tenant_share: Option<usize>,
    /// Calls of one county that may wait for one of these. A place that becomes free goes to the
    /// county that was worked for least.
    pub tenant_queue: usize,
    /// How long they wait.
    #[serde(with = "humantime_serde")]
    pub tenant_wait: Duration,
    /// Calls of those who have not signed in, worked on at once, beside them.
    pub anonymous: usize,
    /// Sign-ins worked on at once, beside them.
    pub sign_in: usize,
    /// Reflection streams at once, beside them.
    pub reflection: usize,
    /// Of each of the last three, what one address may hold.
    pub anonymous_per_address: usize,
    /// Of each of these, calls of one address that may wait for a place.
    pub queue: usize,
    /// How long they wait.
    #[serde(with = "humantime_serde")]
    pub wait: Duration,
}

impl Limits {
    /// For a server that anybody reaches.
    #[must_use]
    pub fn public() -> Self {
        Self {
            connections: 4096,
            per_address: 64,
            handshake: Duration::from_secs(5),
            first_byte: Duration::from_secs(10),
            idle: Duration::from_secs(300),
            age: Duration::from_secs(1800),
            streams: 100,
            ping: Duration::from_secs(30),
            ping_timeout: Duration::from_secs(10),
            resets_pending: 20,
            resets_local: 1024,
            headers: ByteSize::kib(8),
            window: ByteSize::kib(64),
            connection_window: ByteSize::kib(256),
            message: ByteSize::mib(4),
            anonymous_message: ByteSize::kib(64),
            body_pause: Duration::from_secs(3),
            body: Duration::from_secs(10),
            bodies: ByteSize::mib(64),
            anonymous_bodies: ByteSize::mib(16),
            anonymous_bodies_per_address: ByteSize::mib(2),
            deadline: Duration::from_secs(10),
            anonymous_deadline: Duration::from_secs(3),
            answer: Duration::from_secs(10),
            places: 64,
            tenant_share: None,
            tenant_queue: 512,
            tenant_wait: Duration::from_secs(5),
            anonymous: 32,
            sign_in: 8,
            reflection: 8,
            anonymous_per_address: 4,
            queue: 64,
            wait: Duration::from_secs(1),
        }
    }

    /// For a server that only the other services reach: one connection of the
    /// gateway carries everybody's calls.
    #[must_use]
    pub fn internal() -> Self {
        Self {
            connections: 1024,
            per_address: 1024,
            first_byte: Duration::from_secs(10),
            idle: Duration::from_secs(1800),
            streams: 1000,
            resets_local: 1024,
            headers: ByteSize::kib(16),
            window: ByteSize::mib(1),
            connection_window: ByteSize::mib(4),
            bodies: ByteSize::mib(256),
            anonymous_bodies: ByteSize::mib(64),
            anonymous_bodies_per_address: ByteSize::mib(64),
            places: 32,
            // Counties were let in by the gateway, and a call may come back to where it began.
            tenant_share: Some(32),
            deadline: Duration::from_secs(30),
            anonymous_deadline: Duration::from_secs(30),
            answer: Duration::from_secs(24 * 3600),
            ..Self::public()
        }
    }
}
