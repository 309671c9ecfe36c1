//! What acts cost the system.

use std::{fs, time::Duration};

use prost::Message;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};
use tokio::time::Instant;

/// Clock ticks of a second of processor time, as Linux tells it to processes.
const TICKS: u64 = 100;

/// Statements and rows written so far. `BEGIN`, `COMMIT` and the like are statements too.
const SO_FAR: &str = "SELECT COALESCE(SUM(calls), 0)::bigint AS statements,
    COALESCE(SUM(rows) FILTER (WHERE query ~* '^\\s*(INSERT|UPDATE)'), 0)::bigint AS rows
    FROM pg_stat_statements WHERE query !~ 'pg_stat_statements'";

/// Counts; without a system it counts nothing.
#[derive(Default)]
pub(crate) struct Meter {
    system: Option<(u32, DatabaseConnection)>,
    /// What was counted, in the order of the acts.
    pub(crate) acts: Vec<Measured>,
}

/// What one act cost, in the mean of many.
pub(crate) struct Measured {
    pub(crate) act: &'static str,
    /// Statements, and rows that they wrote, of a hundred acts.
    pub(crate) statements: u64,
    pub(crate) rows: u64,
    /// Processor time of the system without that of PostgreSQL.
    pub(crate) cpu: Duration,
    /// How long half of them took at most, and 99 of 100.
    pub(crate) half: Duration,
    pub(crate) most: Duration,
    /// What the last one answered.
    pub(crate) answer: Vec<u8>,
}

impl Meter {
    /// A meter of the system in `process`, whose statements that connection sees.
    pub(crate) fn of(process: u32, statements: DatabaseConnection) -> Self {
        Self {
            system: Some((process, statements)),
            acts: Vec::new(),
        }
    }

    /// Does `act` with each of `items`, one after the other.
    pub(crate) async fn each<T: Clone, R: Message>(
        &mut self,
        act: &'static str,
        items: &[T],
        call: impl AsyncFn(T) -> R,
    ) -> Vec<R> {
        let before = self.so_far().await;
        let (mut times, mut answers) = (Vec::new(), Vec::new());
        for item in items {
            let begun = Instant::now();
            let answer = call(item.clone()).await;
            times.push(begun.elapsed());
            answers.push(answer);
        }
        let after = self.so_far().await;
        if let (Some(before), Some(after)) = (before, after) {
            let many = u64::try_from(items.len()).unwrap_or(1).max(1);
            let cpu = Duration::from_secs(after.ticks - before.ticks)
                / u32::try_from(TICKS * many).unwrap_or(1);
            times.sort_unstable();
            let at = |share: usize| times.get(times.len() * share / 100).copied();
            self.acts.push(Measured {
                act,
                statements: (after.statements - before.statements) * 100 / many,
                rows: (after.rows - before.rows) * 100 / many,
                cpu,
                half: at(50).unwrap_or_default(),
                most: at(99).unwrap_or_default(),
                answer: answers
                    .last()
                    .map(Message::encode_to_vec)
                    .unwrap_or_default(),
            });
        }
        answers
    }

    async fn so_far(&self) -> Option<SoFar> {
        let (process, connection) = self.system.as_ref()?;
        let asked = Statement::from_string(DbBackend::Postgres, SO_FAR);
        let row = connection.query_one_raw(asked).await.expect(SO_FAR);
        let row = row.expect("a row");
        let count = |name| row.try_get::<i64>("", name).expect("a number");
        let count = |name| u64::try_from(count(name)).unwrap_or_default();
        Some(SoFar {
            statements: count("statements"),
            rows: count("rows"),
            ticks: ticks(*process),
        })
    }
}

struct SoFar {
    statements: u64,
    rows: u64,
    ticks: u64,
}

/// Processor time of a process so far, its own and the system's for it: fields 14 and 15 of its `stat`, of
/// which the second is a name that may hold spaces.
fn ticks(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("a process");
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let spent = fields.split_whitespace().skip(11).take(2);
    spent.filter_map(|it| it.parse::<u64>().ok()).sum()
}
