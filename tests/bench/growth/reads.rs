//! The reads, and the acts that read much.

use tonic::Status;
use yuhui_proto::{
    audit::v1::{ListEntriesRequest, VerifyChainRequest, audit_service_client::AuditServiceClient},
    authz::v1::Role,
    disbursement::v1::{
        ListPaymentLinesRequest, payment_line,
        payment_order_service_client::PaymentOrderServiceClient,
    },
    eligibility::v1::{
        CaseFilter, ForecastRoundRequest, GetCaseRequest, ListCasesRequest, ListDutiesRequest,
        ListOverdueRequest, ListRosterLinesRequest, ListRostersRequest, RunDeadlinesRequest,
        case::State, case_service_client::CaseServiceClient,
        deadline_service_client::DeadlineServiceClient,
        forecast_service_client::ForecastServiceClient, roster_service_client::RosterServiceClient,
    },
    funding::v1::{
        GetReconciliationRequest, GetTrialBalanceRequest, ListJournalsRequest, ListSharesRequest,
        VerifyBookRequest, funding_service_client::FundingServiceClient,
        ledger_service_client::LedgerServiceClient,
    },
};

use crate::{
    harness::{
        cases::{self, key},
        gateway::Gateway,
    },
    many::{Many, ROUND},
    sheet::{
        Growth::{Flat, Whole},
        Sheet,
    },
};

/// How often a page is timed, and what looks at everything.
const OFTEN: u32 = 21;
const SELDOM: u32 = 5;
/// Rows of a page that is timed, and of one that is only turned: few are a village's own.
const PAGE: i32 = 50;
const TURNED: i32 = 1_000;

/// Times the first page of a list and its last whole one.
async fn pages(
    sheet: &mut Sheet,
    names: [&'static str; 2],
    turned: i32,
    list: impl AsyncFn(i32, String) -> Result<(usize, String), Status>,
) {
    let mut late = String::new();
    loop {
        let (_, next) = list(turned, late.clone()).await.expect(names[1]);
        if next.is_empty() {
            break;
        }
        late = next;
    }
    for (name, token) in [(names[0], String::new()), (names[1], late)] {
        sheet
            .time(name, Flat, OFTEN, async || {
                list(PAGE, token.clone()).await.expect(name);
            })
            .await;
    }
}

/// Times everything at one step, of which `roster` is the last roster.
pub(crate) async fn time(many: &Many, roster: &str, step: u32, sheet: &mut Sheet) {
    case_reads(many, sheet).await;
    lodging(many, step, sheet).await;
    roster_reads(many, roster, sheet).await;
    audit_reads(many, sheet).await;
    money_reads(many, sheet).await;
    let clerk = many.desk(Role::CountyHealthReviewer).await;
    sheet
        .time("RunDeadlines", Whole, SELDOM, async || {
            let ask = RunDeadlinesRequest {
                parent: many.parent(),
                request_id: key(),
                ..RunDeadlinesRequest::default()
            };
            let mut client = DeadlineServiceClient::new(clerk.call());
            let run = client.run_deadlines(ask).await.expect("a run");
            many.ended(run.into_inner().operations.pop()).await;
        })
        .await;
    sheet
        .time("RunPrePaymentCheck, all cleared", Whole, 1, async || {
            many.check_again().await;
        })
        .await;
    sheet
        .time("ForecastRound", Whole, SELDOM, async || {
            let ask = ForecastRoundRequest {
                parent: many.parent(),
                round: ROUND + 1,
            };
            let mut client = ForecastServiceClient::new(clerk.call());
            client.forecast_round(ask).await.expect("a forecast");
        })
        .await;
}

async fn case_reads(many: &Many, sheet: &mut Sheet) {
    let reviewer = many.desk(Role::CountyHealthReviewer).await;
    let clerk = many.desk(Role::VillageClerk).await;
    let list = async |gateway: &Gateway,
                      states: &[State],
                      round: Option<i32>,
                      page_size: i32,
                      page_token: String| {
        let ask = ListCasesRequest {
            parent: many.parent(),
            page_size,
            page_token,
            filter: Some(CaseFilter {
                states: states.iter().map(|it| (*it).into()).collect(),
                rounds: round.into_iter().collect(),
                ..CaseFilter::default()
            }),
            ..ListCasesRequest::default()
        };
        let page = CaseServiceClient::new(gateway.call())
            .list_cases(ask)
            .await?;
        let page = page.into_inner();
        Ok::<_, Status>((page.cases.len(), page.next_page_token))
    };
    let names = ["ListCases, first page", "ListCases, late page"];
    let all = async |size: i32, token: String| list(&reviewer, &[], None, size, token).await;
    pages(sheet, names, TURNED, all).await;
    let names = [
        "ListCases of a village, first page",
        "ListCases of a village, late page",
    ];
    let own = async |size: i32, token: String| list(&clerk, &[], None, size, token).await;
    pages(sheet, names, PAGE, own).await;
    let names = [
        "ListCases in one state, first page",
        "ListCases in one state, late page",
    ];
    let funded =
        async |size: i32, token: String| list(&reviewer, &[State::Funded], None, size, token).await;
    pages(sheet, names, TURNED, funded).await;
    let names = [
        "ListCases in states of a round, first page",
        "ListCases in states of a round, late page",
    ];
    let states = [State::Funded, State::PayFailed, State::Hold];
    let waiting =
        async |size: i32, token: String| list(&reviewer, &states, Some(ROUND), size, token).await;
    pages(sheet, names, TURNED, waiting).await;
    let names = [
        "ListCases of a round, first page",
        "ListCases of a round, late page",
    ];
    let of_round =
        async |size: i32, token: String| list(&reviewer, &[], Some(ROUND), size, token).await;
    pages(sheet, names, TURNED, of_round).await;
    sheet
        .time(
            "ListCases in a state nobody is in",
            Flat,
            OFTEN,
            async || {
                let none = list(&reviewer, &[State::Inquiry], None, PAGE, String::new());
                none.await.expect("a page");
            },
        )
        .await;

    let claimant = many.desk(Role::Applicant).await;
    sheet
        .time("ListCases of a claimant", Flat, OFTEN, async || {
            let own = list(&claimant, &[], None, PAGE, String::new());
            own.await.expect("a page");
        })
        .await;

    let name = many.a_case().await;
    sheet
        .time("GetCase", Flat, OFTEN, async || {
            let ask = GetCaseRequest { name: name.clone() };
            let mut client = CaseServiceClient::new(reviewer.call());
            client.get_case(ask).await.expect("a case");
        })
        .await;
    sheet
        .time("ListDuties of the county", Flat, OFTEN, async || {
            let ask = ListDutiesRequest {
                parent: many.parent(),
                page_size: PAGE,
                ..ListDutiesRequest::default()
            };
            let mut client = DeadlineServiceClient::new(reviewer.call());
            client.list_duties(ask).await.expect("duties");
        })
        .await;
    let finance = many.desk(Role::CountyFinanceMaker).await;
    sheet
        .time("ListDuties of finance", Flat, OFTEN, async || {
            let ask = ListDutiesRequest {
                parent: many.parent(),
                page_size: PAGE,
                ..ListDutiesRequest::default()
            };
            let mut client = DeadlineServiceClient::new(finance.call());
            client.list_duties(ask).await.expect("duties");
        })
        .await;
    sheet
        .time("ListOverdue of the county", Flat, OFTEN, async || {
            let ask = ListOverdueRequest {
                parent: many.parent(),
                page_size: PAGE,
                ..ListOverdueRequest::default()
            };
            let mut client = DeadlineServiceClient::new(reviewer.call());
            client.list_overdue(ask).await.expect("flags");
        })
        .await;
}

/// A claim is held against all others in the city, and its account too.
async fn lodging(many: &Many, step: u32, sheet: &mut Sheet) {
    let clerk = many.desk(Role::VillageClerk).await;
    let mut client = CaseServiceClient::new(clerk.call());
    let mut serial = step * OFTEN;
    let mut drafts = Vec::new();
    sheet
        .time("CreateCase", Flat, OFTEN, async || {
            let ask = cases::create(many.county, cases::claim(many.village(), serial));
            let draft = client.create_case(ask).await.expect("a draft");
            drafts.push(draft.into_inner().case.expect("a case"));
            serial += 1;
        })
        .await;
    let mut drafts = drafts.iter();
    sheet
        .time("LodgeCase", Flat, OFTEN, async || {
            let draft = drafts.next().expect("a draft");
            client
                .lodge_case(cases::lodge(draft))
                .await
                .expect("lodged");
        })
        .await;
    let mut drafts = Vec::new();
    for again in 0..OFTEN {
        let claim = many.rival_claim(step * OFTEN + again);
        let draft = client.create_case(cases::create(many.county, claim)).await;
        drafts.push(draft.expect("a draft").into_inner().case.expect("a case"));
    }
    let mut drafts = drafts.iter();
    sheet
        .time(
            "LodgeCase for a child claimed for",
            Flat,
            OFTEN,
            async || {
                let draft = drafts.next().expect("a draft");
                client
                    .lodge_case(cases::lodge(draft))
                    .await
                    .expect("lodged");
            },
        )
        .await;
}

async fn roster_reads(many: &Many, roster: &str, sheet: &mut Sheet) {
    let reviewer = many.desk(Role::CountyHealthReviewer).await;
    sheet
        .time("ListRosters", Flat, OFTEN, async || {
            let ask = ListRostersRequest {
                parent: many.parent(),
                page_size: PAGE,
                ..ListRostersRequest::default()
            };
            let mut client = RosterServiceClient::new(reviewer.call());
            client.list_rosters(ask).await.expect("rosters");
        })
        .await;
    let names = ["ListRosterLines, first page", "ListRosterLines, late page"];
    let lines = async |page_size: i32, page_token: String| {
        let ask = ListRosterLinesRequest {
            parent: roster.to_owned(),
            page_size,
            page_token,
            ..ListRosterLinesRequest::default()
        };
        let mut client = RosterServiceClient::new(reviewer.call());
        let page = client.list_roster_lines(ask).await?.into_inner();
        Ok::<_, Status>((page.lines.len(), page.next_page_token))
    };
    pages(sheet, names, TURNED, lines).await;
}

async fn audit_reads(many: &Many, sheet: &mut Sheet) {
    let auditor = many.desk(Role::CountyAuditor).await;
    let list = async |object: String, page_size: i32, page_token: String| {
        let ask = ListEntriesRequest {
            parent: many.parent(),
            service: "eligibility".into(),
            object,
            page_size,
            page_token,
        };
        let mut client = AuditServiceClient::new(auditor.call());
        let page = client.list_entries(ask).await?.into_inner();
        Ok::<_, Status>((page.entries.len(), page.next_page_token))
    };
    sheet
        .time("ListEntries, first page", Flat, OFTEN, async || {
            let page = list(String::new(), PAGE, String::new()).await;
            page.expect("a page");
        })
        .await;
    let late = late_entries(sheet, &list).await;
    sheet
        .time("ListEntries, late page", Flat, OFTEN, async || {
            // As many as were told together when the place was looked for.
            let page = list(String::new(), 1, late.clone()).await;
            page.expect("a page");
        })
        .await;
    let object = many.a_case().await;
    sheet
        .time("ListEntries of one case", Flat, OFTEN, async || {
            let page = list(object.clone(), PAGE, String::new()).await;
            page.expect("a page");
        })
        .await;
    sheet
        .time("VerifyChain", Whole, SELDOM, async || {
            let mut ask = VerifyChainRequest {
                parent: many.parent(),
                service: "eligibility".into(),
                ..VerifyChainRequest::default()
            };
            let mut client = AuditServiceClient::new(auditor.call());
            loop {
                let found = client.verify_chain(ask.clone()).await.expect("verified");
                let found = found.into_inner();
                assert!(found.whole, "the chain");
                ask.page_token = found.next_page_token;
                if ask.page_token.is_empty() {
                    break;
                }
            }
        })
        .await;
}

/// Where the last page begins; the last that can be read, if an entry is too large to be told.
async fn late_entries(
    sheet: &mut Sheet,
    list: &impl AsyncFn(String, i32, String) -> Result<(usize, String), Status>,
) -> String {
    let (mut before, mut late, mut size) = (String::new(), String::new(), TURNED);
    loop {
        match list(String::new(), size, late.clone()).await {
            Ok((_, next)) if next.is_empty() => return late,
            Ok((_, next)) => before = std::mem::replace(&mut late, next),
            Err(_) if size > 1 => size /= 2,
            Err(status) => {
                let why = status.message();
                sheet.fail(format!("an entry of the record fits into no answer: {why}"));
                return before;
            }
        }
    }
}

async fn money_reads(many: &Many, sheet: &mut Sheet) {
    let finance = many.desk(Role::CountyFinanceMaker).await;
    sheet
        .time("ListShares", Flat, OFTEN, async || {
            let ask = ListSharesRequest {
                parent: many.parent(),
                round: ROUND,
            };
            let mut client = FundingServiceClient::new(finance.call());
            client.list_shares(ask).await.expect("shares");
        })
        .await;
    sheet
        .time("GetTrialBalance", Flat, OFTEN, async || {
            let ask = GetTrialBalanceRequest {
                parent: many.parent(),
            };
            let mut client = LedgerServiceClient::new(finance.call());
            client.get_trial_balance(ask).await.expect("balances");
        })
        .await;
    let names = ["ListJournals, first page", "ListJournals, late page"];
    let journals = async |page_size: i32, page_token: String| {
        let ask = ListJournalsRequest {
            parent: many.parent(),
            page_size,
            page_token,
        };
        let mut client = LedgerServiceClient::new(finance.call());
        let page = client.list_journals(ask).await?.into_inner();
        Ok::<_, Status>((page.journals.len(), page.next_page_token))
    };
    pages(sheet, names, TURNED, journals).await;
    sheet
        .time("GetReconciliation", Whole, SELDOM, async || {
            let ask = GetReconciliationRequest {
                parent: many.parent(),
                round: ROUND,
            };
            let mut client = LedgerServiceClient::new(finance.call());
            client.get_reconciliation(ask).await.expect("sums");
        })
        .await;
    sheet
        .time("VerifyBook", Whole, SELDOM, async || {
            let ask = VerifyBookRequest {
                parent: many.parent(),
            };
            let mut client = LedgerServiceClient::new(finance.call());
            let found = client.verify_book(ask).await.expect("verified");
            let found = found.into_inner();
            assert!(found.whole, "the book: {:?}", found.problems);
        })
        .await;
    for (names, round) in [
        (
            [
                "ListPaymentLines, first page",
                "ListPaymentLines, late page",
            ],
            0,
        ),
        (
            [
                "ListPaymentLines of a round, first page",
                "ListPaymentLines of a round, late page",
            ],
            ROUND,
        ),
    ] {
        let lines = async |page_size: i32, page_token: String| {
            let ask = ListPaymentLinesRequest {
                parent: many.parent(),
                page_size,
                page_token,
                round,
                ..ListPaymentLinesRequest::default()
            };
            let mut client = PaymentOrderServiceClient::new(finance.call());
            let page = client.list_payment_lines(ask).await?.into_inner();
            Ok::<_, Status>((page.lines.len(), page.next_page_token))
        };
        pages(sheet, names, TURNED, lines).await;
    }
    sheet
        .time(
            "ListPaymentLines in a state none is in",
            Flat,
            OFTEN,
            async || {
                let ask = ListPaymentLinesRequest {
                    parent: many.parent(),
                    page_size: PAGE,
                    round: ROUND,
                    states: vec![
                        payment_line::State::Returned.into(),
                        payment_line::State::Held.into(),
                    ],
                    ..ListPaymentLinesRequest::default()
                };
                let mut client = PaymentOrderServiceClient::new(finance.call());
                client.list_payment_lines(ask).await.expect("a page");
            },
        )
        .await;
}
