//! Changes are seen before they are approved, and may be declined or withdrawn instead.

use std::slice;

use tonic::{Code, Status};
use yuhui_platform::refusal::reason_of;
use yuhui_proto::{
    authz::v1::Role,
    institution::v1::{self as pb, change::State},
};

use crate::{
    changes::{approve, propose, seen},
    harness::{COUNTY, Client, OTHER, System, code, filed, fresh, registration},
};

async fn decline(hand: &mut Client, name: &str) -> Result<pb::Change, Status> {
    let ask = pb::DeclineChangeRequest {
        name: name.into(),
        etag: seen(hand, name).await,
        reason: "材料不全".into(),
        request_id: fresh(),
    };
    let answer = hand.decline_change(ask).await?;
    Ok(answer.into_inner().change.expect("a change"))
}

async fn withdraw(hand: &mut Client, name: &str) -> Result<pb::Change, Status> {
    let ask = pb::WithdrawChangeRequest {
        name: name.into(),
        request_id: fresh(),
    };
    let answer = hand.withdraw_change(ask).await?;
    Ok(answer.into_inner().change.expect("a change"))
}

async fn listed(hand: &mut Client, parent: &str, states: &[State]) -> Vec<pb::Change> {
    let ask = pb::ListChangesRequest {
        parent: parent.into(),
        states: states.iter().map(|it| (*it).into()).collect(),
        ..pb::ListChangesRequest::default()
    };
    let answer = hand.list_changes(ask).await.expect("listed");
    answer.into_inner().changes
}

fn told<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.expect_err("refused");
    (status.code(), reason_of(&status).unwrap_or_default())
}

#[tokio::test]
async fn a_change_is_seen_whole_and_what_is_declined_changes_nothing() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let change = propose(&system, &nursery.name, filed("2023-03-01")).await;
    assert_eq!(change.state(), State::Waiting);
    assert!(change.proposed_by.starts_with("accounts/"), "{change:?}");
    let mut checker = system.call(Role::CountyHealthApprover, COUNTY);
    let ask = pb::GetChangeRequest {
        name: change.name.clone(),
    };
    let found = checker.get_change(ask.clone()).await.expect("there");
    assert_eq!(found.into_inner().change.as_ref(), Some(&change));
    let waiting = listed(&mut checker, &nursery.name, &[State::Waiting]).await;
    assert_eq!(waiting, slice::from_ref(&change));
    let mut stranger = system.call(Role::CountyHealthApprover, OTHER);
    let status = stranger
        .get_change(ask)
        .await
        .expect_err("another county's");
    assert_eq!(status.code(), Code::NotFound);

    let declined = decline(&mut checker, &change.name).await.expect("declined");
    assert_eq!(
        (declined.state(), declined.reason.as_str()),
        (State::Declined, "材料不全")
    );
    assert!(declined.ended_by.starts_with("accounts/"), "{declined:?}");
    let late = told(approve(&mut checker, &change.name).await);
    assert_eq!(late, (Code::FailedPrecondition, "CHANGE_ENDED".into()));
    let dossier = system.dossier(&nursery, 2024).await.dossier.expect("it");
    assert_eq!(
        dossier.institution,
        Some(nursery.clone()),
        "nothing changed"
    );
    assert!(
        listed(&mut checker, &nursery.name, &[State::Waiting])
            .await
            .is_empty()
    );

    let again = propose(&system, &nursery.name, filed("2023-03-01")).await;
    approve(&mut checker, &again.name).await.expect("approved");
    let late = told(decline(&mut checker, &again.name).await);
    assert_eq!(
        late,
        (Code::FailedPrecondition, "CHANGE_ALREADY_APPROVED".into())
    );
    let all = listed(&mut checker, &nursery.name, &[]).await;
    let states: Vec<_> = all.iter().map(pb::Change::state).collect();
    assert_eq!(states, [State::Declined, State::Approved]);
}

#[tokio::test]
async fn whoever_proposed_a_change_withdraws_it_and_each_office_ends_its_own() {
    let system = System::start().await;
    let mut stated = registration(COUNTY, &code(1));
    if let Some(institution) = &mut stated.institution {
        institution.kind = pb::InstitutionKind::Kindergarten.into();
    }
    let mut registrar = system.call(Role::CivilAffairsLiaison, COUNTY);
    let answer = registrar.register_institution(stated).await;
    let kindergarten = answer.expect("registered").into_inner().institution;
    let kindergarten = kindergarten.expect("institution").name;

    let change = propose(&system, &kindergarten, filed("2023-03-01")).await;
    let mut maker = system.call(Role::CountyHealthReviewer, COUNTY);
    let mut colleague = system.call_as(Role::CountyHealthReviewer, COUNTY, &"cd".repeat(32));
    let other = told(withdraw(&mut colleague, &change.name).await);
    assert_eq!(other, (Code::PermissionDenied, "NOT_THE_MAKER".into()));
    let withdrawn = withdraw(&mut maker, &change.name).await.expect("his own");
    assert_eq!(withdrawn.state(), State::Withdrawn);
    let late = told(withdraw(&mut maker, &change.name).await);
    assert_eq!(late, (Code::FailedPrecondition, "CHANGE_ENDED".into()));

    let change = propose(&system, &kindergarten, filed("2023-03-01")).await;
    let mut education = system.call(Role::EducationHead, COUNTY);
    let ask = pb::DeclineEducationChangeRequest {
        name: change.name.clone(),
        etag: change.etag.clone(),
        reason: "非我局事项".into(),
        request_id: fresh(),
    };
    let other = told(education.decline_education_change(ask).await);
    assert_eq!(other, (Code::PermissionDenied, "OTHER_OFFICE".into()));
    let ask = pb::ListChangesRequest {
        parent: kindergarten,
        page_size: 1,
        ..pb::ListChangesRequest::default()
    };
    let page = education
        .list_changes(ask)
        .await
        .expect("listed")
        .into_inner();
    assert_eq!(page.changes.len(), 1);
    assert_ne!(page.next_page_token, "");
}

#[tokio::test]
async fn nobody_approves_or_declines_what_he_has_not_seen() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    let change = propose(&system, &nursery.name, filed("2023-03-01")).await;
    let other = propose(&system, &nursery.name, filed("2023-04-01")).await;
    let mut checker = system.call(Role::CountyHealthApprover, COUNTY);
    let approve = |etag: &str| pb::ApproveChangeRequest {
        name: change.name.clone(),
        etag: etag.into(),
        request_id: fresh(),
    };
    let changed = (Code::Aborted, "CHANGED_SINCE_SEEN".to_owned());
    let stale = told(checker.approve_change(approve(&other.etag)).await);
    assert_eq!(stale, changed);
    let ask = pb::DeclineChangeRequest {
        name: change.name.clone(),
        etag: other.etag,
        reason: "材料不全".into(),
        request_id: fresh(),
    };
    assert_eq!(told(checker.decline_change(ask).await), changed);
    let blind = told(checker.approve_change(approve("")).await);
    assert_eq!(blind.0, Code::InvalidArgument);
    let seen = checker.approve_change(approve(&change.etag)).await;
    seen.expect("as it is");
}
