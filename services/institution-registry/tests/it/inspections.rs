//! Inspections on site (I3), and reports on the use of the money (I6).

use tonic::{Code, Status};
use yuhui_platform::refusal::reason_of;
use yuhui_proto::{
    authz::v1::Role,
    institution::v1::{
        self as pb, inspection::PriceList, inspection_service_client::InspectionServiceClient,
        use_report::Verdict, use_report_service_client::UseReportServiceClient,
    },
    internal::v1 as internal,
};

use crate::harness::{COUNTY, Line, OTHER, System, code, fields, fresh};

/// The township of the nursery, and the next.
const TOWNSHIP: &str = "150203001";
const NEXT: &str = "150203002";

impl System {
    fn inspector(&self, role: Role, unit: &str, person: &str) -> InspectionServiceClient<Line> {
        InspectionServiceClient::new(self.line(role, unit, Some(person.into())))
    }

    fn reports(&self, role: Role, unit: &str) -> UseReportServiceClient<Line> {
        UseReportServiceClient::new(self.line(role, unit, None))
    }
}

fn found(parent: &str) -> pb::RecordInspectionRequest {
    pb::RecordInspectionRequest {
        parent: parent.into(),
        inspection: Some(pb::Inspection {
            inspected_on: "2025-05-30".into(),
            children_present: 31,
            over_three: 1,
            price_list: PriceList::AsPromised.into(),
            findings: "正常收托".into(),
            ..pb::Inspection::default()
        }),
        request_id: fresh(),
    }
}

fn told<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.expect_err("a refusal");
    (status.code(), reason_of(&status).unwrap_or_default())
}

async fn sign(
    by: &mut InspectionServiceClient<Line>,
    seen: &pb::Inspection,
) -> Result<pb::Inspection, Status> {
    let ask = pb::SignInspectionRequest {
        name: seen.name.clone(),
        etag: seen.etag.clone(),
        request_id: fresh(),
    };
    let answer = by.sign_inspection(ask).await?;
    Ok(answer.into_inner().inspection.expect("one"))
}

#[tokio::test]
async fn the_township_inspects_and_its_lead_signs_what_he_saw() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let mut reviewer = system.inspector(Role::TownshipReviewer, TOWNSHIP, "reviewer");
    let recorded = reviewer.record_inspection(found(&nursery.name)).await;
    let recorded = recorded
        .expect("recorded")
        .into_inner()
        .inspection
        .expect("one");
    assert_eq!(
        (recorded.recorded_on.as_str(), recorded.signed_on.as_str()),
        ("2025-05-31", "")
    );
    let ask = internal::FindSignedInspectionRequest {
        name: recorded.name.clone(),
        institution_ref: nursery.institution_ref.clone(),
    };
    let unsigned = system.facts().find_signed_inspection(ask.clone()).await;
    assert_eq!(told(unsigned).0, Code::NotFound, "nobody has signed it");

    let mut himself = system.inspector(Role::TownshipLead, TOWNSHIP, "reviewer");
    assert_eq!(
        told(sign(&mut himself, &recorded).await).1,
        "SEPARATION_OF_DUTIES"
    );
    let mut lead = system.inspector(Role::TownshipLead, TOWNSHIP, "lead");
    let stale = pb::Inspection {
        etag: "0".repeat(64),
        ..recorded.clone()
    };
    assert_eq!(told(sign(&mut lead, &stale).await).0, Code::Aborted);
    let mut next = system.inspector(Role::TownshipLead, NEXT, "next");
    assert_eq!(told(sign(&mut next, &recorded).await).0, Code::NotFound);
    let signed = sign(&mut lead, &recorded).await.expect("signed");
    assert_eq!(signed.signed_on, "2025-05-31");
    let again = told(sign(&mut lead, &recorded).await);
    assert_eq!(again.1, "INSPECTION_ALREADY_SIGNED");

    let known = system.facts().find_signed_inspection(ask.clone()).await;
    assert_eq!(known.expect("signed").into_inner().children_present, 31);
    let of_another = internal::FindSignedInspectionRequest {
        institution_ref: "another".into(),
        ..ask
    };
    let none = system.facts().find_signed_inspection(of_another).await;
    assert_eq!(told(none).0, Code::NotFound);

    let ask = || pb::ListInspectionsRequest {
        parent: nursery.name.clone(),
        ..pb::ListInspectionsRequest::default()
    };
    for (role, unit) in [
        (Role::TownshipReviewer, TOWNSHIP),
        (Role::CountyHealthReviewer, COUNTY),
        (Role::CityAuditor, "150200"),
    ] {
        let mut reader = system.inspector(role, unit, "reader");
        let listed = reader.list_inspections(ask()).await.expect("listed");
        assert_eq!(
            listed.into_inner().inspections,
            std::slice::from_ref(&signed)
        );
    }
    for (role, unit) in [
        (Role::TownshipReviewer, NEXT),
        (Role::CountyHealthReviewer, OTHER),
    ] {
        let mut reader = system.inspector(role, unit, "reader");
        let none = reader.list_inspections(ask()).await;
        assert_eq!(told(none).0, Code::NotFound, "{unit}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_not_recorded_nor_by_who_may_not() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let mut reviewer = system.inspector(Role::TownshipReviewer, TOWNSHIP, "reviewer");
    for (field, change) in [
        (
            "inspected_on",
            (|it| it.inspected_on = "2025-06-01".into()) as fn(&mut pb::Inspection),
        ),
        ("over_three", |it| it.over_three = 32),
        ("price_list", |it| it.price_list = 0),
    ] {
        let mut ask = found(&nursery.name);
        change(ask.inspection.as_mut().expect("one"));
        let status = reviewer.record_inspection(ask).await.expect_err("refused");
        assert_eq!(fields(&status), [format!("inspection.{field}")]);
    }
    let mut next = system.inspector(Role::TownshipReviewer, NEXT, "next");
    let elsewhere = next.record_inspection(found(&nursery.name)).await;
    assert_eq!(told(elsewhere).0, Code::NotFound);
    for role in [
        Role::TownshipLead,
        Role::VillageClerk,
        Role::CountyHealthReviewer,
    ] {
        let mut other = system.inspector(role, TOWNSHIP, "other");
        let denied = other.record_inspection(found(&nursery.name)).await;
        assert_eq!(told(denied).0, Code::PermissionDenied, "{role:?}");
    }
}

#[tokio::test]
async fn the_county_reviews_how_the_money_was_used_and_anew_if_it_is_told_anew() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let submit = async |other_fen| {
        let ask = pb::SubmitUseReportRequest {
            parent: nursery.name.clone(),
            round: 2025,
            operating_fen: 1_800_000,
            other_fen,
            note: "房租、人员".into(),
            request_id: fresh(),
        };
        system
            .own(&nursery)
            .submit_use_report(ask)
            .await
            .expect("taken");
    };
    let list = async |role, unit| {
        let ask = pb::ListUseReportsRequest {
            parent: nursery.name.clone(),
            ..pb::ListUseReportsRequest::default()
        };
        let answer = system.reports(role, unit).list_use_reports(ask).await;
        answer.map(|it| it.into_inner().use_reports)
    };
    submit(600_000).await;
    let seen = list(Role::CountyHealthReviewer, COUNTY)
        .await
        .expect("listed")
        .remove(0);
    assert_eq!(
        (seen.other_fen, seen.verdict()),
        (600_000, Verdict::Unspecified)
    );
    let review = async |role, seen: &pb::UseReport| {
        let ask = pb::ReviewUseReportRequest {
            name: seen.name.clone(),
            etag: seen.etag.clone(),
            verdict: Verdict::Diverted.into(),
            words: "购车支出不属于运营支出".into(),
            request_id: fresh(),
        };
        let answer = system.reports(role, COUNTY).review_use_report(ask).await?;
        Ok::<_, Status>(answer.into_inner().use_report.expect("one"))
    };
    let checker = review(Role::CountyHealthApprover, &seen).await;
    assert_eq!(told(checker).0, Code::PermissionDenied);
    let reviewed = review(Role::CountyHealthReviewer, &seen)
        .await
        .expect("reviewed");
    assert_eq!(reviewed.verdict(), Verdict::Diverted);
    assert_eq!(
        list(Role::CountyAuditor, COUNTY).await.expect("listed"),
        [reviewed]
    );

    submit(0).await;
    let anew = list(Role::CountyHealthReviewer, COUNTY)
        .await
        .expect("listed")
        .remove(0);
    assert_eq!((anew.other_fen, anew.verdict()), (0, Verdict::Unspecified));
    let stale = review(Role::CountyHealthReviewer, &seen).await;
    assert_eq!(
        told(stale).0,
        Code::Aborted,
        "what was seen is not what stands"
    );
    let elsewhere = list(Role::CountyHealthReviewer, OTHER).await;
    assert_eq!(told(elsewhere).0, Code::NotFound);
}
