//! How long the work queue of a full county takes: `cargo bench -p yuhui-tests --bench queue`, with how many
//! items wait for one caller as an argument.
//!
//! Five times as many items are in the county as wait for its reviewer, whose pages, rare filters and counts are
//! timed. On PostgreSQL where its programs are there (`YUHUI_TEST_PG_BIN`), on SQLite otherwise. Beside each read
//! stands a floor of the same run: of a page one of as many cases, of what goes through all that waits a bare
//! call and bare statements that find or count the same. Prints how the store goes about each. Exits with 1 if
//! one of a hundred calls takes longer than what a page of the console may take, or the middle one more floors
//! than it may.

#[expect(dead_code, reason = "the tests use what is not used here")]
#[path = "../harness/mod.rs"]
mod harness;
#[expect(
    dead_code,
    unused_imports,
    reason = "the other benchmarks use what is not used here"
)]
mod many;
#[path = "queue/rows.rs"]
mod rows;
#[path = "queue/statements.rs"]
mod statements;

use std::{
    env,
    process::ExitCode,
    time::{Duration, Instant},
};

use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{GetCaseRequest, ListCasesRequest, case_service_client::CaseServiceClient},
    operations::v1::{ListOperationsRequest, operation_service_client::OperationServiceClient},
    types::v1::Decision,
    work::v1::{
        CountWorkItemsRequest, ListWorkItemsRequest, WorkAct, WorkFilter, WorkFlag, WorkOrder,
        work_service_client::WorkServiceClient,
    },
};

use harness::gateway::Gateway;
use many::Many;
use statements::Reads;

/// Items that wait for the caller, unless said otherwise.
const WAITING: u32 = 40_000;
/// How often each read is timed.
const TIMES: usize = 300;
/// What one of a hundred calls may take: a page of the console is answered in that (CONSOLE 1.10).
const GOAL: Duration = Duration::from_millis(100);
/// Within which time the service sees that it is another day.
const LOOKS: Duration = Duration::from_secs(65);
/// What the middle call may take, in floors.
const LIMIT: u32 = 4;

/// What is timed.
struct Row {
    name: &'static str,
    half: Duration,
    most: Duration,
    floor: Duration,
}

#[tokio::main]
async fn main() -> ExitCode {
    let waiting = env::args()
        .find_map(|it| it.parse().ok())
        .unwrap_or(WAITING);
    let mut many = Many::start().await;
    many.fill(waiting).await;
    arranged(&many).await;
    rows::spread(&many).await;
    many.vacuumed("work_items").await;
    let desk = many.desk(Role::CountyHealthReviewer).await;
    let floors = Reads::of(&many).await;
    let call = bare_call(&many, &desk).await;
    let page = cases(&many, &desk).await;

    let all = WorkFilter::default();
    let rare = WorkFilter {
        acts: vec![WorkAct::ReportInquiry.into()],
        decisions: vec![Decision::Wait.into()],
        units: vec![rows::RARE_UNIT.into()],
        ..WorkFilter::default()
    };
    let flagged = WorkFilter {
        flags: vec![WorkFlag::Contradicted.into()],
        ..WorkFilter::default()
    };
    let (rarely, counted) = (call + floors.rare, call + floors.counts);
    let late = late(&many, &desk).await;
    let mut measured = Vec::new();
    for (name, filter, order, token, floor) in [
        ("first page", &all, WorkOrder::Due, "", page),
        ("late page", &all, WorkOrder::Due, &*late, page),
        ("newest", &all, WorkOrder::Newest, "", page),
        ("three filters, rare", &rare, WorkOrder::Due, "", rarely),
        (
            "one flag, rare",
            &flagged,
            WorkOrder::Due,
            "",
            rarely + page,
        ),
    ] {
        let times = timed(async || {
            let page = list(&many, &desk, filter, order, token).await;
            assert!(!page.items.is_empty(), "{name}");
        });
        measured.push(row(name, times.await, floor));
    }
    for (name, filter) in [("counts, facets", &all), ("counts of a rare filter", &rare)] {
        let ask = CountWorkItemsRequest {
            parent: many.parent(),
            filter: Some(filter.clone()),
        };
        let times = timed(async || {
            let mut client = WorkServiceClient::new(desk.call());
            client.count_work_items(ask.clone()).await.expect(name);
        });
        measured.push(row(name, times.await, counted));
    }

    println!("{waiting} wait for the caller\n");
    println!("read                           p50        p99      floor  floors");
    let mut holds = floors.go_by_indexes;
    for it in measured {
        let floors = it.half.as_micros() * 10 / it.floor.as_micros().max(1);
        println!(
            "{:<24} {:>7} µs {:>7} µs {:>7} µs  {:>4}.{}",
            it.name,
            it.half.as_micros(),
            it.most.as_micros(),
            it.floor.as_micros(),
            floors / 10,
            floors % 10,
        );
        if it.most >= GOAL {
            println!("FAIL  {}: one of a hundred takes {GOAL:?} or more", it.name);
            holds = false;
        }
        if it.half > it.floor * LIMIT {
            println!("FAIL  {}: more than {LIMIT} floors", it.name);
            holds = false;
        }
    }
    if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn row(name: &'static str, mut times: Vec<Duration>, floor: Duration) -> Row {
    times.sort_unstable();
    let at = |hundredths: usize| times.get(times.len() * hundredths / 100).copied();
    Row {
        name,
        half: at(50).unwrap_or_default(),
        most: at(99).unwrap_or_default(),
        floor,
    }
}

async fn timed(mut read: impl AsyncFnMut()) -> Vec<Duration> {
    // What is read for the first time is no measure.
    read().await;
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let begun = Instant::now();
        read().await;
        times.push(begun.elapsed());
    }
    times
}

/// One case, by its key: what a call takes besides what it reads.
async fn bare_call(many: &Many, desk: &Gateway) -> Duration {
    let name = many.a_case().await;
    let times = timed(async || {
        let ask = GetCaseRequest { name: name.clone() };
        let mut client = CaseServiceClient::new(desk.call());
        client.get_case(ask).await.expect("a case");
    });
    row("a case", times.await, Duration::ZERO).half
}

/// A page of as many cases.
async fn cases(many: &Many, desk: &Gateway) -> Duration {
    let times = timed(async || {
        let ask = ListCasesRequest {
            parent: many.parent(),
            ..ListCasesRequest::default()
        };
        let mut client = CaseServiceClient::new(desk.call());
        client.list_cases(ask).await.expect("a page");
    });
    row("a page of cases", times.await, Duration::ZERO).half
}

/// Waits until the service has looked whether all is in the queue: from then on it leaves it alone on that day,
/// whatever is written beside it.
async fn arranged(many: &Many) {
    tokio::time::sleep(LOOKS).await;
    let registrar = many.desk(Role::CityHealthRegistrar).await;
    let ask = ListOperationsRequest {
        parent: format!("{}/services/eligibility", many.parent()),
        unfinished: true,
        ..ListOperationsRequest::default()
    };
    loop {
        let mut client = OperationServiceClient::new(registrar.call());
        let found = client.list_operations(ask.clone()).await.expect("a list");
        if found.into_inner().operations.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn list(
    many: &Many,
    desk: &Gateway,
    filter: &WorkFilter,
    order: WorkOrder,
    page_token: &str,
) -> yuhui_proto::work::v1::ListWorkItemsResponse {
    let ask = ListWorkItemsRequest {
        parent: many.parent(),
        filter: Some(filter.clone()),
        order: order.into(),
        page_token: page_token.into(),
        ..ListWorkItemsRequest::default()
    };
    let mut client = WorkServiceClient::new(desk.call());
    client
        .list_work_items(ask)
        .await
        .expect("a page")
        .into_inner()
}

/// Where the list is half over.
async fn late(many: &Many, desk: &Gateway) -> String {
    let mut token = String::new();
    for _ in 0..20 {
        let ask = ListWorkItemsRequest {
            parent: many.parent(),
            filter: Some(WorkFilter::default()),
            order: WorkOrder::Due.into(),
            page_size: 1_000,
            page_token: token.clone(),
        };
        let mut client = WorkServiceClient::new(desk.call());
        let page = client
            .list_work_items(ask)
            .await
            .expect("a page")
            .into_inner();
        if page.next_page_token.is_empty() {
            break;
        }
        token = page.next_page_token;
    }
    token
}
