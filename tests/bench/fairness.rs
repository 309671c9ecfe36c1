//! Whether counties hurt each other: `cargo bench -p yuhui-tests --bench fairness`.
//!
//! One county reads and acts at its pace, now alone, now while another has a hundred times as many
//! officers who do the same. They pause after each answer, so that who is kept waiting does less.
//! What is compared is the time that 99 of 100 calls of the first stay under; its time alone is the
//! measure, as it moves with the machine. The two take turns, so that both meet the same machine. On
//! PostgreSQL where its programs are there (`YUHUI_TEST_PG_BIN`), on SQLite otherwise. Exits with 1
//! if a limit is exceeded.

#[expect(dead_code, reason = "the tests use what is not used here")]
#[path = "../harness/mod.rs"]
mod harness;

use std::{
    process::ExitCode,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use tokio::{runtime, task::JoinSet};
use tonic::Status;
use yuhui_kernel::Tenant;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{ListCasesRequest, case_service_client::CaseServiceClient},
};

use harness::{cases, cluster::Cluster, gateway::Gateway, people, system::System};

/// Pause between two reads of a county, and between two acts.
const READS: Duration = Duration::from_millis(100);
const ACTS: Duration = Duration::from_millis(300);
/// How many times as many officers the other county has.
const TIMES: u32 = 100;
/// How many times as much it must come to at least: it is held back, and that is what is measured.
const LEAST: usize = 30;
/// In which time its officers come to work, one after the other; and how long it is quiet after them.
const COMES: Duration = Duration::from_secs(1);
/// Of its officers, so many share a connection.
const SHARE: u32 = 10;
/// How often, and for how long each, the county is alone and is not.
const TURNS: u32 = 12;
const TURN: Duration = Duration::from_secs(8);
/// What a call may take beside the other county, in thousandths of what it takes alone.
const LIMIT: u128 = 1_100;

/// Number of the next family: no two have one child.
static FAMILY: AtomicU32 = AtomicU32::new(0);

/// Where one county's officers work.
#[derive(Clone)]
struct Office {
    county: Tenant,
    token: String,
    clerk: Gateway,
}

/// How long calls took, and what became of those that failed.
#[derive(Default)]
struct Seen {
    reads: Vec<Duration>,
    acts: Vec<Duration>,
    failed: Vec<Status>,
}

impl Seen {
    /// Calls that were answered.
    fn calls(&self) -> usize {
        self.reads.len() + self.acts.len()
    }

    fn add(&mut self, other: Self) {
        self.reads.extend(other.reads);
        self.acts.extend(other.acts);
        self.failed.extend(other.failed);
    }
}

impl Office {
    async fn open(url: &str, county: &str) -> Self {
        let county = people::county(county);
        let login = people::login(Role::VillageClerk, people::village_of(county));
        let tokens = Gateway::to(url).tokens(&login).await.expect("signed in");
        let token = tokens.access_token;
        let clerk = Gateway::to(url).with_token(&token);
        Self {
            county,
            token,
            clerk,
        }
    }

    /// The same officers over another connection.
    fn again(&self, url: &str) -> Self {
        Self {
            clerk: Gateway::to(url).with_token(&self.token),
            ..self.clone()
        }
    }

    /// One county's load: reads and acts, each at its pace.
    async fn work(&self, until: Instant) -> Seen {
        let reads = repeat(until, READS, || self.read());
        let acts = repeat(until, ACTS, || self.act());
        let ((reads, mut failed), (acts, others)) = tokio::join!(reads, acts);
        failed.extend(others);
        Seen {
            reads,
            acts,
            failed,
        }
    }

    async fn read(&self) -> Result<(), Status> {
        let ask = ListCasesRequest {
            parent: format!("counties/{}", self.county),
            page_size: 10,
            ..ListCasesRequest::default()
        };
        let mut client = CaseServiceClient::new(self.clerk.call());
        client.list_cases(ask).await.map(|_| ())
    }

    async fn act(&self) -> Result<(), Status> {
        let family = FAMILY.fetch_add(1, Ordering::Relaxed);
        let claim = cases::claim(people::village_of(self.county), family);
        let ask = cases::create(self.county, claim);
        let mut client = CaseServiceClient::new(self.clerk.call());
        client.create_case(ask).await.map(|_| ())
    }
}

/// Calls again and again; answers how long each took, and how each failed that did.
async fn repeat<F>(
    until: Instant,
    pause: Duration,
    call: impl Fn() -> F,
) -> (Vec<Duration>, Vec<Status>)
where
    F: Future<Output = Result<(), Status>>,
{
    let (mut times, mut failed) = (Vec::new(), Vec::new());
    while Instant::now() < until {
        let begun = Instant::now();
        match call().await {
            Ok(()) => times.push(begun.elapsed()),
            Err(status) => failed.push(status),
        }
        tokio::time::sleep(pause).await;
    }
    (times, failed)
}

/// A hundred counties' load in one county. On a thread of its own, so that whom it calls is all it
/// keeps up, and of the lowest priority: the machines of a county's officers are not the server's.
fn crowd(mut office: Office, url: String, until: Instant) -> thread::JoinHandle<Seen> {
    thread::spawn(move || {
        // Of this thread alone.
        rustix::process::nice(19).expect("a lower priority");
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let mut officers = JoinSet::new();
            for number in 0..TIMES {
                if number % SHARE == 0 {
                    office = office.again(&url);
                }
                let office = office.clone();
                officers.spawn(async move {
                    tokio::time::sleep(COMES * number / TIMES).await;
                    office.work(until).await
                });
            }
            let mut seen = Seen::default();
            for one in officers.join_all().await {
                seen.add(one);
            }
            seen
        })
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let folder = tempfile::tempdir().expect("folder");
    let cluster = Cluster::start(None);
    let arguments = cluster.as_ref().map(Cluster::arguments);
    let arguments: Vec<&str> = arguments.iter().flatten().map(String::as_str).collect();
    let system = System::start_with(folder.path(), &arguments).await;
    let store = cluster.as_ref().map_or("SQLite", |_| "PostgreSQL");
    let office = Office::open(&system.url, "150203").await;
    let other = Office::open(&system.url, "150204").await;
    // A connection to the database is slow at first: all that there will be are used before it counts.
    let until = Instant::now() + 3 * TURN;
    let warming = crowd(other.clone(), system.url.clone(), until);
    office.work(until).await;
    warming.join().expect("the other county");

    let (mut alone, mut beside, mut others) = (Seen::default(), Seen::default(), Seen::default());
    for _ in 0..TURNS {
        tokio::time::sleep(COMES).await;
        alone.add(office.work(Instant::now() + TURN).await);
        let until = Instant::now() + COMES + TURN;
        let crowd = crowd(other.clone(), system.url.clone(), until);
        tokio::time::sleep(COMES).await;
        beside.add(office.work(until).await);
        others.add(crowd.join().expect("the other county"));
    }

    println!("on {store}         calls        p50        p99");
    for (name, seen) in [
        ("alone", &mut alone),
        ("beside", &mut beside),
        ("other", &mut others),
    ] {
        for (kind, times) in [("reads", &mut seen.reads), ("acts", &mut seen.acts)] {
            times.sort_unstable();
            let (half, most) = (part(times, 50), part(times, 99));
            let calls = times.len();
            println!("{name:<6} {kind:<5}  {calls:>12}  {half:>6} µs  {most:>6} µs");
        }
        println!("{name:<6} refused {:>11}", seen.failed.len());
    }
    println!();
    let reads = within("reads", &beside.reads, &alone.reads);
    let acts = within("acts", &beside.acts, &alone.acts);
    let loaded = is_loaded(&others, &beside);
    let failed = alone.failed.iter().chain(&beside.failed).next();
    if let Some(status) = failed {
        println!("FAIL  a call of the county that does nothing unusual: {status}");
    }
    if reads && acts && loaded && failed.is_none() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The time in microseconds that so many of a hundred of `times`, which are sorted, stay under.
fn part(times: &[Duration], hundredths: usize) -> u128 {
    let at = times.len() * hundredths / 100;
    let time = times.get(at).or(times.last());
    time.map_or(0, Duration::as_micros)
}

/// Whether the other county did so much more that it could have been in the way.
fn is_loaded(others: &Seen, own: &Seen) -> bool {
    let times = others.calls() / own.calls().max(1);
    let holds = times >= LEAST && others.failed.is_empty();
    let verdict = if holds { "pass" } else { "FAIL" };
    println!(
        "{verdict}  the other county did {times} times as much, at least {LEAST}, none of it refused"
    );
    holds
}

/// Compares with the limit and says so.
fn within(what: &str, beside: &[Duration], alone: &[Duration]) -> bool {
    let share = part(beside, 99) * 1_000 / part(alone, 99).max(1);
    let holds = share <= LIMIT;
    let verdict = if holds { "pass" } else { "FAIL" };
    println!(
        "{verdict}  {what} beside a county of {TIMES} times as many officers: p99 is {share} ‰ of the one \
         alone, at most {LIMIT} ‰"
    );
    holds
}
