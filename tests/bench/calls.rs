//! What a call through the gateway costs beside bare tonic: `cargo bench -p yuhui-tests --bench calls`.
//!
//! The measure is a tonic server in a process of its own that says the same answers and does
//! nothing else. The two take turns, so that both meet the same machine, and the same clients call
//! them. Exits with 1 if a limit is exceeded.

#[expect(dead_code, reason = "the tests use what is not used here")]
#[path = "../harness/mod.rs"]
mod harness;
#[path = "said.rs"]
mod said;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use prost::Message;
use tokio::{net::TcpStream, task::JoinSet};
use tonic::{Status, transport::Server};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        ListCasesRequest, ListCasesResponse, case_service_client::CaseServiceClient,
    },
    identity::v1::{
        GetSessionRequest, GetSessionResponse, identity_service_client::IdentityServiceClient,
    },
};

use harness::{
    cases,
    gateway::Gateway,
    people,
    system::{System, free_address},
};
use said::Said;

/// Calls at once, and the connections they share.
const IN_FLIGHT: usize = 64;
const CONNECTIONS: usize = 4;
/// How often, and how long each, a server is called.
const TURNS: u32 = 4;
const TURN: Duration = Duration::from_secs(3);
/// Cases of the page.
const PAGE: u32 = 50;
/// What a call may take more than a bare one, one at a time.
const ADDED: Duration = Duration::from_micros(200);
/// What is called, and its least rate in thousandths of the bare one.
const CALLS: [(Call, u64); 2] = [(Call::Session, 450), (Call::Page, 250)];

/// What is called.
#[derive(Clone, Copy, Debug)]
enum Call {
    /// The gateway answers it itself.
    Session,
    /// Cases, from the service behind it.
    Page,
}

/// Serves the answers that lie in `folder`.
async fn serve_bare(folder: &Path, address: &str) {
    fn said<M: Message + Default>(path: PathBuf) -> Said<M> {
        let bytes = fs::read(path).expect("an answer");
        Said::of(M::decode(&*bytes).expect("an answer"))
    }
    Server::builder()
        .add_service(said::<GetSessionResponse>(folder.join("session")))
        .add_service(said::<ListCasesResponse>(folder.join("page")))
        .serve(address.parse().expect("an address"))
        .await
        .expect("served");
}

/// The bare server; it dies with this value.
struct Bare(Child, String);

impl Bare {
    async fn start(folder: &Path) -> Self {
        let address = free_address();
        let child = Command::new(env::current_exe().expect("this program"))
            .arg("--bare")
            .args([folder.as_os_str(), address.as_ref()])
            .stdin(Stdio::null())
            .spawn()
            .expect("a process");
        while TcpStream::connect(&address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self(child, format!("http://{address}"))
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// Who calls a server.
#[derive(Clone)]
struct Clients {
    gateways: Vec<Gateway>,
    parent: String,
}

impl Clients {
    fn of(url: &str, token: &str, parent: &str) -> Self {
        let gateways = (0..CONNECTIONS).map(|_| Gateway::to(url).with_token(token));
        Self {
            gateways: gateways.collect(),
            parent: parent.to_owned(),
        }
    }

    async fn call(&self, at: usize, call: Call) -> Result<(), Status> {
        let gateway = &self.gateways[at % CONNECTIONS];
        match call {
            Call::Session => {
                let mut client = IdentityServiceClient::new(gateway.call());
                client.get_session(GetSessionRequest {}).await?;
            }
            Call::Page => {
                let mut client = CaseServiceClient::new(gateway.call());
                client.list_cases(page(&self.parent)).await?;
            }
        }
        Ok(())
    }

    /// Calls a second, with so many in flight.
    async fn rate(&self, call: Call) -> u64 {
        let until = Instant::now() + TURN;
        let mut callers = JoinSet::new();
        for at in 0..IN_FLIGHT {
            let clients = self.clone();
            callers.spawn(async move {
                let mut calls = 0_u64;
                while Instant::now() < until {
                    clients.call(at, call).await.expect("an answer");
                    calls += 1;
                }
                calls
            });
        }
        let calls: u64 = callers.join_all().await.into_iter().sum();
        calls / TURN.as_secs()
    }

    /// How long half of the calls take at most, one at a time.
    async fn time(&self, call: Call) -> Duration {
        let until = Instant::now() + TURN;
        let mut times = Vec::new();
        while Instant::now() < until {
            let begun = Instant::now();
            self.call(0, call).await.expect("an answer");
            times.push(begun.elapsed());
        }
        median(times)
    }
}

fn page(parent: &str) -> ListCasesRequest {
    ListCasesRequest {
        parent: parent.to_owned(),
        page_size: i32::try_from(PAGE).unwrap_or(i32::MAX),
        ..ListCasesRequest::default()
    }
}

fn median<T: Ord + Copy + Default>(mut all: Vec<T>) -> T {
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    if let [_, bare, folder, address] = &arguments[..]
        && bare == "--bare"
    {
        serve_bare(Path::new(folder), address).await;
        return ExitCode::SUCCESS;
    }
    let folder = tempfile::tempdir().expect("folder");
    let unhurried = [("YUHUI__RATE__PER_ACCOUNT", "1000000")];
    let system = System::start_in(&folder.path().join("data"), &unhurried).await;
    let county = people::county("150203");
    let parent = format!("counties/{county}");
    let village = people::village_of(county);
    let login = people::login(Role::VillageClerk, village);
    let tokens = Gateway::to(&system.url)
        .tokens(&login)
        .await
        .expect("signed in");
    let token = tokens.access_token;
    let clerk = Gateway::to(&system.url).with_token(&token);
    let mut client = CaseServiceClient::new(clerk.call());
    for family in 0..PAGE {
        let ask = cases::create(county, cases::claim(village, family));
        client.create_case(ask).await.expect("a draft");
    }
    let shown = client.list_cases(page(&parent)).await.expect("a page");
    let mut identity = IdentityServiceClient::new(clerk.call());
    let session = identity.get_session(GetSessionRequest {}).await;
    let session = session.expect("a session").into_inner();
    for (name, bytes) in [
        ("session", session.encode_to_vec()),
        ("page", shown.into_inner().encode_to_vec()),
    ] {
        fs::write(folder.path().join(name), bytes).expect("an answer");
    }
    let bare = Bare::start(folder.path()).await;
    let bare = (Clients::of(&bare.1, &token, &parent), bare);
    let yuhui = Clients::of(&system.url, &token, &parent);

    println!("call       calls/s  bare calls/s      p50  bare p50");
    let mut holds = true;
    for (call, least) in CALLS {
        yuhui.rate(call).await;
        let (mut rates, mut bare_rates) = (Vec::new(), Vec::new());
        let (mut times, mut bare_times) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            bare_rates.push(bare.0.rate(call).await);
            rates.push(yuhui.rate(call).await);
            bare_times.push(bare.0.time(call).await);
            times.push(yuhui.time(call).await);
        }
        let (rate, bare_rate) = (median(rates), median(bare_rates));
        let (time, bare_time) = (median(times), median(bare_times));
        let name = format!("{call:?}").to_lowercase();
        let (us, bare_us) = (time.as_micros(), bare_time.as_micros());
        println!("{name:<8} {rate:>9}  {bare_rate:>12}  {us:>4} µs  {bare_us:>5} µs");
        let share = rate * 1_000 / bare_rate.max(1);
        holds &= told(
            share >= least,
            &format!("{name}: {share} ‰ of the rate of bare tonic, at least {least} ‰"),
        );
        let added = time.saturating_sub(bare_time);
        holds &= told(
            added <= ADDED,
            &format!(
                "{name}: {} µs more than a bare call, at most {} µs",
                added.as_micros(),
                ADDED.as_micros()
            ),
        );
    }
    if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn told(holds: bool, what: &str) -> bool {
    println!("{}  {what}", if holds { "pass" } else { "FAIL" });
    holds
}
