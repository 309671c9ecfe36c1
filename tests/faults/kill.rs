//! `kill -9` under load: nothing acknowledged is lost, nothing is done twice,
//! the chains are whole and the books balance.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::task::JoinSet;
use yuhui_kernel::Tenant;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        GetCaseRequest, ListCasesRequest, ListTransitionsRequest,
        case_service_client::CaseServiceClient,
    },
    funding::v1::{
        GetTrialBalanceRequest, VerifyBookRequest, funding_service_client::FundingServiceClient,
        ledger_service_client::LedgerServiceClient,
    },
};

use super::load::{Budget, Notebook};
use crate::harness::{gateway::Gateway, people, program, system::System};

/// Counties whose village clerks are at work.
const COUNTIES: [&str; 4] = ["150203", "150204", "150205", "150206"];
/// Commands acknowledged before the blow, each time.
const BLOWS: [usize; 3] = [40, 97, 211];
/// Longest the load may take to come so far.
const PATIENCE: Duration = Duration::from_secs(120);
/// Account of the approved budget (批复指标, F.2).
const BUDGET_APPROVED: &str = "9001";

async fn at(system: &System, role: Role, unit: impl std::fmt::Display) -> Gateway {
    let login = people::login(role, unit);
    system.gateway().sign_in(&login).await.expect(&login)
}

async fn clerk_of(system: &System, county: Tenant) -> Gateway {
    at(system, Role::VillageClerk, people::village_of(county)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_under_load_loses_nothing_and_does_nothing_twice() {
    let folder = tempfile::tempdir().expect("folder");
    let counties = COUNTIES.map(people::county);
    let pulse = Arc::new(AtomicUsize::new(0));
    let book = |_| Notebook {
        pulse: pulse.clone(),
        ..Notebook::default()
    };
    let mut books = counties.map(book);
    let mut budget = Budget::default();

    for (round, blow) in BLOWS.into_iter().enumerate() {
        let system = System::start(folder.path()).await;
        // What does not end is ended with the test: this is how far it came.
        eprintln!("round {round}: load");
        let first = u32::try_from(round).expect("few") * 10_000;
        let mut work = JoinSet::new();
        for (place, county) in counties.into_iter().enumerate() {
            let clerk = clerk_of(&system, county).await;
            let book = std::mem::take(&mut books[place]);
            let first = first + u32::try_from(place).expect("few") * 1000;
            work.spawn(async move { (place, book.work(clerk, county, first).await) });
        }
        let maker = at(&system, Role::CountyFinanceMaker, counties[0].as_str()).await;
        let approver = at(&system, Role::CountyFinanceApprover, counties[0].as_str()).await;
        let finance = tokio::spawn(budget.work(maker, approver, counties[0]));

        let beaten = pulse.load(Ordering::Relaxed) + blow;
        let load = async {
            while pulse.load(Ordering::Relaxed) < beaten {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let load = tokio::time::timeout(PATIENCE, load).await;
        assert!(load.is_ok(), "no load: {}", system.said());
        system.kill();
        eprintln!("round {round}: killed");
        let rest = async { (work.join_all().await, finance.await.expect("finance")) };
        let rest = tokio::time::timeout(PATIENCE, rest).await;
        let (at_rest, finance) = rest.expect("clients notice that the system is gone");
        for (place, book) in at_rest {
            books[place] = book;
        }
        budget = finance;
        assert!(budget.approved_fen > 0, "no budget under load");

        eprintln!("round {round}: at rest");
        audit_verifies(folder.path());
        let system = System::start(folder.path()).await;
        eprintln!("round {round}: up again");
        for (county, book) in counties.into_iter().zip(&mut books) {
            everything_is_there(&clerk_of(&system, county).await, county, book).await;
        }
        the_books_balance(&system, counties[0], &mut budget).await;
        eprintln!("round {round}: all there");
        assert!(system.stop().success());
        audit_verifies(folder.path());
    }
}

/// Recomputes every chain and book out of the files.
pub(super) fn audit_verifies(data: &Path) {
    audit_verifies_with(data, &[]);
}

/// Recomputes every chain and book out of wherever `arguments` say they are.
pub(super) fn audit_verifies_with(data: &Path, arguments: &[&str]) {
    let data = data.to_str().expect("text");
    let ask = ["audit", "verify", "--data", data];
    let (status, output) = program::run(&[&ask[..], arguments].concat());
    assert_eq!(status, Some(0), "{output}");
}

/// What `book` says was acknowledged is there, and nothing else is.
pub(super) async fn everything_is_there(clerk: &Gateway, county: Tenant, book: &mut Notebook) {
    let mut client = CaseServiceClient::new(clerk.call());
    // The command that nobody answered may have happened or not; the same
    // command again settles it, whichever it was.
    if let Some(command) = book.unanswered.take() {
        let case = command.send(clerk).await.expect("answered at last");
        book.note(&case);
    }
    // What was acknowledged is there, and each command happened once.
    for (name, state) in &book.cases {
        let ask = GetCaseRequest { name: name.clone() };
        let case = client.get_case(ask).await.expect(name).into_inner();
        assert_eq!(case.case.expect("a case").state(), *state, "{name}");
        let ask = ListTransitionsRequest {
            parent: name.clone(),
            ..Default::default()
        };
        let steps = client.list_transitions(ask).await.expect(name).into_inner();
        assert_eq!(steps.transitions.len(), book.commands[name], "{name}");
    }
    // And nothing else is.
    let mut listed = 0;
    let mut page_token = String::new();
    loop {
        let ask = ListCasesRequest {
            parent: format!("counties/{}", county.as_str()),
            page_size: 1000,
            page_token,
            ..ListCasesRequest::default()
        };
        let page = client.list_cases(ask).await.expect("a page").into_inner();
        listed += page.cases.len();
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, book.cases.len(), "cases of {}", county.as_str());
}

async fn the_books_balance(system: &System, county: Tenant, budget: &mut Budget) {
    let approver = at(system, Role::CountyFinanceApprover, county.as_str()).await;
    if let Some((ask, amount_fen)) = budget.unanswered.take() {
        let mut funding = FundingServiceClient::new(approver.call());
        let approved = funding.approve_appropriation(ask).await;
        approved.expect("answered at last");
        budget.approved_fen += amount_fen;
    }
    let mut ledger = LedgerServiceClient::new(approver.call());
    let parent = format!("counties/{}", county.as_str());
    let ask = VerifyBookRequest {
        parent: parent.clone(),
    };
    let book = ledger.verify_book(ask).await.expect("a book").into_inner();
    assert!(book.whole, "{:?}", book.problems);
    let ask = GetTrialBalanceRequest { parent };
    let trial = ledger.get_trial_balance(ask).await.expect("a balance");
    let trial = trial.into_inner();
    assert_eq!(trial.debit_fen, trial.credit_fen);
    let approved = trial
        .balances
        .iter()
        .find(|it| it.account == BUDGET_APPROVED);
    let approved = approved.expect("the budget").balance_fen;
    assert_eq!(approved, budget.approved_fen);
}
