//! `yuhui serve` as a process of its own, with a folder of its own.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use tokio::net::TcpStream;

use super::{gateway::Gateway, program};

/// Business date of the systems under test: a working day, within the time in
/// which families lodge.
pub(crate) const TODAY: &str = "2025-09-10";
/// Every service; the gateway last: it is what the tests wait for.
pub(crate) const SERVICES: [&str; 6] = [
    "registry-verification",
    "institution-registry",
    "funding-ledger",
    "disbursement",
    "eligibility",
    "gateway",
];
/// Longest a system may take until it answers: it makes some hundred accounts,
/// and hashing a password is slow on purpose.
const PATIENCE: Duration = Duration::from_secs(120);
/// Longest that it may take to end: calls in hand and pieces of work are finished first.
const LONGEST_END: Duration = Duration::from_secs(120);

/// A running system; it dies with this value.
pub(crate) struct System {
    child: Child,
    /// Where the gateway listens.
    pub(crate) url: String,
    log: PathBuf,
}

impl System {
    /// Starts the whole system on the files in `data` and waits until it answers.
    pub(crate) async fn start(data: &Path) -> Self {
        Self::start_with(data, &[]).await
    }

    /// Starts it with more arguments.
    pub(crate) async fn start_with(data: &Path, arguments: &[&str]) -> Self {
        Self::serve(data, "whole", &free_address(), arguments, &[]).await
    }

    /// Makes the keys of a system whose services start one by one.
    pub(crate) fn keys(data: &Path) {
        let data = data.to_str().expect("text");
        let (status, said) = program::run(&["keys", "init", "--data", data]);
        assert_eq!(status, Some(0), "{said}");
    }

    /// Starts one service at `listen`, which finds the others by `peers`.
    pub(crate) async fn start_one(data: &Path, service: &str, listen: &str, peers: &str) -> Self {
        Self::start_replica(data, service, listen, &[service, "--peers", peers]).await
    }

    /// Starts a process of its own name at `listen`, with all its arguments.
    pub(crate) async fn start_replica(
        data: &Path,
        name: &str,
        listen: &str,
        arguments: &[&str],
    ) -> Self {
        // Replicas share a place for documents, which PostgreSQL alone does not give them.
        let documents = data.join("documents");
        fs::create_dir_all(&documents).expect("folder");
        let documents = documents.to_str().expect("text");
        let environment = [("YUHUI__DOCUMENTS__FOLDER", documents)];
        Self::serve(data, name, listen, arguments, &environment).await
    }

    /// Starts the whole system with settings of its own.
    pub(crate) async fn start_in(data: &Path, environment: &[(&str, &str)]) -> Self {
        Self::start_at(data, &["--sandbox-date", TODAY], environment).await
    }

    /// Starts the whole system with arguments and settings of its own, its date among them.
    pub(crate) async fn start_at(
        data: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let listen = free_address();
        let all = ["serve", "--development", "--listen", &listen];
        let all = [&all[..], arguments].concat();
        Self::spawn(data, "whole", &listen, &all, environment).await
    }

    /// Starts a system that is in production.
    pub(crate) async fn produce(data: &Path, environment: &[(&str, &str)]) -> Self {
        let listen = free_address();
        let arguments = ["serve", "--listen", &listen];
        Self::spawn(data, "production", &listen, &arguments, environment).await
    }

    async fn serve(
        data: &Path,
        name: &str,
        listen: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let all = ["serve", "--development", "--listen", listen];
        let all = all
            .iter()
            .chain(&["--sandbox-date", TODAY])
            .chain(arguments);
        let all: Vec<_> = all.copied().collect();
        Self::spawn(data, name, listen, &all, environment).await
    }

    async fn spawn(
        data: &Path,
        name: &str,
        listen: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        fs::create_dir_all(data).expect("folder");
        let log = data.join(format!("{name}.log"));
        let said = File::options().create(true).append(true).open(&log);
        let said = said.expect("log");
        let child = Command::new(program::path())
            .args(arguments)
            .arg("--data")
            .arg(data)
            .env(program::LOG.0, program::LOG.1)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(said.try_clone().expect("log"))
            .stderr(said)
            .spawn()
            .expect("yuhui serve starts");
        let url = format!("http://{listen}");
        let mut system = Self { child, url, log };
        let answers = async {
            while TcpStream::connect(listen).await.is_err() {
                if let Ok(Some(status)) = system.child.try_wait() {
                    panic!("yuhui serve ended with {status}:\n{}", system.said());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, answers).await.is_err() {
            panic!("yuhui serve does not answer:\n{}", system.said());
        }
        system
    }

    /// The way in, signed in as nobody.
    pub(crate) fn gateway(&self) -> Gateway {
        Gateway::to(&self.url)
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Asks it to stop and waits for it.
    pub(crate) fn stop(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status();
        assert!(told.expect("kill").success());
        let watched = program::watch(self.child.id(), LONGEST_END);
        let status = self.child.wait().expect("gone");
        drop(watched);
        assert!(status.code().is_some(), "{status}: {}", self.said());
        status
    }

    /// Its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Memory it holds, in MiB.
    pub(crate) fn memory_mib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process()));
        let status = status.expect("a process");
        let line = status.lines().find(|it| it.starts_with("VmRSS:"));
        let number = line.and_then(|it| it.split_whitespace().nth(1));
        let kib: u64 = number.and_then(|it| it.parse().ok()).expect("a number");
        kib / 1024
    }

    /// Everything it said so far.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for System {
    fn drop(&mut self) {
        // Both fail when it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address of this machine that nobody listens on.
pub(crate) fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").to_string()
}
