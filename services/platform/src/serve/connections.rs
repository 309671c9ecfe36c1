//! The connections of a server: how many, whose, and what each is doing.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use tokio::{sync::Notify, time::Instant};

use super::address::{Network, Proxies};

/// Length of the HTTP/2 preface; the shortest request of HTTP/1 is longer.
const PREFACE: u64 = 24;

/// Every connection of a server.
#[derive(Debug)]
pub(super) struct Connections {
    most: usize,
    per_address: usize,
    proxies: Arc<Proxies>,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    all: usize,
    by_network: HashMap<Network, Vec<Arc<Connection>>>,
}

/// One connection, and its place among the others as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    connections: Arc<Connections>,
    pub(super) connection: Arc<Connection>,
    network: Option<Network>,
}

/// What one connection is doing.
#[derive(Debug)]
pub(super) struct Connection {
    /// The other end; none for a pipe.
    pub(super) address: Option<IpAddr>,
    pub(super) since: Instant,
    /// Bytes that came in.
    pub(super) received: AtomicU64,
    /// Asks it to end.
    pub(super) ending: Notify,
    leaving: AtomicBool,
    calls: Mutex<Calls>,
}

#[derive(Debug)]
struct Calls {
    /// Number of the next call.
    next: u64,
    /// Calls that have no whole answer yet, and since when.
    open: BTreeMap<u64, Instant>,
    /// When the last of them ended.
    quiet_since: Instant,
}

/// A call, from its headers until the last byte of its answer.
#[derive(Debug)]
pub(super) struct Call {
    connection: Arc<Connection>,
    number: u64,
}

impl Connections {
    pub(super) fn new(most: usize, per_address: usize, proxies: Arc<Proxies>) -> Self {
        Self {
            most,
            per_address,
            proxies,
            held: Mutex::default(),
        }
    }

    /// Takes on a connection from `address`, if there is a place for it.
    pub(super) fn admit(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Place> {
        let connection = Arc::new(Connection::new(address));
        let counted = address.filter(|it| !self.proxies.trust(*it));
        let network = counted.map(Network::of);
        let mut held = self.held();
        if held.all >= self.most {
            return None;
        }
        if let Some(network) = network {
            let own = held.by_network.entry(network).or_default();
            // One that was asked to end is counted until it has ended.
            let staying = own.iter().filter(|it| !it.is_leaving());
            if staying.count() >= self.per_address {
                if own.len() >= 2 * self.per_address {
                    return None;
                }
                idlest(own)?.leave();
            }
            own.push(connection.clone());
        }
        held.all += 1;
        Some(Place {
            connections: self.clone(),
            connection,
            network,
        })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connection that has to give way to another of its address: one that
/// never brought a call before one that did, then the one idle longest.
fn idlest(own: &[Arc<Connection>]) -> Option<Arc<Connection>> {
    let staying = own.iter().filter(|it| !it.is_leaving());
    let idle = staying.filter_map(|it| {
        let calls = it.calls();
        let order = (calls.next > 0, calls.quiet_since);
        calls.open.is_empty().then_some((order, it))
    });
    idle.min_by_key(|(order, _)| *order)
        .map(|(_, it)| it.clone())
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.connections.held();
        held.all -= 1;
        let Some(network) = self.network else {
            return;
        };
        if let Some(own) = held.by_network.get_mut(&network) {
            own.retain(|it| !Arc::ptr_eq(it, &self.connection));
            if own.is_empty() {
                held.by_network.remove(&network);
            }
        }
    }
}

impl Connection {
    fn new(address: Option<IpAddr>) -> Self {
        let now = Instant::now();
        Self {
            address,
            since: now,
            received: AtomicU64::new(0),
            ending: Notify::new(),
            leaving: AtomicBool::new(false),
            calls: Mutex::new(Calls {
                next: 0,
                open: BTreeMap::new(),
                quiet_since: now,
            }),
        }
    }

    /// Asks it to end.
    fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
        self.ending.notify_one();
    }

    fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    /// A call begins.
    pub(super) fn begin(self: &Arc<Self>) -> Call {
        let mut calls = self.calls();
        let number = calls.next;
        calls.next += 1;
        calls.open.insert(number, Instant::now());
        Call {
            connection: self.clone(),
            number,
        }
    }

    /// Since when its oldest open call lasts.
    pub(super) fn oldest_call(&self) -> Option<Instant> {
        self.calls().open.values().next().copied()
    }

    /// Since when it has had no call open, if it has none.
    pub(super) fn quiet_since(&self) -> Option<Instant> {
        let calls = self.calls();
        calls.open.is_empty().then_some(calls.quiet_since)
    }

    /// Whether it has said what it speaks.
    pub(super) fn has_spoken(&self) -> bool {
        self.received.load(Ordering::Relaxed) >= PREFACE
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut calls = self.connection.calls();
        calls.open.remove(&self.number);
        calls.quiet_since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn connections(most: usize, per_address: usize) -> Arc<Connections> {
        let proxies = Proxies(vec!["10.0.0.0/8".parse().expect("a network")]);
        Arc::new(Connections::new(most, per_address, Arc::new(proxies)))
    }

    fn from(connections: &Arc<Connections>, address: &str) -> Option<Place> {
        connections.admit(Some(address.parse().expect("an address")))
    }

    /// Whether it has been asked to end.
    async fn is_ending(place: &Place) -> bool {
        let asked = place.connection.ending.notified();
        tokio::time::timeout(Duration::ZERO, asked).await.is_ok()
    }

    #[tokio::test]
    async fn one_address_pays_for_its_own_connections() {
        let all = connections(100, 2);
        let busy = from(&all, "1.2.3.4").expect("a place");
        let call = busy.connection.begin();
        let used = from(&all, "1.2.3.4").expect("a place");
        drop(used.connection.begin());
        let other = from(&all, "1.2.3.5").expect("a place");

        let third = from(&all, "1.2.3.4").expect("the idle one gives way");
        assert!(is_ending(&used).await && !is_ending(&busy).await);
        let fourth = from(&all, "1.2.3.4").expect("the unused one gives way");
        assert!(is_ending(&third).await && !is_ending(&other).await);

        assert!(
            from(&all, "1.2.3.4").is_none(),
            "two are at work or at rest, two are leaving"
        );
        drop((used, third));
        let second_call = fourth.connection.begin();
        assert!(from(&all, "1.2.3.4").is_none(), "both are at work");
        drop((call, second_call));
        assert!(from(&all, "1.2.3.4").is_some());
    }

    #[tokio::test]
    async fn a_proxy_speaks_for_many_and_all_are_counted_together() {
        let all = connections(3, 1);
        let places: Vec<_> = (0..3).map(|_| from(&all, "10.0.0.1")).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(from(&all, "1.2.3.4").is_none(), "all places are taken");
        assert!(all.admit(None).is_none());
        drop(places);
        assert!(from(&all, "1.2.3.4").is_some());
        assert!(all.held().by_network.is_empty());
    }
}
