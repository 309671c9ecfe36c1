//! How long the list of cases of a full county takes: `cargo bench -p yuhui-tests --bench search`, with how many cases it
//! has as an argument.
//!
//! On PostgreSQL where its programs are there (`YUHUI_TEST_PG_BIN`), on SQLite otherwise. Beside each read stands a
//! floor of the same run: of a page one of as many cases in the order of their names, of what goes through the county or
//! finds one case a bare call, and the bare statement that finds the same. Exits with 1 if one of a hundred calls takes
//! longer than what a page of the console may take, or the middle one more floors than it may.

#[expect(dead_code, reason = "the tests use what is not used here")]
#[path = "../harness/mod.rs"]
mod harness;
#[expect(
    dead_code,
    unused_imports,
    reason = "the other benchmarks use what is not used here"
)]
mod many;

use std::{
    env,
    process::ExitCode,
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait as _, Statement};
use time::macros::date;
use yuhui_kernel::dates;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        CaseFilter, CaseFlag, CaseOrder, CountCasesRequest, GetCaseRequest, ListCasesRequest,
        ListCasesResponse, PendingProposal, case::State, case_service_client::CaseServiceClient,
        statistics_service_client::StatisticsServiceClient,
    },
    types::v1::Decision,
};

use harness::gateway::Gateway;
use many::{Many, ROUND, family::Family};

/// Cases of the county, unless said otherwise.
const CASES: u32 = 40_000;
/// How often each read is timed.
const TIMES: usize = 300;
/// What one of a hundred calls may take: a page of the console is answered in that (CONSOLE 1.10).
const GOAL: Duration = Duration::from_millis(100);
/// What the middle call may take, in floors.
const LIMIT: u32 = 4;
/// A township in which few of the rare ones are.
const RARE_UNIT: &str = "150203007";
/// Whose cases are looked for.
const SOUGHT: u32 = 77;

/// What is timed.
struct Row {
    name: &'static str,
    half: Duration,
    most: Duration,
    floor: Duration,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cases = env::args().find_map(|it| it.parse().ok()).unwrap_or(CASES);
    let mut many = Many::start().await;
    many.fill(cases).await;
    spread(&many).await;
    many.vacuumed("case_list").await;
    let desk = many.desk(Role::CountyHealthReviewer).await;
    let clerk = many.desk(Role::VillageClerk).await;
    let all = CaseFilter::default();
    let page = timed(async || drop(list(&many, &desk, &all, CaseOrder::Name, "").await)).await;
    let page = row("by name", page, Duration::ZERO).half;
    let call = row("a case", bare(&many, &desk).await, Duration::ZERO).half;
    let rarely = call + statement(&many, &rare_ids(&many)).await;
    let counted = call + statement(&many, &counts(&many)).await;

    let rare = CaseFilter {
        states: vec![State::CReview.into()],
        proposals: vec![PendingProposal::Rejection.into()],
        units: vec![RARE_UNIT.into()],
        ..all.clone()
    };
    let overdue = CaseFilter {
        flags: vec![CaseFlag::Overdue.into()],
        decisions: vec![Decision::Pay.into()],
        ..all.clone()
    };
    let text = |text: String| CaseFilter {
        text,
        ..all.clone()
    };
    let family = Family::of(SOUGHT);
    let own = list(
        &many,
        &desk,
        &text(family.mother.number.clone()),
        CaseOrder::Name,
        "",
    )
    .await;
    let receipt = own.cases.first().expect("a case").receipt_number.clone();
    let late = late(&many, &desk).await;
    let found = call * 2;
    let mut measured = Vec::new();
    for (name, office, filter, order, token, floor) in [
        ("newest", &desk, all.clone(), CaseOrder::Newest, "", page),
        (
            "due, late page",
            &desk,
            all.clone(),
            CaseOrder::Due,
            &*late,
            page,
        ),
        ("lodged", &desk, all.clone(), CaseOrder::Lodged, "", page),
        (
            "overdue and payable",
            &desk,
            overdue,
            CaseOrder::Due,
            "",
            page,
        ),
        (
            "three filters, rare",
            &desk,
            rare,
            CaseOrder::Newest,
            "",
            rarely,
        ),
        (
            "own village",
            &clerk,
            all.clone(),
            CaseOrder::Newest,
            "",
            page,
        ),
        (
            "by number",
            &desk,
            text(family.mother.number),
            CaseOrder::Newest,
            "",
            found,
        ),
        (
            "by receipt",
            &desk,
            text(receipt),
            CaseOrder::Newest,
            "",
            found,
        ),
        (
            "by name of a person",
            &desk,
            text(family.mother.name),
            CaseOrder::Newest,
            "",
            found,
        ),
    ] {
        let times = timed(async || {
            let page = list(&many, office, &filter, order, token).await;
            assert!(!page.cases.is_empty(), "{name}");
        });
        measured.push(row(name, times.await, floor));
    }
    let times = timed(async || {
        let ask = CountCasesRequest {
            parent: many.parent(),
            round: ROUND,
            ..CountCasesRequest::default()
        };
        let mut client = StatisticsServiceClient::new(desk.call());
        client.count_cases(ask).await.expect("counted");
    });
    measured.push(row("counts", times.await, counted));
    println!("{cases} cases\n");
    println!("read                           p50        p99      floor  floors");
    match measured.iter().filter(|it| !it.holds()).count() {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

impl Row {
    /// Prints it; answers whether it is within its limits.
    fn holds(&self) -> bool {
        let floors = self.half.as_micros() * 10 / self.floor.as_micros().max(1);
        println!(
            "{:<24} {:>7} µs {:>7} µs {:>7} µs  {:>4}.{}",
            self.name,
            self.half.as_micros(),
            self.most.as_micros(),
            self.floor.as_micros(),
            floors / 10,
            floors % 10,
        );
        if self.most >= GOAL {
            println!(
                "FAIL  {}: one of a hundred takes {GOAL:?} or more",
                self.name
            );
        }
        if self.half > self.floor * LIMIT {
            println!("FAIL  {}: more than {LIMIT} floors", self.name);
        }
        self.most < GOAL && self.half <= self.floor * LIMIT
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
async fn bare(many: &Many, desk: &Gateway) -> Vec<Duration> {
    let name = many.a_case().await;
    timed(async || {
        let ask = GetCaseRequest { name: name.clone() };
        let mut client = CaseServiceClient::new(desk.call());
        client.get_case(ask).await.expect("a case");
    })
    .await
}

async fn statement(many: &Many, sql: &str) -> Duration {
    let tx = many.database().read(many.county).await.expect("read");
    let times = timed(async || {
        let statement = Statement::from_string(tx.get_database_backend(), sql);
        tx.query_all_raw(statement).await.expect(sql);
    });
    row("a statement", times.await, Duration::ZERO).half
}

fn rare_ids(many: &Many) -> String {
    format!(
        "SELECT changed_at, id FROM case_list WHERE tenant = '{}' AND state IN ('C_REVIEW')
         AND proposal IN ('REJECTION') AND unit LIKE '{RARE_UNIT}%'
         ORDER BY changed_at DESC, id DESC LIMIT 51",
        many.county
    )
}

fn counts(many: &Many) -> String {
    format!(
        "SELECT programme, state, count(*) FROM case_list WHERE tenant = '{}' AND round = {ROUND}
         GROUP BY programme, state",
        many.county
    )
}

async fn list(
    many: &Many,
    desk: &Gateway,
    filter: &CaseFilter,
    order: CaseOrder,
    page_token: &str,
) -> ListCasesResponse {
    let ask = ListCasesRequest {
        parent: many.parent(),
        page_size: 50,
        page_token: page_token.into(),
        filter: Some(filter.clone()),
        order: order.into(),
    };
    let mut client = CaseServiceClient::new(desk.call());
    client.list_cases(ask).await.expect("a page").into_inner()
}

/// Where the list by the day is half over.
async fn late(many: &Many, desk: &Gateway) -> String {
    let mut page_token = String::new();
    for _ in 0..20 {
        let ask = ListCasesRequest {
            parent: many.parent(),
            page_size: 1_000,
            page_token: page_token.clone(),
            filter: Some(CaseFilter::default()),
            order: CaseOrder::Due.into(),
        };
        let mut client = CaseServiceClient::new(desk.call());
        let page = client.list_cases(ask).await.expect("a page").into_inner();
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    page_token
}

/// Spreads the cases over a county in the middle of its year: states, villages, days, and of four hundred one that waits
/// for a checker. By numbers that have no part in common. Every two-hundredth stays in its village.
async fn spread(many: &Many) {
    let tx = many.database().begin(many.county).await.expect("begun");
    let backend = tx.get_database_backend();
    let ids = format!(
        "SELECT id FROM case_list WHERE tenant = '{}' ORDER BY id",
        many.county
    );
    let ids = tx.query_all_raw(Statement::from_string(backend, ids)).await;
    for (case, row) in ids.expect("cases").iter().enumerate() {
        let id: String = row.try_get("", "id").expect("an id");
        let village = match case % 200 {
            0 => many.village().to_string(),
            _ => format!("150203{:03}{:03}", 1 + case * 13 % 17, 1 + case % 11),
        };
        let day = time::Duration::days((case * 7 % 120).try_into().expect("small"));
        let day = dates::format(date!(2025 - 05 - 01) + day);
        let state = ["C_REVIEW", "V_REVIEW", "PAID"][case % 3];
        let decision = if case % 50 == 49 { "WAIT" } else { "PAY" };
        let proposal = if case.is_multiple_of(400) {
            "REJECTION"
        } else {
            ""
        };
        let update = format!(
            "UPDATE case_list SET unit = '{village}', rank_on = '{day}', lodged_on = '{day}',
             state = '{state}', decision = '{decision}', proposal = '{proposal}',
             changed_at = changed_at + {case} WHERE tenant = '{}' AND id = '{id}'",
            many.county
        );
        tx.execute_unprepared(&update).await.expect("spread");
    }
    tx.commit().await.expect("committed");
}
