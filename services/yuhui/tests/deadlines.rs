//! `yuhui deadlines`, and the same run by a system of its own accord.

use std::{
    path::Path,
    process::{Command, Output},
    sync::Arc,
    time::Duration,
};

use time::{Date, macros::date};
use tonic::{Request, metadata::MetadataValue};
use yuhui::stack::{Keys, Options, Pace, Stack, Storage, Wanted, rules};
use yuhui_kernel::{CitizenNumber, Tenant};
use yuhui_platform::{Clock, db::Synchronous, objects::Place, serve::Limits};
use yuhui_policy::PolicyPack;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        BankAccount, Claim, CreateCaseRequest, Document, ListOverdueRequest, LodgeCaseRequest,
        OverdueFlag, case_service_client::CaseServiceClient,
        deadline_service_client::DeadlineServiceClient,
    },
    identity::v1::{SignInRequest, identity_service_client::IdentityServiceClient},
    types::v1::Programme,
};
use yuhui_rehearsal::accounts::{self, Accounts};

const COUNTY: &str = "150203";
const PARENT: &str = "counties/150203";

fn village() -> String {
    let county = Tenant::parse(COUNTY).expect("a county");
    let village = accounts::first_village_of(county);
    village.expect("a village").to_string()
}

/// A system of one county on the data in `folder`.
async fn start(folder: &Path, today: Date) -> Stack {
    let rules = rules().expect("rules");
    let county = Tenant::parse(COUNTY).expect("a county");
    let mut seeds = Accounts::default();
    seeds.county(&rules, county);
    seeds.village(&rules, village().parse().expect("a village"));
    let gateway = yuhui_gateway::Config {
        password: yuhui_gateway::Cost::sandbox(),
        ..yuhui_gateway::Config::default()
    };
    let options = Options {
        keys: Keys::below(folder),
        wanted: Wanted::Development,
        documents: Some(Place::beside(folder)),
        storage: Storage::Files {
            folder: folder.to_owned(),
            synchronous: Synchronous::Normal,
            min_free: None,
        },
        redis: None,
        clock: Clock::sandbox(today),
        pack: Arc::new(PolicyPack::baotou().clone()),
        gateway,
        internal: Limits::internal(),
        pace: Pace::default(),
        accounts: seeds.into_list(),
    };
    Stack::start(options, None).await.expect("a system")
}

/// `ask` with the token of the holder of `role` in `unit`.
async fn by<T>(stack: &Stack, role: Role, unit: &str, ask: T) -> Request<T> {
    let sign_in = SignInRequest {
        login: accounts::login(role, unit),
        password: accounts::PASSWORD.into(),
        ..SignInRequest::default()
    };
    let signed_in = IdentityServiceClient::new(stack.gateway())
        .sign_in(sign_in)
        .await
        .expect("signed in");
    let tokens = signed_in.into_inner().tokens.expect("tokens");
    let bearer = format!("Bearer {}", tokens.access_token);
    let bearer = MetadataValue::try_from(bearer).expect("a header");
    let mut request = Request::new(ask);
    request.metadata_mut().insert("authorization", bearer);
    request
}

fn number(born_on: &str, serial: u32) -> String {
    let body = format!("150299{born_on}{serial:03}");
    let check = CitizenNumber::compute_check(&body).expect("17 digits");
    format!("{body}{check}")
}

fn claim() -> Claim {
    Claim {
        programme: Programme::P1.into(),
        claimant_number: number("19950203", 2),
        child_number: number("20240615", 3),
        claimant_name: "某女".into(),
        village: village(),
        account: Some(BankAccount {
            holder_name: "某女".into(),
            account_number: "6217000010001234569".into(),
            bank_name: "包头农商银行".into(),
            corporate: false,
        }),
        documents: vec![Document {
            kind: "MARRIAGE_CERTIFICATE".into(),
            ..Document::default()
        }],
        truth_signed: true,
        ..Claim::default()
    }
}

/// A claim that the village lets lie.
async fn lodge(stack: &Stack) -> String {
    let ask = CreateCaseRequest {
        parent: PARENT.into(),
        claim: Some(claim()),
        request_id: "create".into(),
    };
    let ask = by(stack, Role::VillageClerk, &village(), ask).await;
    let created = CaseServiceClient::new(stack.gateway())
        .create_case(ask)
        .await;
    let name = created
        .expect("created")
        .into_inner()
        .case
        .expect("a case")
        .name;
    let ask = LodgeCaseRequest {
        name: name.clone(),
        request_id: "lodge".into(),
        ..LodgeCaseRequest::default()
    };
    let ask = by(stack, Role::VillageClerk, &village(), ask).await;
    let lodged = CaseServiceClient::new(stack.gateway())
        .lodge_case(ask)
        .await;
    lodged.expect("lodged");
    name
}

/// What the county sees.
async fn seen(stack: &Stack) -> Vec<OverdueFlag> {
    let ask = ListOverdueRequest {
        parent: PARENT.into(),
        ..ListOverdueRequest::default()
    };
    let ask = by(stack, Role::CountyHealthReviewer, COUNTY, ask).await;
    let listed = DeadlineServiceClient::new(stack.gateway())
        .list_overdue(ask)
        .await;
    listed.expect("a list").into_inner().flags
}

fn deadlines(data: &Path, on: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yuhui"))
        .args(["deadlines", "--on", on, "--county", COUNTY, "--data"])
        .arg(data)
        .output()
        .expect("the executable runs")
}

fn printed(done: &Output) -> String {
    assert!(done.status.success(), "{done:?}");
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[tokio::test]
async fn what_a_village_lets_lie_is_flagged_once_by_command_and_by_the_system_itself() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path();
    let stack = start(data, date!(2025 - 03 - 10)).await;
    let case = lodge(&stack).await;
    stack.stop().await;

    let nothing = printed(&deadlines(data, "2025-04-30"));
    assert!(nothing.contains("0 flagged"), "{nothing}");
    let flagged = printed(&deadlines(data, "2025-05-06"));
    assert!(flagged.contains("VILLAGE_REVIEW"), "{flagged}");
    assert!(flagged.contains(&case), "{flagged}");
    assert!(flagged.contains("told VILLAGE TOWNSHIP\n"), "{flagged}");
    assert!(flagged.contains("2025-05-06: 2 flagged"), "{flagged}");
    let again = printed(&deadlines(data, "2025-05-06"));
    assert!(again.contains("0 flagged"), "{again}");

    let stack = start(data, date!(2025 - 05 - 12)).await;
    let mut flags = seen(&stack).await;
    for _ in 0..100 {
        if !flags.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        flags = seen(&stack).await;
    }
    let steps: Vec<_> = flags
        .iter()
        .map(|it| (it.subject.as_str(), it.step))
        .collect();
    assert_eq!(steps, [(case.as_str(), 2)], "told after five working days");
    stack.stop().await;
}

#[test]
fn a_day_that_has_not_come_and_data_that_are_not_there_are_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let future = deadlines(folder.path(), "9999-01-04");
    assert!(!future.status.success());
    let told = String::from_utf8_lossy(&future.stderr).into_owned();
    assert!(told.contains("is after today"), "{told}");
    let missing = deadlines(folder.path(), "2025-05-06");
    assert!(!missing.status.success());
    let told = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(told.contains("is not there"), "{told}");
}
