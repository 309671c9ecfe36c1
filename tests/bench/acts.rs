//! What everyday acts cost: `cargo bench -p yuhui-tests --bench acts`, with how many claims as an argument.
//!
//! Claims go from their draft to their confirmation, one act at a time on PostgreSQL (`YUHUI_TEST_PG_BIN`).
//! Beside each act stands a floor measured in the same run: a bare tonic call with the same answer, and one
//! transaction that writes as many rows of the length of that answer. Exits with 1 if an act takes more than
//! three times its floor.

#[expect(dead_code, reason = "the tests use what is not used here")]
#[path = "../harness/mod.rs"]
mod harness;
#[expect(
    dead_code,
    unused_imports,
    reason = "the other benchmarks use what is not used here"
)]
mod many;
#[path = "acts/meter.rs"]
mod meter;
#[path = "acts/offices.rs"]
mod offices;
#[path = "said.rs"]
mod said;

use std::{env, process::ExitCode, time::Duration};

use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, Statement, TransactionTrait as _,
};
use tokio::{net::TcpListener, time::Instant};
use tonic::transport::{Server, server::TcpIncoming};

use harness::{cluster::Cluster, gateway::Gateway};
use many::Many;
use meter::{Measured, Meter};
use said::Said;

/// Claims, unless said otherwise.
const CLAIMS: u32 = 200;
/// How often the floor of an act is measured.
const TIMES: usize = 200;
/// What an act may take, in floors.
const LIMIT: u32 = 3;
/// Where statements are counted, and rows of no use are written.
const DATABASE: &str = "gateway";

#[tokio::main]
async fn main() -> ExitCode {
    let claims = env::args().find_map(|it| it.parse().ok()).unwrap_or(CLAIMS);
    let Some(cluster) = Cluster::start(None) else {
        println!("FAIL  YUHUI_TEST_PG_BIN names no programs of PostgreSQL");
        return ExitCode::FAILURE;
    };
    let counted = "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'";
    cluster.psql("postgres", &["-c", counted]);
    cluster.stop();
    cluster.resume();
    cluster
        .execute(DATABASE, "CREATE EXTENSION pg_stat_statements")
        .await;
    cluster
        .execute(DATABASE, "CREATE TABLE floor (body bytea NOT NULL)")
        .await;
    let floor = Floor {
        database: cluster.connect(DATABASE).await,
    };
    let statements = cluster.connect(DATABASE).await;
    let many = Many::start_on(Some(cluster)).await;
    let mut meter = Meter::of(many.process(), statements);
    many.confirm_measured(claims, &mut meter).await;

    println!("act            statements  rows      CPU       p50       p99     floor  floors");
    let mut holds = true;
    for it in &meter.acts {
        let floor = floor.of(it).await;
        let floors = it.half.as_micros() * 10 / floor.as_micros().max(1);
        println!(
            "{:<14} {:>6}.{:02} {:>3}.{:02} {:>5} µs  {:>5} µs  {:>5} µs  {:>5} µs  {:>4}.{}",
            it.act,
            it.statements / 100,
            it.statements % 100,
            it.rows / 100,
            it.rows % 100,
            it.cpu.as_micros(),
            it.half.as_micros(),
            it.most.as_micros(),
            floor.as_micros(),
            floors / 10,
            floors % 10,
        );
        let is_fast = it.half <= floor * LIMIT;
        if !is_fast {
            println!("FAIL  {}: more than {LIMIT} floors", it.act);
        }
        holds &= is_fast;
    }
    if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What an act cannot be faster than.
struct Floor {
    database: DatabaseConnection,
}

impl Floor {
    async fn of(&self, act: &Measured) -> Duration {
        let rows = usize::try_from(act.rows.div_ceil(100)).unwrap_or_default();
        bare_call(&act.answer).await + self.transaction(rows, &act.answer).await
    }

    /// One transaction that writes so many rows; one that looks at a row if the act writes none.
    async fn transaction(&self, rows: usize, body: &[u8]) -> Duration {
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            let begun = Instant::now();
            let tx = self.database.begin().await.expect("begun");
            let sql = match rows {
                0 => "SELECT body FROM floor LIMIT 1",
                _ => "INSERT INTO floor (body) VALUES ($1)",
            };
            for _ in 0..rows.max(1) {
                let values = (rows > 0).then(|| body.to_vec().into());
                let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
                tx.execute_raw(statement).await.expect(sql);
            }
            tx.commit().await.expect("committed");
            times.push(begun.elapsed());
        }
        half(times)
    }
}

/// A call of a tonic server that does nothing but say `answer`.
async fn bare_call(answer: &[u8]) -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let said = Said::of(answer.to_vec());
    let served = Server::builder()
        .add_service(said)
        .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)));
    let served = tokio::spawn(served);
    let bare = Gateway::to(&url);
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let begun = Instant::now();
        bare.call_empty("/yuhui.bench.Bytes/Say")
            .await
            .expect("an answer");
        times.push(begun.elapsed());
    }
    served.abort();
    half(times)
}

fn half(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
