//! A Redis server of a test's own.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{net::TcpStream, time::timeout};

/// Longest it may take until it answers.
const PATIENCE: Duration = Duration::from_secs(10);

/// A Redis that keeps nothing; it dies with this value.
pub(crate) struct Redis(Child);

impl Redis {
    /// Starts it at `address`.
    pub(crate) async fn start(address: &str) -> Self {
        let (_, port) = address.rsplit_once(':').expect("a port");
        let child = Command::new("redis-server")
            .args(["--port", port, "--bind", "127.0.0.1", "--save", ""])
            .args(["--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server starts");
        let redis = Self(child);
        let answers = async {
            while TcpStream::connect(address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let answers = timeout(PATIENCE, answers).await;
        answers.expect("redis-server answers");
        redis
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // Both fail when it is gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
