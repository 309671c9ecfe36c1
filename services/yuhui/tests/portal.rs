//! What the public does at the gateway, with every service behind it: asks how a claim stands, objects, reads what is told
//! to everybody.

#[expect(dead_code, reason = "one file needs little of the town")]
mod town;

use time::macros::date;
use tonic::{Code, Request, Response};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        self as eligibility, case::State, case_service_client::CaseServiceClient,
        notice_service_client::NoticeServiceClient,
    },
    portal::v1::{
        self as pb, PublicStage, ReportKind, ReportState,
        chain_head_service_client::ChainHeadServiceClient,
        public_statistics_service_client::PublicStatisticsServiceClient,
        reference_service_client::ReferenceServiceClient,
        report_service_client::ReportServiceClient, status_service_client::StatusServiceClient,
    },
};

use town::{PARENT, ROUND, Town, at, call, key, refused};

/// `ask!(town, Client.method, request)`: the answer to somebody who has not signed in.
macro_rules! ask {
    ($town:expr, $client:ident . $method:ident, $ask:expr) => {{
        let mut client = $client::new($town.stack.gateway());
        let answer = client.$method(Request::new($ask)).await;
        answer.map(Response::into_inner)
    }};
}

#[tokio::test]
async fn a_claimant_follows_his_claim_and_a_neighbour_objects_to_it() {
    let town = Town::start(date!(2025 - 03 - 10)).await;
    let family = town.family(1).await;
    let case = town.lodge(&family).await;
    let issue = pb::IssueStatusCodeRequest {
        name: case.clone(),
        request_id: key(),
    };
    let issued = call!(
        town,
        at(Role::VillageClerk),
        StatusServiceClient.issue_status_code,
        issue
    );
    let issued = issued.expect("issued");
    let status = pb::GetStatusRequest {
        receipt_number: issued.receipt_number.clone(),
        code: issued.code.clone(),
    };
    let told = ask!(town, StatusServiceClient.get_status, status.clone());
    let told = told.expect("told").status.expect("a status");
    assert_eq!(told.stage(), PublicStage::InReview);

    let report = eligibility::ReportCaseRequest {
        name: case.clone(),
        agree: true,
        note: "入户核实".into(),
        request_id: key(),
        ..Default::default()
    };
    let clerk = || at(Role::VillageClerk);
    call!(town, clerk(), CaseServiceClient.report_case, report).expect("reported");
    let sign = eligibility::SignCaseRequest {
        etag: town.etag(&case).await,
        name: case.clone(),
        agree: true,
        request_id: key(),
        ..Default::default()
    };
    call!(
        town,
        at(Role::VillageHead),
        CaseServiceClient.sign_case,
        sign
    )
    .expect("signed");
    let post = eligibility::PostNoticeRequest {
        parent: PARENT.into(),
        request_id: key(),
        ..Default::default()
    };
    call!(town, clerk(), NoticeServiceClient.post_notice, post).expect("posted");

    let list = eligibility::ListNoticesRequest {
        parent: "counties/-".into(),
        ..Default::default()
    };
    let listed = ask!(town, NoticeServiceClient.list_notices, list).expect("listed");
    let name = listed.notices[0].name.clone();
    let get = eligibility::GetNoticeRequest { name: name.clone() };
    let notice = ask!(town, NoticeServiceClient.get_notice, get).expect("read");
    let notice = notice.notice.expect("a notice");
    assert_eq!(notice.lines[0].claimant, "某*");
    assert!(!format!("{notice:?}").contains("cases/"));

    let object = pb::SubmitReportRequest {
        parent: PARENT.into(),
        kind: ReportKind::Objection.into(),
        notice: name.clone(),
        line: 1,
        words: "该户长期不在本地居住".into(),
        request_id: key(),
        ..Default::default()
    };
    let report = ask!(town, ReportServiceClient.submit_report, object).expect("taken");
    let list = pb::ListReportsRequest {
        parent: PARENT.into(),
        ..Default::default()
    };
    let listed = call!(
        town,
        clerk(),
        ReportServiceClient.list_reports,
        list.clone()
    );
    let heard = listed.expect("listed").reports[0].clone();
    let inspector = at(Role::CountyDisciplineInspector);
    let seen = call!(town, inspector, ReportServiceClient.list_reports, list);
    assert_eq!(seen.expect("listed").reports[0], heard);
    let admit = pb::AdmitReportRequest {
        name: heard.name,
        request_id: key(),
    };
    call!(town, clerk(), ReportServiceClient.admit_report, admit).expect("taken up");
    assert_eq!(town.state(&case).await, State::Inquiry);
    let told = ask!(town, StatusServiceClient.get_status, status);
    let told = told.expect("told").status.expect("a status");
    assert_eq!(told.stage(), PublicStage::LookedInto);
    let track = pb::GetReportRequest {
        tracking_number: report.tracking_number,
        code: report.code,
    };
    let tracked = ask!(town, ReportServiceClient.get_report, track).expect("told");
    assert_eq!(tracked.report.expect("it").state(), ReportState::Admitted);

    let statistics = pb::GetPublicStatisticsRequest {
        parent: "counties/-".into(),
        round: ROUND,
    };
    let counted = ask!(
        town,
        PublicStatisticsServiceClient.get_public_statistics,
        statistics
    );
    let counted = counted.expect("counted").counts;
    assert_eq!((counted.len(), counted[0].total), (1, None), "one is few");
    let tables = pb::ListReferenceDataRequest::default();
    let tables = ask!(town, ReferenceServiceClient.list_reference_data, tables);
    assert!(tables.expect("tables").divisions.len() > 90);
    let heads = pb::ListChainHeadsRequest {
        parent: PARENT.into(),
    };
    let heads = ask!(town, ChainHeadServiceClient.list_chain_heads, heads);
    assert_eq!(heads.expect("heads").heads[0].hash.len(), 64);
}

#[tokio::test]
async fn who_guesses_at_codes_is_told_one_thing_and_then_to_wait() {
    let town = Town::start(date!(2025 - 03 - 10)).await;
    let guess = |number: &str| pb::GetStatusRequest {
        receipt_number: number.into(),
        code: "0000-0000".into(),
    };
    for number in ["150203P120250310AAAAAAAAAAAA", "x", "150299", "15020", "?"] {
        let told = ask!(town, StatusServiceClient.get_status, guess(number));
        let told = refused(told);
        assert_eq!(told, (Code::NotFound, "NO_SUCH_NUMBER_AND_CODE".into()));
    }
    let told = ask!(town, StatusServiceClient.get_status, guess("x"));
    assert_eq!(
        refused(told),
        (Code::ResourceExhausted, "TOO_MANY_MISSES".into())
    );
}
