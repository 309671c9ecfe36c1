//! What a roster or a review is shown with is what the acts do.

use std::collections::BTreeSet;

use tonic::Status;
use yuhui_platform::refusal::{name_of, reason_of};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, case::State, review_request::Outcome},
    types::v1::{Action, Programme, action::Verdict},
};

use crate::{
    books::Family,
    harness::{CITY, COUNTY, Office, World, on_every_world},
};

/// Why something was refused: reason and rule.
type Refusals = BTreeSet<(String, String)>;

fn short(action: &Action) -> &str {
    action.method.rsplit('/').next().unwrap_or_default()
}

/// Somebody who is to be told what he may do.
struct Asker {
    who: &'static str,
    office: Office,
}

async fn roster_as(office: &Office, name: &str) -> Option<(pb::Roster, Vec<Action>)> {
    let ask = pb::GetRosterRequest { name: name.into() };
    let answer = office.rosters().get_roster(ask).await.ok()?.into_inner();
    Some((answer.roster?, answer.actions))
}

async fn on_roster(
    world: &World,
    office: &Office,
    method: &str,
    of: &pb::Roster,
) -> Result<(), Status> {
    let (name, etag, request_id) = (of.name.clone(), of.etag.clone(), world.fresh());
    let defects = "缺汇总表".to_owned();
    match method {
        "SealRoster" => {
            let ask = pb::SealRosterRequest {
                name,
                etag,
                request_id,
            };
            office.rosters().seal_roster(ask).await.map(|_| ())
        }
        "ProposeRecording" => {
            let ask = pb::ProposeRecordingRequest {
                name,
                note: "形式审查通过".into(),
                request_id,
            };
            office.rosters().propose_recording(ask).await.map(|_| ())
        }
        "ApproveRecording" => {
            let ask = pb::ApproveRecordingRequest {
                name,
                etag,
                request_id,
            };
            office.rosters().approve_recording(ask).await.map(|_| ())
        }
        "ReturnRoster" => {
            let ask = pb::ReturnRosterRequest {
                name,
                defects,
                request_id,
            };
            office.rosters().return_roster(ask).await.map(|_| ())
        }
        "ProposeRosterReturn" => {
            let ask = pb::ProposeRosterReturnRequest {
                name,
                defects,
                request_id,
            };
            let answer = office.returns().propose_roster_return(ask).await;
            answer.map(|_| ())
        }
        "ApproveRosterReturn" => {
            let ask = pb::ApproveRosterReturnRequest {
                name,
                etag,
                request_id,
            };
            let answer = office.returns().approve_roster_return(ask).await;
            answer.map(|_| ())
        }
        other => panic!("nobody knows how to call {other}"),
    }
}

/// What was told of an action is what came of it.
fn agrees(who: &str, action: &Action, came: Result<(), Status>, refused: &mut Refusals) {
    let told = came.expect_err(&format!("{who} was refused {}", short(action)));
    assert_eq!(
        (reason_of(&told).unwrap_or_default(), told.message()),
        (name_of(action.reason()).to_owned(), action.en.as_str()),
        "{who} {}",
        short(action)
    );
    assert!(!action.who_may.is_empty(), "{}", short(action));
    refused.insert((name_of(action.reason()).to_owned(), action.rule.clone()));
}

/// Everybody tries what he is told he may not do; then the first who may does `method`, and nobody may who is not named.
async fn roster_goes_on(
    world: &World,
    everybody: &[Asker],
    (name, method, may): (&str, &str, &[&str]),
    refused: &mut Refusals,
) {
    let mut allowed = Vec::new();
    for it in everybody {
        let (seen, actions) = roster_as(&it.office, name).await.expect("seen");
        for action in actions {
            match action.verdict() {
                Verdict::Allowed if short(&action) == method => allowed.push((it, seen.clone())),
                Verdict::Allowed => {}
                _ => {
                    let came = on_roster(world, &it.office, short(&action), &seen).await;
                    agrees(it.who, &action, came, refused);
                }
            }
        }
    }
    let who: Vec<&str> = allowed.iter().map(|(it, _)| it.who).collect();
    assert_eq!(who, may, "{method}");
    let (first, seen) = &allowed[0];
    let done = on_roster(world, &first.office, method, seen).await;
    done.unwrap_or_else(|told| panic!("{} was allowed {method}: {told}", first.who));
}

#[tokio::test]
async fn what_is_offered_of_a_roster_is_what_the_acts_do() {
    on_every_world(async |world| {
        world.seed_is_public().await;
        world.family_at(&Family::of(1), State::Confirmed).await;
        let name = world.build(Programme::P1).await.expect("built").name;
        let (maker, registrar) = (
            format!("person-of-ROLE_COUNTY_HEALTH_REVIEWER@{COUNTY}"),
            format!("person-of-ROLE_CITY_HEALTH_REGISTRAR@{CITY}"),
        );
        let approver = Role::CityHealthApprover;
        let everybody = [
            ("maker", world.maker()),
            (
                "maker as checker",
                world.known_as(Role::CountyHealthApprover, COUNTY, "him", Some(&maker)),
            ),
            ("checker", world.checker()),
            ("registrar", world.registrar()),
            (
                "second registrar",
                world.second(Role::CityHealthRegistrar, CITY),
            ),
            (
                "registrar as approver",
                world.known_as(approver, CITY, "herself", Some(&registrar)),
            ),
            ("approver", world.recorder()),
            ("lead", world.lead()),
        ]
        .map(|(who, office)| Asker { who, office });
        let mut refused = Refusals::new();
        let mut goes_on = async |method, may: &[&str]| {
            roster_goes_on(&world, &everybody, (&name, method, may), &mut refused).await;
        };
        goes_on("SealRoster", &["checker"]).await;
        let registrars = ["registrar", "second registrar"];
        goes_on("ReturnRoster", &registrars).await;
        // What he himself found wrong he finds in order now.
        goes_on("ProposeRecording", &["registrar"]).await;
        goes_on("ProposeRecording", &registrars).await;
        world.sample(&name).await.expect("drawn");
        goes_on("ProposeRecording", &registrars).await;
        world.sample_passes(&name).await.expect("passed");
        goes_on("ApproveRecording", &["approver"]).await;
        goes_on("ProposeRosterReturn", &registrars).await;
        goes_on("ApproveRosterReturn", &["approver"]).await;
        for it in &everybody {
            let (_, actions) = roster_as(&it.office, &name).await.expect("seen");
            let may = actions.iter().any(|it| it.verdict() == Verdict::Allowed);
            assert!(!may, "{} of one that is superseded", it.who);
            assert_eq!(actions.is_empty(), it.who == "maker" || it.who == "lead");
        }
        for (reason, rule) in [
            ("ROSTER_STATE", ""),
            ("SEPARATION_OF_DUTIES", "DYN-1"),
            ("RETURN_PROPOSED", ""),
            ("NO_RETURN_PROPOSED", ""),
            ("SAMPLE_UNFINISHED", ""),
            ("NOT_SAMPLED", ""),
        ] {
            let key = (reason.to_owned(), rule.to_owned());
            assert!(refused.contains(&key), "{key:?}: {refused:?}");
        }
    })
    .await;
}

async fn review_as(office: &Office, name: &str) -> Option<(pb::ReviewRequest, Vec<Action>)> {
    let ask = pb::GetReviewRequestRequest { name: name.into() };
    let answer = office.reviews().get_review_request(ask).await;
    let answer = answer.ok()?.into_inner();
    Some((answer.review_request?, answer.actions))
}

#[tokio::test]
async fn what_is_offered_of_a_review_is_what_the_acts_do() {
    on_every_world(async |world| {
        let case = world.rejected(&Family::of(1)).await;
        let review = world.request_review(&world.clerk(), &case.name).await;
        let name = review.expect("asked").name;
        let fresh = "person-of-somebody-fresh";
        let everybody = [
            ("clerk", world.clerk()),
            ("maker", world.maker()),
            ("checker", world.checker()),
            (
                "fresh maker",
                world.known_as(Role::CountyHealthReviewer, COUNTY, "fresh", Some(fresh)),
            ),
            (
                "fresh maker as checker",
                world.known_as(Role::CountyHealthApprover, COUNTY, "again", Some(fresh)),
            ),
            ("fresh checker", world.fresh_checker()),
        ]
        .map(|(who, office)| Asker { who, office });
        let mut refused = Refusals::new();
        for (method, may) in [
            ("ProposeReviewDecision", &["fresh maker"][..]),
            ("ApproveReviewDecision", &["fresh checker"]),
            ("", &[]),
        ] {
            let mut allowed = Vec::new();
            for it in &everybody {
                let (seen, actions) = review_as(&it.office, &name).await.expect("seen");
                assert_eq!(actions.is_empty(), it.who == "clerk", "{}", it.who);
                for action in actions {
                    if action.verdict() == Verdict::Allowed {
                        if short(&action) == method {
                            allowed.push((it.who, &it.office, seen.etag.clone()));
                        }
                        continue;
                    }
                    let came = match short(&action) {
                        "ProposeReviewDecision" => {
                            let uphold = Outcome::Uphold;
                            world.propose_review(&it.office, &name, uphold).await
                        }
                        _ => {
                            world
                                .approve_review_seen(&it.office, &name, &seen.etag)
                                .await
                        }
                    };
                    agrees(it.who, &action, came.map(|_| ()), &mut refused);
                }
            }
            let who: Vec<&str> = allowed.iter().map(|it| it.0).collect();
            assert_eq!(who, may, "{method}");
            let Some((_, office, etag)) = allowed.first() else {
                continue;
            };
            let done = match method {
                "ProposeReviewDecision" => {
                    world.propose_review(office, &name, Outcome::Uphold).await
                }
                _ => world.approve_review_seen(office, &name, etag).await,
            };
            done.expect("allowed");
        }
        let rules: BTreeSet<&str> = refused.iter().map(|it| it.1.as_str()).collect();
        assert!(rules.len() > 2, "rules and states: {refused:?}");
        assert!(rules.contains("DYN-1"), "{refused:?}");
    })
    .await;
}
