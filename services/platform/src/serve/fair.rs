//! Whose turn it is. Every county has a queue of its own, and a place that becomes free goes to the
//! county that was worked for least: what one county asks for, however much, is waited for by nobody
//! but itself.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

/// Whom a call is made for: a county, or what belongs to none.
pub(super) type Tenant = Option<&'static str>;

/// How long a county that called counts as one that is at work.
const AT_WORK: Duration = Duration::from_secs(1);

/// What one county may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    /// Calls of it that are worked on at once while other counties are at work too. What this
    /// leaves of the machine is there for whoever comes next.
    pub(super) beside_others: usize,
    /// Calls of it that may wait.
    pub(super) queue: usize,
    /// How long they wait.
    pub(super) wait: Duration,
}

/// Places, and those who wait for one.
#[derive(Debug)]
pub(super) struct Turns {
    state: Mutex<State>,
    /// Places one county may hold: whoever comes next finds one before the work in hand is done.
    most: usize,
    share: Share,
}

#[derive(Debug)]
struct State {
    free: usize,
    tenants: HashMap<Tenant, Queue>,
    /// The time that had been spent on whoever was served last: who comes back begins there, and has
    /// saved nothing by having been away.
    now: Duration,
}

#[derive(Debug)]
struct Queue {
    waiting: VecDeque<oneshot::Sender<Turn>>,
    /// Places held.
    held: usize,
    /// Of these, worked on.
    worked: usize,
    /// Time spent on the county, counted from where it came in.
    spent: Duration,
    /// When it last called.
    called: Instant,
}

/// A place. Given back when it goes, with the time it was held.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Turns>,
    tenant: Tenant,
    since: Instant,
    is_worked: bool,
}

impl Turns {
    pub(super) fn new(places: usize, share: Share) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                free: places,
                tenants: HashMap::new(),
                now: Duration::ZERO,
            }),
            most: places - places / 4,
            share,
        })
    }

    /// A place for a call of `tenant`; none if too many of its calls wait, or this one waited too long.
    pub(super) async fn take(self: &Arc<Self>, tenant: Tenant) -> Option<Turn> {
        let waiting = {
            let (mut state, at) = (self.state(), Instant::now());
            state.called(tenant, at);
            let may_begin = state.free > 0 && self.may_begin(&state, tenant, at);
            let now = state.now;
            let queue = state.tenants.get_mut(&tenant)?;
            let begins = may_begin && queue.waiting.is_empty();
            // What was done while nobody had to wait is held against nobody.
            if begins || (queue.held == 0 && queue.waiting.is_empty()) {
                queue.spent = queue.spent.max(now);
            }
            if begins {
                state.now = queue.spent;
                return Some(self.begin(&mut state, tenant));
            }
            if queue.waiting.len() >= self.share.queue {
                return None;
            }
            let (sender, receiver) = oneshot::channel();
            queue.waiting.push_back(sender);
            receiver
        };
        // Who gives up is passed over when his turn comes.
        timeout(self.share.wait, waiting).await.ok()?.ok()
    }

    fn may_begin(&self, state: &State, tenant: Tenant, at: Instant) -> bool {
        let Some(queue) = state.tenants.get(&tenant) else {
            return true;
        };
        let beside_others = || {
            let mut all = state.tenants.iter();
            all.any(|(other, it)| *other != tenant && it.is_at_work(at))
        };
        queue.held < self.most && (queue.worked < self.share.beside_others || !beside_others())
    }

    fn begin(self: &Arc<Self>, state: &mut State, tenant: Tenant) -> Turn {
        state.free -= 1;
        if let Some(queue) = state.tenants.get_mut(&tenant) {
            queue.held += 1;
            queue.worked += 1;
        }
        Turn {
            turns: self.clone(),
            tenant,
            since: Instant::now(),
            is_worked: true,
        }
    }

    /// The waiting county that holds fewest places, and of several the one that was worked for least.
    fn next(&self, state: &State, at: Instant) -> Option<Tenant> {
        let waiting = state
            .tenants
            .iter()
            .filter(|(tenant, it)| !it.waiting.is_empty() && self.may_begin(state, **tenant, at));
        let least = waiting.min_by_key(|(_, it)| (it.held, it.spent));
        least.map(|(tenant, _)| *tenant)
    }

    /// Lets begin who may, and forgets who is away.
    fn go_on(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        let (at, mut unwanted) = (Instant::now(), Vec::new());
        while state.free > 0
            && let Some(next) = self.next(&state, at)
        {
            let queue = state.tenants.get_mut(&next);
            let Some((sender, spent)) =
                queue.and_then(|it| Some((it.waiting.pop_front()?, it.spent)))
            else {
                break;
            };
            if sender.is_closed() {
                continue;
            }
            state.now = state.now.max(spent);
            // Lost only to one who gave up just now; his place is given back below.
            if let Err(turn) = sender.send(self.begin(&mut state, next)) {
                unwanted.push(turn);
            }
        }
        state.forget(at);
        drop(state);
        drop(unwanted);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn called(&mut self, tenant: Tenant, at: Instant) {
        let queue = self.tenants.entry(tenant).or_insert_with(|| Queue {
            waiting: VecDeque::new(),
            held: 0,
            worked: 0,
            spent: Duration::ZERO,
            called: at,
        });
        queue.called = at;
        queue.waiting.retain(|it| !it.is_closed());
    }

    /// Drops counties that do nothing and would begin at `now` again anyway.
    fn forget(&mut self, at: Instant) {
        let now = self.now;
        self.tenants
            .retain(|_, it| it.is_at_work(at) || it.spent > now);
    }
}

impl Queue {
    fn is_at_work(&self, at: Instant) -> bool {
        self.held > 0 || !self.waiting.is_empty() || at < self.called + AT_WORK
    }
}

impl Turn {
    /// Another call of the county may begin: this one is done but for its answer, or takes so long
    /// that the county would stand still behind it. It keeps its place.
    pub(super) fn make_way(&mut self) {
        if !mem::take(&mut self.is_worked) {
            return;
        }
        let mut state = self.turns.state();
        if let Some(queue) = state.tenants.get_mut(&self.tenant) {
            queue.worked = queue.worked.saturating_sub(1);
        }
        self.turns.go_on(state);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let time = self.since.elapsed();
        let mut state = self.turns.state();
        if let Some(queue) = state.tenants.get_mut(&self.tenant) {
            queue.held = queue.held.saturating_sub(1);
            queue.worked = queue.worked.saturating_sub(usize::from(self.is_worked));
            queue.spent += time;
        }
        state.free += 1;
        self.turns.go_on(state);
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;

    use super::*;

    const A: Tenant = Some("150203");
    const B: Tenant = Some("150204");
    const LONG: Duration = Duration::from_secs(60);

    /// As many at once as there are places.
    fn turns(places: usize, queue: usize, wait: Duration) -> Arc<Turns> {
        let share = Share {
            beside_others: places,
            queue,
            wait,
        };
        Turns::new(places, share)
    }

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
        let turns = turns(2, 200, LONG);
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
        let turns = turns(1, 200, LONG);
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
        let turns = turns(1, 200, LONG);
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
    async fn beside_others_a_county_has_its_share_of_the_machine_and_alone_all_of_it() {
        let share = Share {
            beside_others: 1,
            queue: 200,
            wait: Duration::from_millis(20),
        };
        let turns = Turns::new(8, share);
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(turns.take(A).await.expect("it is alone"));
        }
        let other = turns.take(B).await.expect("a place");
        assert!(turns.take(B).await.is_none(), "beside A");
        assert!(turns.take(A).await.is_none(), "beside B");
        for mut turn in held.drain(..) {
            turn.make_way();
            turn.make_way();
        }
        held.push(turns.take(A).await.expect("the others made way"));
        assert!(turns.take(A).await.is_none(), "one is worked on again");
        drop(other);
        assert!(turns.take(A).await.is_none(), "B was here just now");
        tokio::time::sleep(AT_WORK).await;
        held.push(turns.take(A).await.expect("alone again"));
    }

    #[tokio::test]
    async fn who_makes_way_lets_the_next_begin() {
        let share = Share {
            beside_others: 1,
            queue: 200,
            wait: LONG,
        };
        let turns = Turns::new(8, share);
        let _other = turns.take(B).await.expect("a place");
        let mut first = turns.take(A).await.expect("a place");
        let second = tokio::spawn({
            let turns = turns.clone();
            async move { turns.take(A).await.is_some() }
        });
        tokio::task::yield_now().await;
        first.make_way();
        assert!(second.await.expect("done"));
    }

    #[tokio::test]
    async fn nobody_holds_every_place() {
        let turns = turns(4, 200, Duration::from_millis(20));
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(turns.take(A).await.expect("a place"));
        }
        assert!(turns.take(A).await.is_none(), "its part");
        assert!(turns.take(B).await.is_some());
    }

    #[tokio::test]
    async fn who_waits_too_long_or_behind_too_many_is_told() {
        let turns = turns(1, 1, Duration::from_millis(50));
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
