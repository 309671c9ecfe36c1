//! What a change or a report is shown with is what the acts do.

use std::collections::{BTreeMap, BTreeSet};

use tonic::Status;
use yuhui_platform::refusal::{ErrorReason, name_of, reason_of};
use yuhui_proto::{
    authz::v1::Role,
    institution::v1::{self as pb, use_report_service_client::UseReportServiceClient},
    types::v1::{Action, action::Verdict},
};
use yuhui_stage::Dice;

use crate::harness::{COUNTY, Client, System, code, filed, fresh, honour, proposal, registration};

/// Steps of the walk.
const STEPS: usize = 120;
/// Who heads the institution, and an official of his family.
const HEAD: &str = "U150000077";
const OFFICIAL: &str = "official";

/// A kindergarten headed by the official's relative.
async fn settle(system: &System) -> pb::Institution {
    let mut ask = registration(COUNTY, &code(1));
    let institution = ask.institution.as_mut().expect("stated");
    institution.legal_person = HEAD.into();
    institution.kind = pb::InstitutionKind::Kindergarten.into();
    let mut registrar = system.call(Role::CivilAffairsLiaison, COUNTY);
    let answer = registrar.register_institution(ask).await;
    let institution = answer.expect("registered").into_inner().institution;
    let head = system.child(HEAD);
    let mut known = system.registers.known();
    known.relatives.insert(OFFICIAL.into(), vec![head]);
    drop(known);
    institution.expect("institution")
}

async fn propose(system: &System, of: &str, step: usize) -> Option<String> {
    let day = format!("2024-{:02}-{:02}", 1 + step % 12, 1 + step % 28);
    let proposed = match step % 3 {
        0 => {
            let mut maker = system.call_as(Role::CountyHealthReviewer, COUNTY, "a");
            let ask = proposal(of, filed(&day));
            maker.propose_change(ask).await.ok()?.into_inner().change
        }
        1 => {
            let mut officer = system.call_as(Role::EducationOfficer, COUNTY, "e");
            let change = pb::change::Change::EducationApprovedOn(day);
            let ask = proposal(of, change);
            let ask = pb::ProposeEducationChangeRequest {
                parent: ask.parent,
                change: ask.change,
                request_id: ask.request_id,
            };
            let answer = officer.propose_education_change(ask).await;
            answer.ok()?.into_inner().change
        }
        _ => {
            let mut registrar = system.call_as(Role::CityHealthRegistrar, "150200", "c");
            let change = pb::change::Change::Honour(pb::Honour {
                granted_on: day,
                level: pb::HonourLevel::Municipal.into(),
                document_number: "包卫健发〔2024〕1号".into(),
            });
            let answer = registrar.propose_municipal_honour(honour(of, change)).await;
            answer.ok()?.into_inner().change
        }
    };
    Some(proposed?.name)
}

async fn offered(hand: &mut Client, name: &str) -> Option<(pb::Change, Vec<Action>)> {
    let ask = pb::GetChangeRequest { name: name.into() };
    let answer = hand.get_change(ask).await.ok()?.into_inner();
    Some((answer.change?, answer.actions))
}

async fn attempt(hand: &mut Client, method: &str, of: &pb::Change) -> Result<(), Status> {
    let (name, etag, request_id) = (of.name.clone(), of.etag.clone(), fresh());
    let reason = "材料不全".to_owned();
    macro_rules! call {
        ($act:ident, $ask:ident { $($more:ident),* }) => {{
            let ask = pb::$ask { name, request_id, $($more),* };
            hand.$act(ask).await.map(|_| ())
        }};
    }
    match method {
        "ApproveChange" => call!(approve_change, ApproveChangeRequest { etag }),
        "DeclineChange" => call!(decline_change, DeclineChangeRequest { etag, reason }),
        "WithdrawChange" => call!(withdraw_change, WithdrawChangeRequest {}),
        "ApproveEducationChange" => call!(
            approve_education_change,
            ApproveEducationChangeRequest { etag }
        ),
        "DeclineEducationChange" => call!(
            decline_education_change,
            DeclineEducationChangeRequest { etag, reason }
        ),
        "WithdrawEducationChange" => {
            call!(withdraw_education_change, WithdrawEducationChangeRequest {})
        }
        "ApproveMunicipalHonour" => call!(
            approve_municipal_honour,
            ApproveMunicipalHonourRequest { etag }
        ),
        "DeclineMunicipalHonour" => call!(
            decline_municipal_honour,
            DeclineMunicipalHonourRequest { etag, reason }
        ),
        "WithdrawMunicipalHonour" => {
            call!(withdraw_municipal_honour, WithdrawMunicipalHonourRequest {})
        }
        other => panic!("nobody knows how to call {other}"),
    }
}

fn short(action: &Action) -> &str {
    action.method.rsplit('/').next().unwrap_or_default()
}

#[tokio::test]
async fn what_is_offered_is_what_the_acts_do() {
    let system = System::start().await;
    let of = settle(&system).await.name;
    let mut everybody: Vec<Client> = [
        (Role::CountyHealthReviewer, COUNTY, "a"),
        (Role::CountyHealthReviewer, COUNTY, "b"),
        (Role::CountyHealthApprover, COUNTY, "a"),
        (Role::CountyHealthApprover, COUNTY, "d"),
        (Role::CountyHealthApprover, COUNTY, OFFICIAL),
        (Role::EducationOfficer, COUNTY, "e"),
        (Role::EducationHead, COUNTY, "f"),
        (Role::CityHealthRegistrar, "150200", "c"),
        (Role::CityHealthApprover, "150200", "g"),
        (Role::CountyAuditor, COUNTY, "h"),
    ]
    .map(|(role, unit, person)| system.call_as(role, unit, person))
    .into();
    let (mut done, mut refused) = (BTreeMap::<String, usize>::new(), BTreeSet::new());
    let mut names = Vec::new();
    let mut dice = Dice::of(7);
    let mut roll = |sides| dice.roll(sides);
    for step in 0..STEPS {
        if names.len() < 4 || roll(3) == 0 {
            names.extend(propose(&system, &of, step).await);
            continue;
        }
        // Mostly one of the last: what has ended is looked at now and then.
        let name: &String = match roll(4) {
            0 => &names[roll(names.len())],
            _ => &names[names.len() - 1 - roll(4)],
        };
        let mut allowed = Vec::new();
        for (who, hand) in everybody.iter_mut().enumerate() {
            let Some((change, actions)) = offered(hand, name).await else {
                continue;
            };
            for action in actions {
                let method = short(&action).to_owned();
                assert!(!action.who_may.is_empty(), "{method}");
                if action.verdict() == Verdict::Allowed {
                    allowed.push((who, method));
                    continue;
                }
                let told = attempt(hand, &method, &change).await;
                let told = told.expect_err(&format!("{who} was refused {method}"));
                assert_eq!(
                    (reason_of(&told).unwrap_or_default(), told.message()),
                    (name_of(action.reason()).to_owned(), action.en.as_str()),
                    "{who} {method}"
                );
                refused.insert((name_of(action.reason()).to_owned(), action.rule));
            }
        }
        // Nothing but what is told stands against an act here.
        let often = |it: &&(usize, String)| done.get(&it.1).copied().unwrap_or_default();
        let Some((who, method)) = allowed.iter().min_by_key(often) else {
            continue;
        };
        let hand = &mut everybody[*who];
        let (change, _) = offered(hand, name).await.expect("it");
        let answer = attempt(hand, method, &change).await;
        answer.unwrap_or_else(|told| panic!("{who} was allowed {method}: {told}"));
        *done.entry(method.clone()).or_default() += 1;
    }
    assert_eq!(done.len(), 9, "every act was done: {done:?}");
    for (reason, rule) in [
        ("SEPARATION_OF_DUTIES", "DYN-1"),
        ("SEPARATION_OF_DUTIES", "DYN-3"),
        ("CHANGE_ALREADY_APPROVED", ""),
        ("CHANGE_ENDED", ""),
        ("CHANGE_FITS_NO_MORE", ""),
        ("NOT_THE_MAKER", ""),
    ] {
        let key = (reason.to_owned(), rule.to_owned());
        assert!(refused.contains(&key), "{key:?}: {refused:?}");
    }
}

#[tokio::test]
async fn a_report_says_who_may_review_it() {
    let system = System::start().await;
    let nursery = settle(&system).await;
    let ask = pb::SubmitUseReportRequest {
        parent: nursery.name.clone(),
        round: 2025,
        operating_fen: 100,
        other_fen: 0,
        note: "房租".into(),
        request_id: fresh(),
    };
    let name = system.own(&nursery).submit_use_report(ask).await;
    let name = name.expect("submitted").into_inner().name;
    let get = async |role, person: &str| {
        let line = system.line(role, COUNTY, Some(person.into()));
        let ask = pb::GetUseReportRequest { name: name.clone() };
        let answer = UseReportServiceClient::new(line).get_use_report(ask).await;
        answer.map(tonic::Response::into_inner)
    };
    let seen = get(Role::CountyHealthReviewer, "a").await.expect("there");
    assert_eq!(short(&seen.actions[0]), "ReviewUseReport");
    assert_eq!(seen.actions[0].verdict(), Verdict::Allowed);
    let related = get(Role::CountyHealthReviewer, OFFICIAL).await;
    let related = related.expect("he may read it").actions;
    assert_eq!(
        (related[0].verdict(), related[0].rule.as_str()),
        (Verdict::Refused, "DYN-3")
    );
    let auditor = get(Role::CountyAuditor, "h").await.expect("there");
    assert!(auditor.actions.is_empty(), "{auditor:?}");
    assert_eq!(auditor.use_report, seen.use_report);

    system.registers.known().silent = true;
    let unknown = get(Role::CountyHealthReviewer, "z").await.expect("there");
    let left: Vec<_> = unknown.actions[0].may_still_fail().collect();
    assert_eq!(left, [ErrorReason::SeparationOfDuties]);

    let stranger = system.line(Role::Institution, COUNTY, Some("another".into()));
    let ask = pb::GetUseReportRequest { name };
    let answer = UseReportServiceClient::new(stranger)
        .get_use_report(ask)
        .await;
    let told = answer.expect_err("another's");
    assert_eq!(told.code(), tonic::Code::NotFound);
}
