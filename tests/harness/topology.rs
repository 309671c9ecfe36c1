//! The whole system as it may be installed: in one process on files, and as two replicas of every service
//! on PostgreSQL and Redis.

use std::path::Path;

use yuhui_stage::setting;

use super::{
    cluster::Cluster,
    gateway::Gateway,
    redis::Redis,
    system::{System, free_address},
};

/// Two processes of the whole system on one PostgreSQL server and one Redis.
pub(crate) struct Twins {
    replicas: [System; 2],
    _redis: Redis,
}

impl Twins {
    /// Starts them on `cluster`, with the keys in `data`.
    pub(crate) async fn start(cluster: &Cluster, data: &Path) -> Self {
        let address = free_address();
        let redis = Redis::start(&address).await;
        let url = format!("redis://{address}");
        let stores = cluster.arguments();
        let mut arguments: Vec<&str> = stores.iter().map(String::as_str).collect();
        arguments.extend(["--redis", &url]);
        let start = async |name| {
            let listen = free_address();
            System::start_replica(data, name, &listen, &arguments).await
        };
        // The first makes what is not there: keys, tables and accounts.
        let replicas = [start("one").await, start("other").await];
        Self {
            replicas,
            _redis: redis,
        }
    }

    /// The way in by either of them, call by call.
    pub(crate) fn gateway(&self) -> Gateway {
        Gateway::to_any(self.urls().into_iter())
    }

    /// Where they listen.
    pub(crate) fn urls(&self) -> [&str; 2] {
        self.replicas.each_ref().map(|it| it.url.as_str())
    }

    /// Asks both to stop and waits for them.
    pub(crate) fn stop(self) {
        for replica in self.replicas {
            assert!(replica.stop().success(), "it ends when it is told to");
        }
    }
}

/// A server for two replicas, where PostgreSQL and Redis are there.
pub(crate) fn for_two() -> Option<Cluster> {
    setting("YUHUI_TEST_REDIS")?;
    Cluster::start(None)
}

/// Runs `test` with the way into the system, of one process and of two.
pub(crate) async fn on_one_and_on_two(test: impl AsyncFn(Gateway)) {
    let folder = tempfile::tempdir().expect("folder");
    let one = System::start(folder.path()).await;
    test(one.gateway()).await;
    assert!(one.stop().success(), "it ends when it is told to");
    if let Some(cluster) = for_two() {
        let folder = tempfile::tempdir().expect("folder");
        let twins = Twins::start(&cluster, folder.path()).await;
        test(twins.gateway()).await;
        twins.stop();
    }
}
