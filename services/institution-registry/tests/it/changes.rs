//! What is decided about an institution takes two persons.

use tonic::Code;
use yuhui_platform::{audit, refusal::reason_of};
use yuhui_proto::{authz::v1::Role, institution::v1 as pb};

use crate::harness::{
    COUNTY, Client, OTHER, System, code, fields, filed, fresh, honour, proposal, registration,
};

pub async fn propose(system: &System, parent: &str, change: pb::change::Change) -> pb::Change {
    let mut maker = system.call(Role::CountyHealthReviewer, COUNTY);
    let answer = maker.propose_change(proposal(parent, change)).await;
    answer
        .expect("proposed")
        .into_inner()
        .change
        .expect("change")
}

/// The etag of a change as `hand` sees it; who cannot see it states something.
pub async fn seen(hand: &mut Client, name: &str) -> String {
    let ask = pb::GetChangeRequest { name: name.into() };
    let answer = hand.get_change(ask).await.ok();
    let change = answer.and_then(|it| it.into_inner().change);
    change.map_or_else(|| "0".repeat(64), |it| it.etag)
}

pub async fn approve(checker: &mut Client, name: &str) -> Result<pb::Institution, tonic::Status> {
    let ask = pb::ApproveChangeRequest {
        name: name.into(),
        etag: seen(checker, name).await,
        request_id: fresh(),
    };
    let answer = checker.approve_change(ask).await?.into_inner();
    Ok(answer.institution.expect("institution"))
}

#[tokio::test]
async fn a_change_counts_once_another_person_has_approved_it() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let change = propose(&system, &nursery.name, filed("2023-03-01")).await;
    assert_eq!(change.state(), pb::change::State::Waiting);
    assert_eq!(
        system
            .dossier(&nursery, 2024)
            .await
            .dossier
            .expect("it")
            .institution,
        Some(nursery.clone())
    );

    let mut checker = system.call(Role::CountyHealthApprover, COUNTY);
    let changed = approve(&mut checker, &change.name).await.expect("approved");
    assert_eq!(changed.filed_on, "2023-03-01");
    let again = approve(&mut checker, &change.name)
        .await
        .expect_err("approved already");
    assert_eq!(again.code(), Code::FailedPrecondition);
    assert_eq!(
        reason_of(&again).as_deref(),
        Some("CHANGE_ALREADY_APPROVED")
    );

    let county = yuhui_kernel::Tenant::parse(COUNTY).expect("county");
    let tx = system.db.read(county).await.expect("read");
    let entries = audit::list(&tx, None, 10).await.expect("entries");
    let actions: Vec<_> = entries.iter().map(|it| it.action.as_str()).collect();
    let expected = [
        "institution.register",
        "institution.change.propose",
        "institution.change.approve",
    ];
    assert_eq!(actions, expected);
    let after = entries[2].after.as_deref().expect("state");
    assert!(after.contains(r#""filed_on":"2023-03-01""#), "{after}");
}

#[tokio::test]
async fn who_proposed_cannot_approve_under_another_account_either() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let person = "cd".repeat(32);
    let mut maker = system.call_as(Role::CountyHealthReviewer, COUNTY, &person);
    let change = maker
        .propose_change(proposal(&nursery.name, filed("2023-03-01")))
        .await;
    let name = change
        .expect("proposed")
        .into_inner()
        .change
        .expect("change")
        .name;

    let refused = approve(&mut maker, &name).await.expect_err("a maker");
    assert_eq!(reason_of(&refused).as_deref(), Some("PERMISSION_DENIED"));
    let mut same = system.call_as(Role::CountyHealthApprover, COUNTY, &person);
    let refused = approve(&mut same, &name).await.expect_err("DYN-1");
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!(reason_of(&refused).as_deref(), Some("SEPARATION_OF_DUTIES"));
    let mut other = system.call_as(Role::CountyHealthApprover, COUNTY, &"ef".repeat(32));
    approve(&mut other, &name).await.expect("another person");
}

#[tokio::test]
async fn each_office_decides_what_is_its_own() {
    let system = System::start().await;
    let mut stated = registration(COUNTY, &code(1));
    if let Some(institution) = &mut stated.institution {
        institution.kind = pb::InstitutionKind::Kindergarten.into();
    }
    let mut registrar = system.call(Role::CivilAffairsLiaison, COUNTY);
    let answer = registrar
        .register_institution(stated)
        .await
        .expect("registered");
    let kindergarten = answer.into_inner().institution.expect("institution");

    let approval = pb::change::Change::EducationApprovedOn("2023-09-01".into());
    let mut health = system.call(Role::CountyHealthReviewer, COUNTY);
    let refused = health
        .propose_change(proposal(&kindergarten.name, approval.clone()))
        .await;
    assert_eq!(fields(&refused.expect_err("education's")), ["change"]);

    let certificate = pb::change::Change::Certificate(pb::HeadcountCertificate {
        subsidy_year: 2024,
        headcount: 30,
    });
    let mut officer = system.call(Role::EducationOfficer, COUNTY);
    let mut head = system.call(Role::EducationHead, COUNTY);
    let mut last = None;
    for change in [approval, certificate] {
        let pb::ProposeChangeRequest {
            parent,
            change,
            request_id,
        } = proposal(&kindergarten.name, change);
        let ask = pb::ProposeEducationChangeRequest {
            parent,
            change,
            request_id,
        };
        let proposed = officer
            .propose_education_change(ask)
            .await
            .expect("proposed");
        let pb::Change { name, etag, .. } = proposed.into_inner().change.expect("change");
        let mut checker = system.call(Role::CountyHealthApprover, COUNTY);
        let refused = approve(&mut checker, &name).await.expect_err("education's");
        assert_eq!(reason_of(&refused).as_deref(), Some("OTHER_OFFICE"));
        let ask = pb::ApproveEducationChangeRequest {
            name,
            etag,
            request_id: fresh(),
        };
        let answer = head.approve_education_change(ask).await.expect("approved");
        last = answer.into_inner().institution;
    }
    let last = last.expect("institution");
    assert_eq!(last.education_approved_on, "2023-09-01");
    assert_eq!(last.certificates[0].headcount, 30);
}

#[tokio::test]
async fn changes_that_do_not_fit_are_refused_with_their_field() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let mut maker = system.call(Role::CountyHealthReviewer, COUNTY);
    let honour = pb::change::Change::Honour(pb::Honour {
        granted_on: "2024-11-31".into(),
        ..pb::Honour::default()
    });
    let suspension = pb::change::Change::Suspension(pb::Suspension {
        from_on: "2024-05-31".into(),
        to_on: "2024-05-01".into(),
    });
    let cases = [
        (filed("2022-02-28"), vec!["change"]),
        (filed("1 March"), vec!["change.filed_on"]),
        (
            honour,
            vec![
                "change.honour.level",
                "change.honour.granted_on",
                "change.honour.document_number",
            ],
        ),
        (suspension, vec!["change.suspension.to_on"]),
    ];
    for (change, expected) in cases {
        let refused = maker.propose_change(proposal(&nursery.name, change)).await;
        assert_eq!(fields(&refused.expect_err("malformed")), expected);
    }
    let nothing = pb::ProposeChangeRequest {
        change: None,
        ..proposal(&nursery.name, filed("2023-03-01"))
    };
    let refused = maker.propose_change(nothing).await.expect_err("no change");
    assert_eq!(fields(&refused), ["change"]);
}

#[tokio::test]
async fn of_two_proposals_that_exclude_each_other_the_second_fits_no_more() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let closed = |from_on: &str| {
        pb::change::Change::Suspension(pb::Suspension {
            from_on: from_on.into(),
            to_on: String::new(),
        })
    };
    let first = propose(&system, &nursery.name, closed("2024-05-01")).await;
    let second = propose(&system, &nursery.name, closed("2024-06-01")).await;
    let mut checker = system.call(Role::CountyHealthApprover, COUNTY);
    approve(&mut checker, &first.name).await.expect("approved");
    let refused = approve(&mut checker, &second.name)
        .await
        .expect_err("overlaps");
    assert_eq!(reason_of(&refused).as_deref(), Some("CHANGE_FITS_NO_MORE"));
}

#[tokio::test]
async fn what_a_change_replaces_must_be_what_its_maker_saw() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let first = propose(&system, &nursery.name, filed("2023-03-01")).await;
    let second = propose(&system, &nursery.name, filed("2022-06-01")).await;
    let honour = pb::change::Change::Honour(pb::Honour {
        granted_on: "2024-11-05".into(),
        level: pb::HonourLevel::Regional.into(),
        document_number: "内卫健发〔2024〕1号".into(),
    });
    let aside = propose(&system, &nursery.name, honour).await;
    let mut checker = system.call(Role::CountyHealthApprover, COUNTY);
    approve(&mut checker, &first.name).await.expect("approved");
    let refused = approve(&mut checker, &second.name).await;
    let reason = reason_of(&refused.expect_err("its maker saw no filing"));
    assert_eq!(reason.as_deref(), Some("CHANGE_FITS_NO_MORE"));
    approve(&mut checker, &aside.name)
        .await
        .expect("replaces nothing");
    let again = propose(&system, &nursery.name, filed("2022-06-01")).await;
    let changed = approve(&mut checker, &again.name).await.expect("seen");
    assert_eq!(changed.filed_on, "2022-06-01");
}

#[tokio::test]
async fn another_county_decides_nothing_here() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let change = propose(&system, &nursery.name, filed("2023-03-01")).await;
    let mut maker = system.call(Role::CountyHealthReviewer, OTHER);
    let ask = proposal(&nursery.name, filed("2023-03-01"));
    let refused = maker.propose_change(ask).await.expect_err("another county");
    assert_eq!(refused.code(), Code::NotFound);
    let mut checker = system.call(Role::CountyHealthApprover, OTHER);
    let refused = approve(&mut checker, &change.name)
        .await
        .expect_err("another county");
    assert_eq!(refused.code(), Code::NotFound);
    let smuggled = change.name.replace(COUNTY, OTHER);
    let refused = approve(&mut checker, &smuggled)
        .await
        .expect_err("not there");
    assert_eq!(refused.code(), Code::NotFound);
}

#[tokio::test]
async fn of_two_approvals_at_once_one_wins() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let change = propose(&system, &nursery.name, filed("2023-03-01")).await;
    let mut one = system.call_as(Role::CountyHealthApprover, COUNTY, &"01".repeat(32));
    let mut two = system.call_as(Role::CountyHealthApprover, COUNTY, &"02".repeat(32));
    let (one, two) = tokio::join!(
        approve(&mut one, &change.name),
        approve(&mut two, &change.name)
    );
    let lost = [one, two]
        .into_iter()
        .filter_map(Result::err)
        .collect::<Vec<_>>();
    assert_eq!(lost.len(), 1);
    let codes = [Code::Aborted, Code::FailedPrecondition];
    assert!(codes.contains(&lost[0].code()), "{:?}", lost[0]);
}

#[tokio::test]
async fn an_honour_of_the_city_is_entered_by_the_city() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let granted = |level: pb::HonourLevel| {
        pb::change::Change::Honour(pb::Honour {
            granted_on: "2024-11-05".into(),
            level: level.into(),
            document_number: "包卫健发〔2024〕1号".into(),
        })
    };
    let municipal = || granted(pb::HonourLevel::Municipal);
    let mut county = system.call(Role::CountyHealthReviewer, COUNTY);
    let refused = county.propose_change(proposal(&nursery.name, municipal()));
    assert_eq!(fields(&refused.await.expect_err("the city's")), ["change"]);
    let mut registrar = system.call(Role::CityHealthRegistrar, "150200");
    let regional = honour(&nursery.name, granted(pb::HonourLevel::Regional));
    let refused = registrar.propose_municipal_honour(regional).await;
    assert_eq!(fields(&refused.expect_err("the county's")), ["change"]);

    let proposed = registrar
        .propose_municipal_honour(honour(&nursery.name, municipal()))
        .await
        .expect("proposed");
    let proposed = proposed.into_inner().change.expect("change");
    let (name, etag) = (proposed.name, proposed.etag);
    let mut checker = system.call(Role::CountyHealthApprover, COUNTY);
    let refused = approve(&mut checker, &name).await.expect_err("not theirs");
    assert_eq!(reason_of(&refused).as_deref(), Some("OTHER_OFFICE"));
    let ask = || pb::ApproveMunicipalHonourRequest {
        name: name.clone(),
        etag: etag.clone(),
        request_id: fresh(),
    };
    let mut approver = system.call(Role::CityHealthApprover, "150200");
    let answer = approver
        .approve_municipal_honour(ask())
        .await
        .expect("approved");
    let honours = answer.into_inner().institution.expect("one").honours;
    assert_eq!(honours.len(), 1);
    let ask = pb::DeclineMunicipalHonourRequest {
        name,
        etag,
        reason: "重复".into(),
        request_id: fresh(),
    };
    let late = approver
        .decline_municipal_honour(ask)
        .await
        .expect_err("late");
    assert_eq!(reason_of(&late).as_deref(), Some("CHANGE_ALREADY_APPROVED"));

    let open = pb::ListInstitutionsRequest {
        parent: format!("counties/{COUNTY}"),
        ..pb::ListInstitutionsRequest::default()
    };
    let open = system.public().list_institutions(open).await.expect("open");
    let seen = &open.into_inner().institutions[0];
    assert_eq!(seen.institution_ref, "", "by which claims are found");
    assert_eq!(seen.name, nursery.name);
}
