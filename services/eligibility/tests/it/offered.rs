//! What `GetCase` offers is what the acts do: whatever is allowed is not refused for a reason of the gate, and whatever
//! is refused is refused by the act, for the same reason.

use std::collections::{BTreeMap, BTreeSet};

use time::macros::date;
use tonic::Status;
use yuhui_platform::refusal::{name_of, reason_of};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, Case, case::State},
    types::v1::{Action, Programme, action::Verdict},
};
use yuhui_stage::Dice;

use crate::{
    books::{Family, account},
    harness::{COUNTY, Office, TOWNSHIP, VILLAGE, World, on_every_world},
};

const CARD: &str = "6217000010001234569";

/// How many acts are done on the cases of one walk.
const STEPS: usize = 220;

/// A call that does what `method` says to the case, as plausibly as can be.
async fn attempt(world: &World, office: &Office, method: &str, case: &Case) -> Result<(), Status> {
    /// `call!(client.method(Request { field: value }))`: with name, etag and request id.
    macro_rules! call {
        ($client:ident.$method:ident($request:ident { $($field:ident: $value:expr),* })) => {
            office.$client().$method(pb::$request {
                name: case.name.clone(),
                etag: case.etag.clone(),
                $($field: $value.into(),)*
                request_id: world.fresh(),
            }).await.map(|_| ())
        };
    }
    let other = Some(account("某女", CARD, false));
    let words = "经核实";
    let today = yuhui_kernel::dates::format(world.clock.today());
    match method {
        "UpdateCase" => {
            let ask = pb::UpdateCaseRequest {
                case: Some(Case {
                    name: case.name.clone(),
                    etag: case.etag.clone(),
                    claim: Some(pb::Claim {
                        truth_signed: true,
                        ..Default::default()
                    }),
                    ..Default::default()
                }),
                update_mask: Some(prost_types::FieldMask {
                    paths: vec!["claim.truth_signed".into()],
                }),
                request_id: world.fresh(),
            };
            office.cases().update_case(ask).await.map(|_| ())
        }
        "LodgeCase" => call!(cases.lodge_case(LodgeCaseRequest {})),
        "AcceptCase" => call!(cases.accept_case(AcceptCaseRequest {
            originals_seen: true
        })),
        "RefuseCase" => call!(cases.refuse_case(RefuseCaseRequest { note: words })),
        "ReportCase" => call!(cases.report_case(ReportCaseRequest {
            agree: true,
            note: words,
            children_present: 0,
            inspection: ""
        })),
        "SignCase" => call!(cases.sign_case(SignCaseRequest {
            agree: true,
            note: words
        })),
        "ReviewCase" => call!(cases.review_case(ReviewCaseRequest { note: words })),
        "ConfirmCase" => call!(cases.confirm_case(ConfirmCaseRequest { note: words })),
        "ReturnCase" => call!(cases.return_case(ReturnCaseRequest {
            defects: [words.to_owned()]
        })),
        "ResubmitCase" => call!(cases.resubmit_case(ResubmitCaseRequest { answer: words })),
        "ReferCase" => call!(cases.refer_case(ReferCaseRequest { reason: words })),
        "ResolveReferral" => call!(cases.resolve_referral(ResolveReferralRequest {
            proceed: true,
            reason: words
        })),
        "ProposeRejection" => call!(cases.propose_rejection(ProposeRejectionRequest {
            reason: "OTHER_GROUND",
            note: words
        })),
        "ApproveRejection" => call!(cases.approve_rejection(ApproveRejectionRequest {})),
        "ProposeTermination" => call!(cases.propose_termination(ProposeTerminationRequest {
            reason: "OTHER_GROUND",
            note: words
        })),
        "ApproveTermination" => call!(cases.approve_termination(ApproveTerminationRequest {})),
        "WithdrawCase" => call!(cases.withdraw_case(WithdrawCaseRequest { reason: words })),
        "ProposeAccountCorrection" => {
            call!(
                cases
                    .propose_account_correction(ProposeAccountCorrectionRequest { account: other })
            )
        }
        "ApproveAccountCorrection" => {
            call!(cases.approve_account_correction(ApproveAccountCorrectionRequest {}))
        }
        "ProposeFraudFinding" => {
            call!(cases.propose_fraud_finding(ProposeFraudFindingRequest { note: words }))
        }
        "ApproveFraudFinding" => call!(cases.approve_fraud_finding(ApproveFraudFindingRequest {})),
        "HoldCase" => call!(cases.hold_case(HoldCaseRequest {
            reason: words,
            until_on: ""
        })),
        "ReleaseHold" => call!(cases.release_hold(ReleaseHoldRequest { reason: words })),
        "RecordObjection" => {
            call!(cases.record_objection(RecordObjectionRequest {
                substance: words,
                objector: ""
            }))
        }
        "ResolveInquiry" => call!(cases.resolve_inquiry(ResolveInquiryRequest {
            outcome: pb::resolve_inquiry_request::Outcome::Resume,
            finding: words
        })),
        "CloseCase" => call!(cases.close_case(CloseCaseRequest {})),
        "ProposeRecovery" => {
            call!(recoveries.propose_recovery(ProposeRecoveryRequest { note: words }))
        }
        "ApproveRecovery" => call!(recoveries.approve_recovery(ApproveRecoveryRequest {})),
        "ProposeTakeover" => {
            let ask = pb::ProposeTakeoverRequest {
                name: case.name.clone(),
                etag: case.etag.clone(),
                claimant_number: Family::of(9).father,
                claimant_name: "某男".into(),
                account: Some(account("某男", CARD, false)),
                certificate: words.into(),
                original_seen: true,
                note: words.into(),
                request_id: world.fresh(),
            };
            office.takeovers().propose_takeover(ask).await.map(|_| ())
        }
        "ApproveTakeover" => call!(takeovers.approve_takeover(ApproveTakeoverRequest {})),
        "DeclineCaseProposal" => {
            call!(proposals.decline_case_proposal(DeclineCaseProposalRequest { reason: words }))
        }
        "WithdrawCaseProposal" => {
            call!(proposals.withdraw_case_proposal(WithdrawCaseProposalRequest {}))
        }
        "ReportInquiry" => {
            let ask = pb::ReportInquiryRequest {
                case: case.name.clone(),
                founded: false,
                finding: words.into(),
                request_id: world.fresh(),
            };
            office.inquiries().report_inquiry(ask).await.map(|_| ())
        }
        "RecordDelivery" => {
            let ask = pb::RecordDeliveryRequest {
                case: case.name.clone(),
                delivered_on: today,
                proof: words.into(),
                request_id: world.fresh(),
            };
            office.reviews().record_delivery(ask).await.map(|_| ())
        }
        "RequestReview" => {
            let ask = pb::RequestReviewRequest {
                case: case.name.clone(),
                grounds: words.into(),
                request_id: world.fresh(),
            };
            office.reviews().request_review(ask).await.map(|_| ())
        }
        "OrderReopening" => {
            let ask = pb::OrderReopeningRequest {
                case: case.name.clone(),
                substance: words.into(),
                order: Some(pb::ReopeningOrder {
                    authority: pb::reopening_order::Authority::Court.into(),
                    document_number: "〔2025〕1号".into(),
                    document_on: today,
                }),
                request_id: world.fresh(),
            };
            office.reviews().order_reopening(ask).await.map(|_| ())
        }
        other => panic!("nobody knows how to call {other}"),
    }
}

/// Everybody who may have to do with a case, two of them under two accounts.
fn everybody(world: &World, families: &[Family]) -> Vec<(String, Office)> {
    let maker = "person-of-ROLE_COUNTY_HEALTH_REVIEWER@150203";
    let clerk = "person-of-ROLE_VILLAGE_CLERK@150203002001";
    let mut all: Vec<(String, Office)> = [
        ("clerk", world.clerk()),
        ("head", world.head()),
        ("reviewer", world.reviewer()),
        ("lead", world.lead()),
        ("maker", world.maker()),
        (
            "second maker",
            world.second(Role::CountyHealthReviewer, COUNTY),
        ),
        ("checker", world.checker()),
        (
            "second checker",
            world.second(Role::CountyHealthApprover, COUNTY),
        ),
        (
            "maker as checker",
            world.known_as(Role::CountyHealthApprover, COUNTY, "himself", Some(maker)),
        ),
        (
            "clerk at the township",
            world.known_as(Role::TownshipReviewer, TOWNSHIP, "himself", Some(clerk)),
        ),
        ("second head", world.second(Role::VillageHead, VILLAGE)),
        ("inspector", world.inspector()),
    ]
    .map(|(who, office)| (who.to_owned(), office))
    .into();
    for (place, family) in families.iter().enumerate() {
        all.push((format!("mother {place}"), world.applicant(&family.mother)));
    }
    all
}

async fn offered(office: &Office, name: &str) -> Option<(Case, Vec<Action>)> {
    let ask = pb::GetCaseRequest { name: name.into() };
    let answer = office.cases().get_case(ask).await.ok()?.into_inner();
    Some((answer.case?, answer.actions))
}

fn short(action: &Action) -> &str {
    action.method.rsplit('/').next().unwrap_or_default()
}

/// What is no act on one case: notices, rosters, money.
async fn go_on(world: &World, case: &Case, turn: usize) {
    let own = match case.state() {
        State::VNotice => world.clerk(),
        State::TNotice => world.reviewer(),
        State::CNotice => world.maker(),
        State::Confirmed => {
            if let Ok(roster) = world.build(Programme::P1).await {
                _ = world.seal(&world.checker(), &roster.name).await;
            }
            return;
        }
        State::Rostered => {
            _ = world.check_roster(&case.roster).await;
            _ = world.record(&world.recorder(), &case.roster).await;
            return;
        }
        State::Recorded => return world.funded(&case.roster).await,
        State::Funded | State::PayFailed => {
            if world.check().await.is_ok_and(|it| it.cleared > 0) {
                world.sent(&case.name).await;
            }
            return;
        }
        State::InPayment => return world.settled(&case.name, !turn.is_multiple_of(3)).await,
        _ => return,
    };
    if case.notice.is_empty() {
        _ = world.post(&own, &[&case.name]).await;
        return;
    }
    let later = world.clock.today() + time::Duration::days(8);
    if later < date!(2025 - 11 - 01) {
        world.on(later);
    }
    _ = world.close(&own, &case.notice).await;
}

/// Acts that lead on.
const FORWARD: [&str; 8] = [
    "LodgeCase",
    "AcceptCase",
    "ReportCase",
    "SignCase",
    "ReviewCase",
    "ConfirmCase",
    "ResubmitCase",
    "ReleaseHold",
];

/// Acts that end a case, or bring it back from its end.
const ENDING: [&str; 9] = [
    "RefuseCase",
    "WithdrawCase",
    "ApproveRejection",
    "ApproveTermination",
    "ProposeFraudFinding",
    "ApproveFraudFinding",
    "CloseCase",
    "OrderReopening",
    "HoldCase",
];

/// Where nothing leads on.
const ENDED: [State; 6] = [
    State::Closed,
    State::Withdrawn,
    State::NotAccepted,
    State::Rejected,
    State::Terminated,
    State::Recovering,
];

#[tokio::test]
async fn what_is_offered_is_what_the_acts_do() {
    on_every_world(async |world| {
        let families: Vec<Family> = (1..=4).map(Family::of).collect();
        for family in &families {
            family.register(&world);
        }
        let everybody = everybody(&world, &families);
        let mut names: Vec<String> = Vec::new();
        for family in &families {
            let draft = world.draft(&world.clerk(), family.claim()).await;
            names.push(draft.expect("a draft").name);
        }
        let (mut done, mut refused): (BTreeMap<String, usize>, BTreeMap<String, usize>) =
            Default::default();
        let mut states = BTreeSet::new();
        let mut dice = Dice::of(7);
        let mut roll = |sides| dice.roll(sides);
        for step in 0..STEPS {
            let place = roll(names.len());
            let mut allowed = Vec::new();
            let watched = roll(everybody.len());
            let mut now = State::Unspecified;
            for (at, (who, office)) in everybody.iter().enumerate() {
                let Some((case, actions)) = offered(office, &names[place]).await else {
                    continue;
                };
                states.insert(case.state().as_str_name());
                now = case.state();
                for action in &actions {
                    match action.verdict() {
                        Verdict::Allowed => {
                            allowed.push((at, short(action).to_owned(), action.clone()))
                        }
                        // Of some, on each turn: there are a hundred for each act that is done.
                        _ if (at + watched).is_multiple_of(6) => {
                            let answer = attempt(&world, office, short(action), &case).await;
                            let told = answer.expect_err(&format!(
                                "{who} was refused {} ({}) in {:?}, and it was done",
                                short(action),
                                name_of(action.reason()),
                                case.state()
                            ));
                            assert_eq!(
                                reason_of(&told).unwrap_or_default(),
                                name_of(action.reason()),
                                "{who} {} in {:?}: {told}",
                                short(action),
                                case.state()
                            );
                            assert_eq!(told.message(), action.en, "{}", short(action));
                            assert!(!action.zh.is_empty() && !action.who_may.is_empty());
                            *refused
                                .entry(name_of(action.reason()).to_owned())
                                .or_default() += 1;
                        }
                        _ => {}
                    }
                }
            }
            let forward = roll(10) < 6;
            let ending = roll(5) == 0;
            let wanted = |method: &str| match forward {
                // Reviewed anew it would come off its notice again.
                true if now == State::CNotice => method == "ConfirmCase",
                true => FORWARD.contains(&method),
                false => ending || !ENDING.contains(&method),
            };
            let chosen = allowed
                .iter()
                .filter(|it| wanted(&it.1))
                .min_by_key(|it| (done.get(&it.1).copied().unwrap_or_default(), it.0));
            if let Some((at, method, action)) = chosen {
                let (who, office) = &everybody[*at];
                let (case, _) = offered(office, &names[place]).await.expect("it");
                let state = case.state();
                match attempt(&world, office, method, &case).await {
                    Ok(()) => *done.entry(method.clone()).or_default() += 1,
                    Err(told) => {
                        let reason = reason_of(&told).unwrap_or_default();
                        assert!(
                            action.may_still_fail().any(|it| name_of(it) == reason),
                            "{who} was allowed {method} in {state:?}: {told}"
                        );
                    }
                }
            }
            let Some((case, _)) = offered(&world.maker(), &names[place]).await else {
                continue;
            };
            if chosen.is_none() || forward {
                go_on(&world, &case, step).await;
            }
            // Where nothing leads on another family's claim begins.
            if ENDED.contains(&case.state()) && roll(3) == 0 {
                let family = Family::of(10 + u32::try_from(step).expect("few"));
                family.register(&world);
                let draft = world.draft(&world.clerk(), family.claim()).await;
                names[place] = draft.expect("a draft").name;
            }
        }
        let reasons: BTreeSet<&str> = refused.keys().map(String::as_str).collect();
        assert!(done.len() >= 14, "only {done:?}");
        for method in ["SignCase", "ReviewCase", "ConfirmCase"] {
            assert!(
                done.contains_key(method),
                "{method} was never done: {done:?}"
            );
        }
        for reason in [
            "WRONG_STATE",
            "SEPARATION_OF_DUTIES",
            "NO_PROPOSAL",
            "NOTICE_MISSING",
        ] {
            assert!(
                reasons.contains(reason),
                "nothing was refused for {reason}: {refused:?}"
            );
        }
        assert!(states.len() >= 10, "{states:?}");
    })
    .await;
}
