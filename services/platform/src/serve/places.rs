//! Places to work in. Whoever has not signed in works in small rooms of his
//! own, and has a part of them only: what he does there costs nobody else.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
    thread::available_parallelism,
    time::Duration,
};

use bytesize::ByteSize;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::{
    Limits,
    address::Network,
    fair::{self, Tenant, Turn, Turns},
};
use crate::refusal::{self, ErrorReason, Refusal, unavailable};

/// Addresses remembered before those without calls are swept out.
const SWEEP_ABOVE: usize = 4096;

/// Who calls, as far as places are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Somebody signed in, or another part of the system, for a county or for none.
    Known(Tenant),
    /// Somebody who has not signed in.
    Anonymous(Room, IpAddr),
}

/// Where those work who have not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// What the public may ask.
    Public,
    /// Signing in: hashing passwords is slow on purpose.
    SignIn,
    /// Asking for the contracts.
    Reflection,
}

/// Held while a call is worked on and its answer sent.
#[derive(Debug)]
pub(super) struct Permit {
    in_all: Either,
    _of_address: Option<(OwnedSemaphorePermit, Arc<Address>)>,
}

#[derive(Debug)]
enum Either {
    Room(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit),
    Turn(Turn),
}

impl Permit {
    /// The work is done but for its answer, or takes long: see [`Turn::make_way`].
    pub(super) fn make_way(&mut self) {
        if let Either::Turn(turn) = &mut self.in_all {
            turn.make_way();
        }
    }
}

/// Every place of a server, and the room for bodies.
#[derive(Debug)]
pub(super) struct Places {
    known: Arc<Turns>,
    rooms: Rooms,
    bodies: Arc<Semaphore>,
    anonymous_bodies: Arc<Semaphore>,
    addresses: Mutex<HashMap<Network, Weak<Address>>>,
    limits: Limits,
}

/// What one address holds.
#[derive(Debug)]
struct Address {
    rooms: Rooms,
    queues: Rooms,
    bodies: Arc<Semaphore>,
}

#[derive(Debug)]
struct Rooms([Arc<Semaphore>; 3]);

impl Rooms {
    fn new(sizes: [usize; 3]) -> Self {
        Self(sizes.map(|size| Arc::new(Semaphore::new(size))))
    }

    fn room(&self, room: Room) -> Arc<Semaphore> {
        let [public, sign_in, reflection] = &self.0;
        match room {
            Room::Public => public,
            Room::SignIn => sign_in,
            Room::Reflection => reflection,
        }
        .clone()
    }
}

/// Bytes of one body, given back when it goes.
#[derive(Debug)]
pub(super) struct Budget {
    shares: Vec<Share>,
    _address: Option<Arc<Address>>,
}

#[derive(Debug)]
struct Share {
    of: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Full {
    /// One address holds what one address may.
    Address,
    /// As many calls of the county wait as may.
    County,
    /// More bytes are under way than there is room for.
    Bodies,
}

impl Refusal for Full {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::Address => ErrorReason::TooManyCalls,
            Self::County => ErrorReason::CountyBusy,
            Self::Bodies => ErrorReason::TooManyBytes,
        }
    }

    fn code(&self) -> Code {
        Code::ResourceExhausted
    }

    fn zh(&self) -> String {
        match self {
            Self::Address => "同一地址的并发请求过多，请稍后重试".into(),
            Self::County => "本旗县区的请求过多，请稍后重试".into(),
            Self::Bodies => "正在接收的数据过多，请稍后重试".into(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::Address => "too many calls at once from this address, try again later".into(),
            Self::County => "too many calls at once for this county, try again later".into(),
            Self::Bodies => "too much is being received, try again later".into(),
        }
    }
}

impl Full {
    /// The refusal, with a time to come back at: not everybody's the same.
    fn for_now(self) -> Status {
        let plain = refusal::status(&self);
        let mut details = plain.get_error_details();
        let delay = Duration::from_millis(rand::random_range(500..2000));
        details.set_retry_info(Some(delay));
        Status::with_error_details(plain.code(), plain.message(), details)
    }
}

impl Places {
    pub(super) fn new(limits: &Limits) -> Self {
        let rooms = [limits.anonymous, limits.sign_in, limits.reflection];
        let share = fair::Share {
            beside_others: limits.tenant_share.unwrap_or(half_the_cores()).max(1),
            queue: limits.tenant_queue,
            wait: limits.tenant_wait,
        };
        Self {
            known: Turns::new(limits.places, share),
            rooms: Rooms::new(rooms),
            bodies: bytes(limits.bodies),
            anonymous_bodies: bytes(limits.anonymous_bodies),
            addresses: Mutex::default(),
            limits: limits.clone(),
        }
    }

    /// A place for a call whose body is here. Counties take turns, with a queue
    /// each; those who have not signed in wait a little.
    pub(super) async fn take(&self, class: Class) -> Result<Permit, Status> {
        match class {
            Class::Known(tenant) => {
                let turn = self.known.take(tenant).await;
                let turn = turn.ok_or_else(|| Full::County.for_now())?;
                Ok(Permit {
                    in_all: Either::Turn(turn),
                    _of_address: None,
                })
            }
            Class::Anonymous(room, address) => {
                let address = self.address(address);
                let queue = address.queues.room(room);
                let full = || refusal::status(&Full::Address);
                let _waiting = queue.try_acquire().map_err(|_| full())?;
                let own = wait(address.rooms.room(room), self.limits.wait).await;
                let own = own.ok_or_else(full)?;
                let place = wait(self.rooms.room(room), self.limits.wait).await;
                let place = place.ok_or_else(|| refusal::status(&unavailable("service")))?;
                Ok(Permit {
                    in_all: Either::Room(place),
                    _of_address: Some((own, address)),
                })
            }
        }
    }

    /// What the body of one call may take, nothing of it taken yet.
    pub(super) fn body(&self, class: Class) -> Budget {
        match class {
            Class::Known(_) => Budget {
                shares: vec![Share::of(&self.bodies)],
                _address: None,
            },
            Class::Anonymous(_, address) => {
                let address = self.address(address);
                Budget {
                    shares: vec![
                        Share::of(&address.bodies),
                        Share::of(&self.anonymous_bodies),
                    ],
                    _address: Some(address),
                }
            }
        }
    }

    fn address(&self, address: IpAddr) -> Arc<Address> {
        let mut known = self
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if known.len() > SWEEP_ABOVE {
            known.retain(|_, it| it.strong_count() > 0);
        }
        let place = known.entry(Network::of(address)).or_default();
        if let Some(known) = place.upgrade() {
            return known;
        }
        let most = self.limits.anonymous_per_address;
        let fresh = Arc::new(Address {
            rooms: Rooms::new([most; 3]),
            queues: Rooms::new([self.limits.queue; 3]),
            bodies: bytes(self.limits.anonymous_bodies_per_address),
        });
        *place = Arc::downgrade(&fresh);
        fresh
    }
}

impl Budget {
    /// Takes `length` bytes more.
    pub(super) fn take(&mut self, length: usize) -> Result<(), Status> {
        let full = || refusal::status(&Full::Bodies);
        let length = u32::try_from(length).map_err(|_| full())?;
        for share in &mut self.shares {
            let more = share.of.clone().try_acquire_many_owned(length);
            let more = more.map_err(|_| full())?;
            match &mut share.held {
                Some(held) => held.merge(more),
                None => share.held = Some(more),
            }
        }
        Ok(())
    }
}

impl Share {
    fn of(whole: &Arc<Semaphore>) -> Self {
        Self {
            of: whole.clone(),
            held: None,
        }
    }
}

fn half_the_cores() -> usize {
    available_parallelism().map_or(1, |it| it.get().div_ceil(2))
}

fn bytes(size: ByteSize) -> Arc<Semaphore> {
    let bytes = usize::try_from(size.as_u64()).unwrap_or(usize::MAX);
    Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS)))
}

async fn wait(room: Arc<Semaphore>, longest: Duration) -> Option<OwnedSemaphorePermit> {
    timeout(longest, room.acquire_owned()).await.ok()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(address: &str) -> Class {
        Class::Anonymous(Room::Public, address.parse().expect("an address"))
    }

    fn places() -> Places {
        Places::new(&Limits {
            places: 1,
            anonymous: 3,
            anonymous_per_address: 2,
            queue: 1,
            wait: Duration::from_millis(50),
            tenant_wait: Duration::from_millis(50),
            anonymous_bodies: ByteSize::b(150),
            anonymous_bodies_per_address: ByteSize::b(100),
            ..Limits::public()
        })
    }

    #[tokio::test]
    async fn one_address_holds_its_part_and_no_more() {
        let places = places();
        let mut held = Vec::new();
        for _ in 0..2 {
            held.push(places.take(public("1.2.3.4")).await.expect("a place"));
        }
        let third = places.take(public("1.2.3.4")).await.expect_err("its part");
        assert_eq!(
            refusal::reason_of(&third).as_deref(),
            Some("TOO_MANY_CALLS")
        );
        let other = places.take(public("5.6.7.8")).await.expect("a place");
        let none = places.take(public("9.9.9.9")).await.expect_err("all taken");
        assert_eq!(none.code(), Code::Unavailable);
        let known = places.take(Class::Known(None)).await.expect("another room");
        let shed = places
            .take(Class::Known(None))
            .await
            .expect_err("all taken");
        assert_eq!(refusal::reason_of(&shed).as_deref(), Some("COUNTY_BUSY"));
        let elsewhere = Class::Anonymous(Room::SignIn, [1, 2, 3, 4].into());
        assert!(places.take(elsewhere).await.is_ok());
        drop((held, other, known));
        assert!(places.take(public("1.2.3.4")).await.is_ok());
    }

    #[tokio::test]
    async fn who_waits_gets_the_next_place_and_few_may_wait() {
        let places = places();
        let first = places.take(public("1.2.3.4")).await.expect("a place");
        let _second = places.take(public("1.2.3.4")).await.expect("a place");
        let leave = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            drop(first);
        };
        let (third, fourth, ()) = tokio::join!(
            places.take(public("1.2.3.4")),
            places.take(public("1.2.3.4")),
            leave
        );
        assert!(third.is_ok());
        assert_eq!(
            fourth.expect_err("no queue").code(),
            Code::ResourceExhausted
        );
    }

    #[tokio::test]
    async fn bodies_are_counted_per_address_and_in_all() {
        let places = places();
        let mut own = places.body(public("1.2.3.4"));
        own.take(60).expect("room");
        own.take(40).expect("room");
        let full = own.take(1).expect_err("its part");
        assert_eq!(refusal::reason_of(&full).as_deref(), Some("TOO_MANY_BYTES"));
        let mut second = places.body(public("1.2.3.4"));
        assert!(second.take(1).is_err(), "the same address");
        let mut other = places.body(public("5.6.7.8"));
        other.take(50).expect("room");
        assert!(other.take(1).is_err(), "all is taken");
        places
            .body(Class::Known(None))
            .take(1_000)
            .expect("another room");
        drop((own, second));
        other.take(40).expect("given back");
    }
}
