//! Whose turn it is. Every county has a queue of its own, and a place that becomes free goes to the
//! county that was worked for least: what one county asks for, however much, is waited for by nobody
//! but itself.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

/// Whom a call is made for: a county, or what belongs to none.
pub(super) type Tenant = Option<&'static str>;

/// Places, and those who wait for one.
#[derive(Debug)]
pub(super) struct Turns {
    state: Mutex<State>,
    /// Places one county may hold: whoever comes next finds one before the work in hand is done.
    most: usize,
    /// Calls of one county that may wait, and how long.
    queue: usize,
    wait: Duration,
}

#[derive(Debug)]
struct State {
    free: usize,
    tenants: HashMap<Tenant, Queue>,
    /// The time that had been spent on whoever was served last: who comes back begins there, and has
    /// saved nothing by having been away.
    now: Duration,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<oneshot::Sender<Turn>>,
    /// Places held.
    held: usize,
    /// Time spent on the county, counted from where it came in.
    spent: Duration,
}

/// A place. Given back when it goes, with the time it was held.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Turns>,
    tenant: Tenant,
    since: Instant,
}

impl Turns {
    pub(super) fn new(places: usize, queue: usize, wait: Duration) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                free: places,
                tenants: HashMap::new(),
                now: Duration::ZERO,
            }),
            most: places - places / 4,
            queue,
            wait,
        })
    }

    /// A place for a call of `tenant`; none if too many of its calls wait, or this one waited too long.
    pub(super) async fn take(self: &Arc<Self>, tenant: Tenant) -> Option<Turn> {
        let waiting = {
            let mut state = self.state();
            let (now, is_free) = (state.now, state.free > 0);
            let queue = state.tenants.entry(tenant).or_default();
            if is_free && queue.held < self.most && queue.waiting.is_empty() {
                queue.held += 1;
                // What was done while nobody had to wait is held against nobody.
                queue.spent = queue.spent.max(now);
                state.now = queue.spent;
                state.free -= 1;
                return Some(self.turn(tenant));
            }
            if queue.held == 0 && queue.waiting.is_empty() {
                queue.spent = queue.spent.max(now);
            }
            queue.waiting.retain(|it| !it.is_closed());
            if queue.waiting.len() >= self.queue {
                return None;
            }
            let (sender, receiver) = oneshot::channel();
            queue.waiting.push_back(sender);
            receiver
        };
        // Who gives up is passed over when his turn comes.
        timeout(self.wait, waiting).await.ok()?.ok()
    }

    fn turn(self: &Arc<Self>, tenant: Tenant) -> Turn {
        Turn {
            turns: self.clone(),
            tenant,
            since: Instant::now(),
        }
    }

    fn give_back(self: &Arc<Self>, tenant: Tenant, time: Duration) {
        let mut state = self.state();
        if let Some(queue) = state.tenants.get_mut(&tenant) {
            queue.held = queue.held.saturating_sub(1);
            queue.spent += time;
        }
        state.free += 1;
        let mut unwanted = Vec::new();
        while let Some(next) = state.next(self.most) {
            let Some(queue) = state.tenants.get_mut(&next) else {
                break;
            };
            let Some(sender) = queue.waiting.pop_front() else {
                break;
            };
            if sender.is_closed() {
                continue;
            }
            queue.held += 1;
            state.free -= 1;
            // Lost only to one who gave up just now; his place is given back below.
            if let Err(turn) = sender.send(self.turn(next)) {
                unwanted.push(turn);
            }
            break;
        }
        state.forget();
        drop(state);
        drop(unwanted);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The waiting county that holds fewest places, and of several the one that was worked for least.
    fn next(&mut self, most: usize) -> Option<Tenant> {
        let may = |it: &Queue| !it.waiting.is_empty() && it.held < most;
        let waiting = self.tenants.iter().filter(|(_, it)| may(it));
        let least = waiting.min_by_key(|(_, it)| (it.held, it.spent));
        let (tenant, spent) = least.map(|(tenant, it)| (*tenant, it.spent))?;
        self.now = self.now.max(spent);
        Some(tenant)
    }

    /// Drops counties that do nothing and would begin at `now` again anyway.
    fn forget(&mut self) {
        let now = self.now;
        self.tenants
            .retain(|_, it| it.held > 0 || !it.waiting.is_empty() || it.spent > now);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let time = self.since.elapsed();
        self.turns.clone().give_back(self.tenant, time);
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;

    use super::*;

    const A: Tenant = Some("150203");
    const B: Tenant = Some("150204");
    const LONG: Duration = Duration::from_secs(60);

    /// The order in which calls were served.
    type Order = Arc<Mutex<Vec<Tenant>>>;

    fn served(order: &Order) -> Vec<Tenant> {
        order.lock().expect("order").clone()
    }

    async fn call(turns: Arc<Turns>, tenant: Tenant, time: Duration, order: Order) {
        let turn = turns.take(tenant).await.expect("a place");
        tokio::time::sleep(time).await;
        order.lock().expect("order").push(tenant);
        drop(turn);
    }

    #[tokio::test]
    async fn a_county_with_a_hundred_calls_is_waited_for_by_itself_alone() {
        let turns = Turns::new(2, 200, LONG);
        let (order, short) = (Order::default(), Duration::from_millis(5));
        let mut calls = JoinSet::new();
        for _ in 0..100 {
            calls.spawn(call(turns.clone(), A, short, order.clone()));
        }
        while served(&order).len() < 20 {
            tokio::task::yield_now().await;
        }
        for _ in 0..5 {
            calls.spawn(call(turns.clone(), B, short, order.clone()));
        }
        while calls.join_next().await.is_some() {}
        let order = served(&order);
        let last = order.iter().rposition(|it| *it == B).expect("B was served");
        // Then the two took turns, give or take those in hand.
        assert!(last < 40, "{last}");
        assert_eq!(order.len(), 105);
    }

    #[tokio::test]
    async fn long_work_counts_for_more_than_short() {
        let turns = Turns::new(1, 200, LONG);
        let held = turns.take(None).await.expect("a place");
        let order = Order::default();
        let mut calls = JoinSet::new();
        for _ in 0..3 {
            let long = Duration::from_millis(100);
            calls.spawn(call(turns.clone(), A, long, order.clone()));
        }
        for _ in 0..10 {
            let short = Duration::from_millis(1);
            calls.spawn(call(turns.clone(), B, short, order.clone()));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        drop(held);
        while calls.join_next().await.is_some() {}
        let order = served(&order);
        let last = order.iter().rposition(|it| *it == B).expect("B was served");
        // One long call of A at most came between.
        assert!(last <= 10, "{order:?}");
    }

    #[tokio::test]
    async fn what_was_done_while_nobody_waited_is_held_against_nobody() {
        let turns = Turns::new(1, 200, LONG);
        for _ in 0..20 {
            let turn = turns.take(A).await.expect("a place");
            tokio::time::sleep(Duration::from_millis(5)).await;
            drop(turn);
        }
        let held = turns.take(None).await.expect("a place");
        let (order, short) = (Order::default(), Duration::from_millis(1));
        let mut calls = JoinSet::new();
        for _ in 0..30 {
            calls.spawn(call(turns.clone(), B, short, order.clone()));
        }
        calls.spawn(call(turns.clone(), A, short, order.clone()));
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(held);
        while calls.join_next().await.is_some() {}
        let at = served(&order).iter().position(|it| *it == A);
        assert!(at.is_some_and(|at| at < 10), "{at:?}");
    }

    #[tokio::test]
    async fn nobody_holds_every_place() {
        let turns = Turns::new(4, 200, Duration::from_millis(20));
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(turns.take(A).await.expect("a place"));
        }
        assert!(turns.take(A).await.is_none(), "its part");
        assert!(turns.take(B).await.is_some());
    }

    #[tokio::test]
    async fn who_waits_too_long_or_behind_too_many_is_told() {
        let turns = Turns::new(1, 1, Duration::from_millis(50));
        let held = turns.take(A).await.expect("a place");
        let waiting = tokio::spawn({
            let turns = turns.clone();
            async move { turns.take(A).await.is_some() }
        });
        tokio::task::yield_now().await;
        assert!(turns.take(A).await.is_none(), "one waits already");
        assert!(!waiting.await.expect("done"), "it waited too long");
        drop(held);
        // Who gave up takes no place with him.
        assert!(turns.take(B).await.is_some());
        assert!(turns.take(A).await.is_some());
    }
}
