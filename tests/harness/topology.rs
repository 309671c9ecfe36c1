//! The whole system as it may be installed: in one process on files, and as two replicas of every service
//! on PostgreSQL and Redis.

use tempfile::TempDir;

use super::{
    cluster::Cluster,
    door::Door,
    redis::Redis,
    system::{System, free_address},
};

/// Two processes of the whole system on one PostgreSQL server, and what they stand on.
struct Twins {
    replicas: [System; 2],
    _stores: (Cluster, Redis, TempDir),
}

impl Twins {
    /// `None` where PostgreSQL is not there.
    async fn start() -> Option<Self> {
        let cluster = Cluster::start(None)?;
        let folder = tempfile::tempdir().expect("folder");
        let address = free_address();
        let redis = Redis::start(&address).await;
        let url = format!("redis://{address}");
        let stores = cluster.arguments();
        let mut arguments: Vec<&str> = stores.iter().map(String::as_str).collect();
        arguments.extend(["--redis", &url]);
        let start = async |name| {
            let listen = free_address();
            System::start_replica(folder.path(), name, &listen, &arguments).await
        };
        // The first makes keys, tables and accounts.
        let replicas = [start("one").await, start("other").await];
        Some(Self {
            replicas,
            _stores: (cluster, redis, folder),
        })
    }

    /// The way in by either of them, call by call.
    fn door(&self) -> Door {
        Door::to_any(self.replicas.iter().map(|it| it.url.as_str()))
    }
}

/// Runs `test` with the way into the system, of one process and of two.
pub(crate) async fn on_one_and_on_two(test: impl AsyncFn(Door)) {
    let folder = tempfile::tempdir().expect("folder");
    let one = System::start(folder.path()).await;
    test(one.door()).await;
    assert!(one.stop().success(), "it ends when it is told to");
    if let Some(twins) = Twins::start().await {
        test(twins.door()).await;
        for replica in twins.replicas {
            assert!(replica.stop().success(), "it ends when it is told to");
        }
    }
}
