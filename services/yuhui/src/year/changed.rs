//! A register learns something between a notice and the confirmation: what was posted is no longer
//! what the rules say, and the county reviews, explains and posts again (R-PRC-8).

use time::macros::date;
use tonic::transport::Channel;
use yuhui_kernel::{Sex, Tenant};
use yuhui_platform::clock::fresh_id;
use yuhui_policy::PolicyPack;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        ListTransitionsRequest, case::State, case_service_client::CaseServiceClient,
    },
    registry::v1::{
        BornChild, DeliveryRecord, ImportBirthsRequest,
        register_service_client::RegisterServiceClient,
    },
    types::v1::{BirthClass, Programme},
};
use yuhui_rehearsal::{
    Needs, Numbers, Place as _, Play, Times,
    accounts::{PASSWORD, login},
    plot::{Claim, Claimant, Plot},
    synthetic,
};

use super::here::Here;
use crate::{
    session::{Credentials, Session, SignedIn},
    stack::Stores,
};

/// A round of one claim: for a second child, payable.
fn plot() -> (Plot, DeliveryRecord) {
    let mut plot = synthetic::write(7, "0.01".parse().expect("a scale")).expect("a plot");
    let second = |it: &Claim| {
        it.programme == Programme::P1
            && it.expected.class == Some(BirthClass::Second)
            && it.expected.amount_fen == 500_000
            && it.fate.withdrawn_on.is_none()
            && it.fate.fraud_found_on.is_none()
    };
    plot.claims.retain(second);
    plot.claims.truncate(1);
    plot.nurseries.clear();
    let claim = plot.claims.first().expect("a claim");
    let Claimant::Family { child, .. } = &claim.claimant else {
        panic!("a family")
    };
    let deliveries = plot.registers.values().flat_map(|it| &it.deliveries);
    let born = |it: &&DeliveryRecord| it.children.iter().any(|born| born.child == *child);
    let own = deliveries.clone().find(born).expect("its delivery").clone();
    (plot, own)
}

/// An elder sibling of whom the register had not heard.
fn elder(own: &DeliveryRecord) -> DeliveryRecord {
    let born_on = date!(2015 - 03 - 04);
    let child = Numbers::default().person(born_on, Sex::Female);
    DeliveryRecord {
        delivery: "LATE-ENTRY".into(),
        children: vec![BornChild {
            child: child.expect("a number"),
            born_on: "2015-03-04".into(),
            birth_order: 1,
            live: true,
        }],
        ..own.clone()
    }
}

/// The gateway as the office of that role calls it.
async fn at(gateway: Channel, role: Role, county: Tenant) -> SignedIn {
    let office = Credentials {
        login: login(role, county.as_str()),
        password: PASSWORD.into(),
    };
    let channel = Session::new(gateway, office).channel().await;
    channel.expect("signed in")
}

#[tokio::test]
async fn a_result_that_changes_after_its_notice_is_reviewed_and_posted_again() {
    let (plot, own) = plot();
    let here = Here::prepare(None, None, Stores::default()).expect("a folder");
    let needs = Needs::of(&plot, PolicyPack::baotou().clone()).expect("accounts");
    let system = here.start(needs).await;
    let system = system.expect("a system");
    let mut play = Play::new(&system, &plot, 1, Times::new("a change"));
    play.prepare().await;
    while !play.standing().iter().all(|it| it.notice_over) {
        assert!(play.act().await.expect("acted"), "{:?}", play.standing());
    }
    let county = plot.claims.first().expect("a claim").county;
    let gateway = || system.gateway.clone();
    let liaison = at(gateway(), Role::MaternityLiaison, county).await;
    let ask = ImportBirthsRequest {
        deliveries: vec![elder(&own)],
        request_id: fresh_id().to_string(),
    };
    let entered = RegisterServiceClient::new(liaison).import_births(ask).await;
    assert_eq!(entered.expect("entered").into_inner().written, 1);
    while play.act().await.expect("acted") {}

    play.look_again().await;
    let standing = play.standing().first().expect("a claim");
    assert_eq!(standing.trouble, None);
    assert_eq!(standing.state(), State::Paid);
    let case = standing.case.clone().expect("a case");
    let told = case.determination.expect("a determination");
    assert_eq!(told.birth_class(), BirthClass::Third);
    let reviewer = at(gateway(), Role::CountyHealthReviewer, county).await;
    let ask = ListTransitionsRequest {
        parent: case.name,
        ..ListTransitionsRequest::default()
    };
    let steps = CaseServiceClient::new(reviewer).list_transitions(ask).await;
    let steps = steps.expect("steps").into_inner().transitions;
    let notes = steps.iter().filter(|it| it.action == "case.review");
    let notes: Vec<&str> = notes.map(|it| it.reason.as_str()).collect();
    assert!(
        matches!(notes[..], ["", note] if !note.is_empty()),
        "{notes:?}"
    );
    let posts = steps.iter().filter(|it| it.action == "case.post");
    assert_eq!(posts.count(), 4, "three levels, and the county again");
    system.runs.stop().await;
}
