//! Facts that may be lost: ended sessions, waits and counts of use. Losing them loses
//! no data and no money; not being able to ask is a refusal, not a yes.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use redis::{
    Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use crate::{Error, refusal};

/// The store does not answer.
#[derive(Debug, thiserror::Error)]
#[error("the store of sessions and counts does not answer: {0}")]
pub struct Unreachable(String);

impl Unreachable {
    /// Why it does not answer.
    pub fn because(cause: impl std::fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

impl From<Unreachable> for Error {
    fn from(cause: Unreachable) -> Self {
        tracing::warn!(%cause, "ephemeral store");
        refusal::unavailable("session store").into()
    }
}

/// Short-lived facts shared by all replicas.
#[async_trait]
pub trait Ephemeral: Send + Sync {
    /// Ends `session`; remembered for `life`, the longest its tokens may live.
    async fn revoke(&self, session: &str, life: Duration) -> Result<(), Unreachable>;

    /// Whether `session` was ended. An error must be treated as ended.
    async fn is_revoked(&self, session: &str) -> Result<bool, Unreachable>;

    /// Keeps `key` waiting for `life`, or for what it has to wait already, if that is longer.
    async fn block(&self, key: &str, life: Duration) -> Result<(), Unreachable>;

    /// How much longer `key` has to wait, if it has to.
    async fn blocked_for(&self, key: &str) -> Result<Option<Duration>, Unreachable>;

    /// Counts one use of `key`; answers the uses within the current `window`.
    async fn count(&self, key: &str, window: Duration) -> Result<u64, Unreachable>;
}

/// Keeps them in this process: for the embedded deployment.
#[derive(Default)]
pub struct InProcess {
    entries: Mutex<HashMap<String, Entry>>,
}

struct Entry {
    uses: u64,
    until: Instant,
}

/// Entries held before the expired ones are swept out.
const SWEEP_ABOVE: usize = 10_000;

impl InProcess {
    fn touch(&self, key: String, life: Duration) -> u64 {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if entries.len() > SWEEP_ABOVE {
            entries.retain(|_, entry| entry.until > now);
        }
        let fresh = Entry {
            uses: 0,
            until: now + life,
        };
        let entry = entries.entry(key).or_insert(Entry { ..fresh });
        if entry.until <= now {
            *entry = fresh;
        }
        entry.uses += 1;
        entry.uses
    }
}

#[async_trait]
impl Ephemeral for InProcess {
    async fn revoke(&self, session: &str, life: Duration) -> Result<(), Unreachable> {
        self.touch(revoked(session), life);
        Ok(())
    }

    async fn is_revoked(&self, session: &str) -> Result<bool, Unreachable> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(entries
            .get(&revoked(session))
            .is_some_and(|entry| entry.until > Instant::now()))
    }

    async fn block(&self, key: &str, life: Duration) -> Result<(), Unreachable> {
        self.touch(blocked(key), life);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get_mut(&blocked(key)) {
            entry.until = entry.until.max(Instant::now() + life);
        }
        Ok(())
    }

    async fn blocked_for(&self, key: &str) -> Result<Option<Duration>, Unreachable> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(&blocked(key));
        let left = entry.map(|it| it.until.saturating_duration_since(Instant::now()));
        Ok(left.filter(|it| !it.is_zero()))
    }

    async fn count(&self, key: &str, window: Duration) -> Result<u64, Unreachable> {
        Ok(self.touch(counted(key), window))
    }
}

/// Longest wait for Redis.
const PATIENCE: Duration = Duration::from_millis(500);

/// Keeps them in Redis: for deployments of several processes.
pub struct Redis {
    connection: ConnectionManager,
    count: Script,
    block: Script,
}

impl Redis {
    /// Connects to `url`; reconnects by itself afterwards.
    pub async fn connect(url: &str) -> Result<Self, Unreachable> {
        let client = redis::Client::open(url).map_err(Unreachable::because)?;
        // A request waits for the answer: better no answer soon than a late one.
        let patience = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connection = ConnectionManager::new_with_config(client, patience)
            .await
            .map_err(Unreachable::because)?;
        // One step, so that a key can never be left without an end.
        let count = Script::new(
            "local n = redis.call('INCR', KEYS[1])
             if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
             return n",
        );
        let block = Script::new(
            "if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
                 redis.call('SET', KEYS[1], 1, 'PX', ARGV[1])
             end",
        );
        Ok(Self {
            connection,
            count,
            block,
        })
    }
}

#[async_trait]
impl Ephemeral for Redis {
    async fn revoke(&self, session: &str, life: Duration) -> Result<(), Unreachable> {
        let mut command = redis::cmd("SET");
        command
            .arg(revoked(session))
            .arg(1)
            .arg("PX")
            .arg(millis(life));
        command
            .query_async(&mut self.connection.clone())
            .await
            .map_err(Unreachable::because)
    }

    async fn is_revoked(&self, session: &str) -> Result<bool, Unreachable> {
        let mut command = redis::cmd("EXISTS");
        command.arg(revoked(session));
        command
            .query_async(&mut self.connection.clone())
            .await
            .map_err(Unreachable::because)
    }

    async fn block(&self, key: &str, life: Duration) -> Result<(), Unreachable> {
        let mut call = self.block.key(blocked(key));
        call.arg(millis(life));
        call.invoke_async(&mut self.connection.clone())
            .await
            .map_err(Unreachable::because)
    }

    async fn blocked_for(&self, key: &str) -> Result<Option<Duration>, Unreachable> {
        let mut command = redis::cmd("PTTL");
        command.arg(blocked(key));
        let left: i64 = command
            .query_async(&mut self.connection.clone())
            .await
            .map_err(Unreachable::because)?;
        // Negative: there is no such key.
        Ok(u64::try_from(left)
            .ok()
            .filter(|it| *it > 0)
            .map(Duration::from_millis))
    }

    async fn count(&self, key: &str, window: Duration) -> Result<u64, Unreachable> {
        let mut call = self.count.key(counted(key));
        call.arg(millis(window));
        call.invoke_async(&mut self.connection.clone())
            .await
            .map_err(Unreachable::because)
    }
}

fn revoked(session: &str) -> String {
    format!("yuhui:revoked:{session}")
}

fn blocked(key: &str) -> String {
    format!("yuhui:blocked:{key}")
}

fn counted(key: &str) -> String {
    format!("yuhui:count:{key}")
}

/// At least 1: Redis refuses a life of nothing.
fn millis(life: Duration) -> u64 {
    u64::try_from(life.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    async fn forgets_in_time(store: &dyn Ephemeral) {
        let short = Duration::from_millis(50);
        let (session, key) = (clock::fresh_id().to_string(), clock::fresh_id().to_string());
        store.revoke(&session, short).await.expect("revoked");
        assert!(store.is_revoked(&session).await.expect("asked"));
        assert!(!store.is_revoked("another").await.expect("asked"));
        assert_eq!(store.count(&key, short).await.expect("counted"), 1);
        assert_eq!(store.count(&key, short).await.expect("counted"), 2);
        tokio::time::sleep(short * 2).await;
        assert!(!store.is_revoked(&session).await.expect("asked"));
        assert_eq!(store.count(&key, short).await.expect("counted"), 1);
    }

    async fn waits_for_the_longest(store: &dyn Ephemeral) {
        let key = clock::fresh_id().to_string();
        assert_eq!(store.blocked_for(&key).await.expect("asked"), None);
        for seconds in [1, 60, 2] {
            let life = Duration::from_secs(seconds);
            store.block(&key, life).await.expect("blocked");
        }
        let left = store.blocked_for(&key).await.expect("asked");
        assert!(
            left.is_some_and(|it| it > Duration::from_secs(50)),
            "{left:?}"
        );
        assert!(!store.is_revoked(&key).await.expect("asked"));
        let key = clock::fresh_id().to_string();
        let short = Duration::from_millis(50);
        store.block(&key, short).await.expect("blocked");
        tokio::time::sleep(short * 2).await;
        assert_eq!(store.blocked_for(&key).await.expect("asked"), None);
    }

    #[tokio::test]
    async fn what_is_blocked_twice_waits_for_the_later_end() {
        waits_for_the_longest(&InProcess::default()).await;
        if let Some(url) = yuhui_stage::setting("YUHUI_TEST_REDIS") {
            waits_for_the_longest(&Redis::connect(&url).await.expect("redis")).await;
        }
    }

    #[tokio::test]
    async fn a_revocation_lasts_for_its_life_and_a_count_for_its_window() {
        forgets_in_time(&InProcess::default()).await;
        if let Some(url) = yuhui_stage::setting("YUHUI_TEST_REDIS") {
            forgets_in_time(&Redis::connect(&url).await.expect("redis")).await;
        }
    }
}
