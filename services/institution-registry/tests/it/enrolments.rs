//! What an institution says of itself, and what the county makes of it.

use tonic::Code;
use yuhui_platform::refusal::reason_of;
use yuhui_proto::{authz::v1::Role, institution::v1 as pb};

use crate::harness::{COUNTY, OTHER, System, code, fields, fresh, stay};

const CHILD: &str = "U150012345";

async fn list(
    system: &System,
    institution: &pb::Institution,
    page_size: i32,
) -> Vec<pb::Enrolment> {
    let mut county = system.call(Role::CountyHealthReviewer, COUNTY);
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let ask = pb::ListEnrolmentsRequest {
            parent: institution.name.clone(),
            page_size,
            page_token,
        };
        let page = county
            .list_enrolments(ask)
            .await
            .expect("listed")
            .into_inner();
        all.extend(page.enrolments);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

#[tokio::test]
async fn an_institution_reports_for_itself_alone() {
    let system = System::start().await;
    let (one, two) = (
        system.nursery(COUNTY, &code(1)).await,
        system.nursery(COUNTY, &code(2)).await,
    );
    let stays = vec![stay(CHILD, "2024-03-01", "")];
    assert_eq!(system.report(&one, stays.clone()).await.expect("taken"), 1);
    let ask = pb::ReportEnrolmentsRequest {
        parent: one.name.clone(),
        enrolments: stays,
        request_id: fresh(),
    };
    let refused = system.own(&two).report_enrolments(ask.clone()).await;
    assert_eq!(refused.expect_err("not its own").code(), Code::NotFound);
    let mut county = system.call(Role::CountyHealthReviewer, COUNTY);
    let refused = county.report_enrolments(ask).await.expect_err("an office");
    assert_eq!(refused.code(), Code::PermissionDenied);

    let ask = pb::ListEnrolmentsRequest {
        parent: one.name,
        ..pb::ListEnrolmentsRequest::default()
    };
    let refused = system.own(&two).list_enrolments(ask.clone()).await;
    assert_eq!(refused.expect_err("not its own").code(), Code::NotFound);
    let mut other = system.call(Role::CountyHealthReviewer, OTHER);
    let refused = other
        .list_enrolments(ask)
        .await
        .expect_err("another county");
    assert_eq!(refused.code(), Code::NotFound);
}

#[tokio::test]
async fn stays_are_listed_by_reference_page_by_page() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let mut stays: Vec<_> = (0..4)
        .map(|i| stay(&format!("U15001234{i}"), "2024-03-01", "2024-06-30"))
        .collect();
    stays.push(stay("U150012340", "2024-09-01", ""));
    assert_eq!(system.report(&nursery, stays).await.expect("taken"), 5);
    let listed = list(&system, &nursery, 2).await;
    assert_eq!(listed.len(), 5);
    assert_eq!(listed, list(&system, &nursery, 0).await);
    let child = system.child("U150012340");
    assert_eq!(listed.iter().filter(|it| it.child == child).count(), 2);
}

#[tokio::test]
async fn a_stay_that_changes_must_be_checked_again() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let open = vec![
        stay(CHILD, "2024-03-01", ""),
        stay("U150012346", "2024-03-01", ""),
    ];
    system.report(&nursery, open.clone()).await.expect("taken");
    let told = async || {
        system
            .dossier(&nursery, 2024)
            .await
            .dossier
            .expect("it")
            .enrolments
            .len()
    };
    assert_eq!(told().await, 0, "nothing counts unchecked");
    assert_eq!(system.check(&nursery).await, 2);
    assert_eq!(system.check(&nursery).await, 0);
    assert_eq!(told().await, 2);

    assert_eq!(
        system.report(&nursery, open).await.expect("taken"),
        0,
        "nothing new"
    );
    assert_eq!(told().await, 2);
    let closed = vec![stay(CHILD, "2024-03-01", "2024-12-31")];
    assert_eq!(system.report(&nursery, closed).await.expect("taken"), 1);
    assert_eq!(told().await, 1);
    assert_eq!(system.check(&nursery).await, 1);
    assert_eq!(told().await, 2);
}

#[tokio::test]
async fn nothing_is_checked_that_was_reported_after_the_checker_looked() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let seen = vec![stay(CHILD, "2024-03-01", "")];
    system.report(&nursery, seen).await.expect("taken");
    let looked = system.look(&nursery).await;
    let unseen = vec![stay("U150012346", "2024-03-01", "")];
    system.report(&nursery, unseen).await.expect("taken");
    let refused = system.check_seen(&nursery, looked).await;
    assert_eq!(refused.expect_err("unseen").code(), Code::Aborted);
    let refused = system.check_seen(&nursery, String::new()).await;
    assert_eq!(fields(&refused.expect_err("nothing seen")), ["digest"]);
    assert_eq!(system.check(&nursery).await, 2);
}

/// What was seen and what is reported in the same moment: whichever comes first, nothing counts
/// that nobody looked at.
#[tokio::test]
async fn a_check_and_a_report_at_once_never_let_an_unseen_stay_pass() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    for round in 0..20 {
        let child = format!("U1500{round:05}");
        let seen = vec![stay(&child, "2024-03-01", "2024-06-30")];
        system.report(&nursery, seen).await.expect("taken");
        let looked = system.look(&nursery).await;
        let longer = vec![stay(&child, "2024-03-01", "2024-12-31")];
        let (checked, reported) = tokio::join!(
            system.check_seen(&nursery, looked),
            system.report(&nursery, longer)
        );
        reported.expect("taken");
        if let Err(refused) = checked {
            assert_eq!(refused.code(), Code::Aborted, "{refused}");
        }
        let told = system.dossier(&nursery, 2024).await.dossier.expect("it");
        let child = system.child(&child);
        let counted = told.enrolments.iter().filter(|it| it.child == child);
        let unseen = counted.filter(|it| it.to_on == "2024-12-31").count();
        assert_eq!(unseen, 0, "round {round}");
        system.check(&nursery).await;
    }
}

#[tokio::test]
async fn every_field_of_a_report_that_is_at_fault_is_told() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let other_birth = pb::Enrolment {
        child_born_on: "2022-06-07".into(),
        ..stay(CHILD, "2024-09-01", "")
    };
    let unreadable = vec![
        stay("U15001234", "2024-03-01", ""),
        stay(CHILD, "+2024-03-01", ""),
    ];
    let refused = system.report(&nursery, unreadable).await;
    assert_eq!(
        fields(&refused.expect_err("malformed")),
        ["enrolments[0].child", "enrolments[1].from_on"]
    );
    let stays = vec![
        stay(CHILD, "2024-03-01", "2024-02-01"),
        stay(CHILD, "2022-06-05", ""),
        stay("150299202402290022", "2024-03-01", ""),
    ];
    let refused = system.report(&nursery, stays).await;
    let refused = refused.expect_err("contradictory");
    let expected = [
        "enrolments[0].to_on",
        "enrolments[1].from_on",
        "enrolments[2].child_born_on",
    ];
    assert_eq!(fields(&refused), expected);

    let both = vec![stay(CHILD, "2024-03-01", ""), other_birth.clone()];
    let refused = system
        .report(&nursery, both)
        .await
        .expect_err("two birth dates");
    assert_eq!(fields(&refused), ["enrolments[1].child_born_on"]);
    let first = vec![stay(CHILD, "2024-03-01", "")];
    system.report(&nursery, first).await.expect("taken");
    let refused = system.report(&nursery, vec![other_birth]).await;
    assert_eq!(
        fields(&refused.expect_err("two")),
        ["enrolments[0].child_born_on"]
    );
    let corrected = pb::Enrolment {
        child_born_on: "2022-06-07".into(),
        ..stay(CHILD, "2024-03-01", "")
    };
    system
        .report(&nursery, vec![corrected])
        .await
        .expect("corrected");
}

#[tokio::test]
async fn a_repeated_report_gets_the_first_answer() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let ask = pb::ReportEnrolmentsRequest {
        parent: nursery.name.clone(),
        enrolments: vec![stay(CHILD, "2024-03-01", "")],
        request_id: "report-1".into(),
    };
    for _ in 0..2 {
        let answer = system.own(&nursery).report_enrolments(ask.clone()).await;
        assert_eq!(answer.expect("taken").into_inner().written, 1);
    }
    let other = pb::ReportEnrolmentsRequest {
        enrolments: vec![],
        ..ask
    };
    let refused = system.own(&nursery).report_enrolments(other).await;
    let refused = refused.expect_err("other body");
    assert_eq!(reason_of(&refused).as_deref(), Some("REQUEST_ID_REUSED"));
}

#[tokio::test]
async fn the_use_of_the_money_is_reported_and_may_be_corrected() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let report = |operating_fen, other_fen| pb::SubmitUseReportRequest {
        parent: nursery.name.clone(),
        round: 2025,
        operating_fen,
        other_fen,
        note: "水电、教职工工资".into(),
        request_id: fresh(),
    };
    let mut own = system.own(&nursery);
    for operating_fen in [2_400_000, 2_300_000] {
        let answer = own.submit_use_report(report(operating_fen, 0)).await;
        let name = answer.expect("taken").into_inner().name;
        assert_eq!(name, format!("{}/useReports/2025", nursery.name));
    }
    let refused = own
        .submit_use_report(report(-1, -1))
        .await
        .expect_err("negative");
    assert_eq!(fields(&refused), ["operating_fen", "other_fen"]);
}
