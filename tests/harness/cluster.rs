//! A PostgreSQL server of a test's own, to be stopped, filled and broken, with
//! the roles and databases of `deploy/postgres`.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::{Duration, Instant},
};

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use tempfile::TempDir;
use yuhui_stage::setting;

use super::{ROOT, system::free_address};

/// Longest a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; it ends with this value.
pub(crate) struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    port: String,
    /// More options of the server.
    options: &'static str,
}

/// For a log that a test fills: no checkpoint frees a part of it while the test waits until there is
/// no room for it.
const FILLED: &str = "-c max_wal_size=1GB -c checkpoint_timeout=1h -c wal_recycle=off";

impl Cluster {
    /// Starts one, if PostgreSQL is there; with its log of changes in `log`, if
    /// it is to lie elsewhere and be filled.
    pub(crate) fn start(log: Option<&Path>) -> Option<Self> {
        let programs = setting("YUHUI_TEST_PG_BIN")?.into();
        let address = free_address();
        let (_, port) = address.rsplit_once(':').expect("a port");
        let cluster = Self {
            folder: tempfile::tempdir().expect("folder"),
            programs,
            port: port.to_owned(),
            options: log.map_or("", |_| FILLED),
        };
        cluster.give(cluster.folder.path());
        let data = cluster.data();
        let mut make = vec![
            "-D",
            &data,
            "-U",
            "postgres",
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C",
        ];
        let log = log.map(|it| it.to_str().expect("text").to_owned());
        if let Some(log) = &log {
            make.extend(["--wal-segsize=1", "-X", log]);
        }
        cluster.must("initdb", &make);
        cluster.resume();
        for script in ["roles.sql", "databases.sql"] {
            let script = format!("{ROOT}/deploy/postgres/{script}");
            cluster.psql("postgres", &["-f", &script]);
        }
        Some(cluster)
    }

    fn data(&self) -> String {
        let data = self.folder.path().join("data");
        data.to_str().expect("text").to_owned()
    }

    /// Leaves `path` to the server: it refuses to run as root.
    pub(crate) fn give(&self, path: &Path) {
        if is_root() {
            let path = path.to_str().expect("text");
            let given = Command::new("chown").args(["postgres:", path]).status();
            assert!(given.expect("chown").success());
        }
    }

    /// What its programs said so far.
    fn said(&self) -> PathBuf {
        self.folder.path().join("said")
    }

    fn run(&self, program: &str, arguments: &[&str]) -> ExitStatus {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
            command.arg(program);
            command
        } else {
            Command::new(program)
        };
        // A file: a server that goes on would keep a pipe open.
        let said = fs::File::options()
            .create(true)
            .append(true)
            .open(self.said());
        let said = said.expect("a file");
        command
            .args(arguments)
            .stdout(said.try_clone().expect("a file"))
            .stderr(said)
            .status()
            .expect("it runs")
    }

    fn must(&self, program: &str, arguments: &[&str]) {
        let status = self.run(program, arguments);
        let said = fs::read_to_string(self.said()).unwrap_or_default();
        assert!(status.success(), "{program}: {said}");
    }

    /// Starts the server again, unless it runs, and waits until it answers: it may
    /// be recovering by itself, or about to give up.
    pub(crate) fn resume(&self) {
        let data = self.data();
        let folder = self.folder.path().display();
        let options = format!(
            "-p {} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200 {}",
            self.port, self.options
        );
        let log = self.folder.path().join("log");
        let log = log.to_str().expect("text");
        let start = ["-D", &data, "-w", "-l", log, "-o", &options, "start"];
        let ready = ["-q", "-h", "127.0.0.1", "-p", &self.port];
        let deadline = Instant::now() + PATIENCE;
        while !self.run("pg_isready", &ready).success() {
            if !self.run("pg_ctl", &["-D", &data, "status"]).success() {
                self.run("pg_ctl", &start);
            }
            let said = || fs::read_to_string(log).unwrap_or_default();
            assert!(
                Instant::now() < deadline,
                "PostgreSQL stays away: {}",
                said()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Stops the server; nobody is waited for.
    pub(crate) fn stop(&self) {
        let data = self.data();
        self.run("pg_ctl", &["-D", &data, "-w", "-m", "fast", "stop"]);
    }

    /// Runs statements as the superuser.
    pub(crate) fn psql(&self, database: &str, what: &[&str]) {
        let mut arguments = vec!["-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"];
        arguments.extend(["-p", &self.port, "-U", "postgres", "-d", database]);
        arguments.extend(what);
        self.must("psql", &arguments);
    }

    /// URL of a service's own role, `{service}` standing for its name.
    pub(crate) fn service_url(&self) -> String {
        let port = &self.port;
        format!("postgres://yuhui_{{service}}@127.0.0.1:{port}/yuhui_{{service}}")
    }

    /// URL of the tables' owner.
    pub(crate) fn owner_url(&self) -> String {
        format!(
            "postgres://yuhui_owner@127.0.0.1:{}/yuhui_{{service}}",
            self.port
        )
    }

    /// What `yuhui` is told about it.
    pub(crate) fn arguments(&self) -> [String; 4] {
        let owner = "--postgres-owner".to_owned();
        [
            "--postgres".to_owned(),
            self.service_url(),
            owner,
            self.owner_url(),
        ]
    }

    /// A connection to the database of `service`, as the superuser.
    pub(crate) async fn connect(&self, service: &str) -> DatabaseConnection {
        let url = format!(
            "postgres://postgres@127.0.0.1:{}/yuhui_{service}",
            self.port
        );
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Database::connect(options).await.expect("connected")
    }

    /// Executes `sql` in the database of `service`, as the superuser.
    pub(crate) async fn execute(&self, service: &str, sql: &str) {
        let connection = self.connect(service).await;
        connection.execute_unprepared(sql).await.expect(sql);
        connection.close().await.expect("closed");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        self.run("pg_ctl", &["-D", &data, "-m", "immediate", "stop"]);
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0)
}
