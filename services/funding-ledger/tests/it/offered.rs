//! What a proposal is shown with is what the acts do.

use std::collections::{BTreeMap, BTreeSet};

use tonic::Status;
use yuhui_platform::refusal::{name_of, reason_of};
use yuhui_proto::{
    authz::v1::Role,
    funding::v1::{self as pb, funding_service_client::FundingServiceClient},
    types::v1::{Action, Programme, action::Verdict},
};
use yuhui_stage::Dice;

use crate::harness::{CITY, COUNTY, ROUND, Wire, World, case, on_every_world};

type Office = FundingServiceClient<Wire>;

/// Steps of the walk.
const STEPS: usize = 120;

impl World {
    /// Somebody of finance or health proposes the next thing; nothing where the book says no.
    async fn propose_some(&self, turn: usize) -> Option<String> {
        let (request_id, document) = (self.fresh(), "财〔2025〕1号".to_owned());
        let (mut county, mut city) = (self.maker(), self.city_maker());
        let proposed = match turn % 6 {
            0 | 1 => {
                let ask = pb::ProposeAppropriationRequest {
                    parent: [COUNTY, CITY][turn % 2].into(),
                    round: ROUND,
                    amount_fen: 1_000,
                    document,
                    request_id,
                };
                let by = [&mut county, &mut city][turn % 2].propose_appropriation(ask);
                by.await.ok()?.into_inner().proposal
            }
            2 => {
                let ask = pb::ProposeRecoveryReceiptRequest {
                    parent: case("one"),
                    amount_fen: 30_000,
                    document,
                    request_id,
                };
                let by = county.propose_recovery_receipt(ask).await;
                by.ok()?.into_inner().proposal
            }
            3 => {
                let ask = pb::ProposeCityShareRequest {
                    parent: COUNTY.into(),
                    round: ROUND,
                    amount_fen: 150_000,
                    document,
                    request_id,
                };
                let by = city.propose_city_share(ask).await;
                by.ok()?.into_inner().proposal
            }
            _ => return self.propose_write_off("one", 20_000).await.ok(),
        };
        Some(proposed?.name)
    }
}

async fn offered(office: &mut Office, name: &str) -> Option<(pb::Proposal, Vec<Action>)> {
    let ask = pb::GetProposalRequest { name: name.into() };
    let answer = office.get_proposal(ask).await.ok()?.into_inner();
    Some((answer.proposal?, answer.actions))
}

async fn attempt(
    world: &World,
    office: &mut Office,
    method: &str,
    of: &pb::Proposal,
) -> Result<(), Status> {
    let (name, etag, request_id) = (of.name.clone(), of.etag.clone(), world.fresh());
    let reason = "凭证不清".to_owned();
    macro_rules! call {
        ($act:ident, $ask:ident { $($more:ident),* }) => {{
            let ask = pb::$ask { name, request_id, $($more),* };
            office.$act(ask).await.map(|_| ())
        }};
    }
    match method {
        "ApproveAppropriation" => {
            call!(approve_appropriation, ApproveAppropriationRequest { etag })
        }
        "ApproveRecoveryReceipt" => call!(
            approve_recovery_receipt,
            ApproveRecoveryReceiptRequest { etag }
        ),
        "ApproveCityShare" => call!(approve_city_share, ApproveCityShareRequest { etag }),
        "ApproveWriteOff" => call!(approve_write_off, ApproveWriteOffRequest { etag }),
        "EndorseWriteOff" => call!(endorse_write_off, EndorseWriteOffRequest { etag }),
        "DeclineWriteOff" => call!(decline_write_off, DeclineWriteOffRequest { etag, reason }),
        "DeclineProposal" => call!(decline_proposal, DeclineProposalRequest { etag, reason }),
        "WithdrawProposal" => call!(withdraw_proposal, WithdrawProposalRequest {}),
        other => panic!("nobody knows how to call {other}"),
    }
}

fn short(action: &Action) -> &str {
    action.method.rsplit('/').next().unwrap_or_default()
}

#[tokio::test]
async fn what_is_offered_is_what_the_acts_do() {
    on_every_world(async |world| {
        world.recovering(200_000).await;
        let lines = [("two", 400_000)];
        world.seal("later", Programme::P1, &lines).await;
        world.record("later", 400_000).await;
        let office = |account: &str, role, unit: &str| {
            FundingServiceClient::new(world.wire(account, role, unit))
        };
        let mut everybody = [
            office("maker", Role::CountyFinanceMaker, "150203"),
            office("second", Role::CountyFinanceMaker, "150203"),
            office("checker", Role::CountyFinanceApprover, "150203"),
            // One person under both roles.
            office("maker", Role::CountyFinanceApprover, "150203"),
            office("health", Role::CountyHealthApprover, "150203"),
            office("checker", Role::CountyHealthApprover, "150203"),
            office("city-maker", Role::CityFinanceMaker, "150200"),
            office("city-checker", Role::CityFinanceApprover, "150200"),
            office("auditor", Role::CityAuditor, "150200"),
        ];
        let (mut done, mut refused) = (BTreeMap::<String, usize>::new(), BTreeSet::new());
        let mut names = Vec::new();
        let mut dice = Dice::of(7);
        let mut roll = |sides| dice.roll(sides);
        for step in 0..STEPS {
            if names.len() < 3 || roll(3) == 0 {
                names.extend(world.propose_some(step).await);
                continue;
            }
            // Mostly one of the last: what has ended is looked at now and then.
            let name: &String = match roll(4) {
                0 => &names[roll(names.len())],
                _ => &names[names.len() - 1 - roll(3)],
            };
            let mut allowed = Vec::new();
            for (who, office) in everybody.iter_mut().enumerate() {
                let Some((proposal, actions)) = offered(office, name).await else {
                    continue;
                };
                for action in actions {
                    let method = short(&action).to_owned();
                    assert!(!action.who_may.is_empty(), "{method}");
                    if action.verdict() == Verdict::Allowed {
                        allowed.push((who, method, action));
                        continue;
                    }
                    let told = attempt(&world, office, &method, &proposal).await;
                    let told = told.expect_err(&format!("{who} was refused {method}"));
                    assert_eq!(
                        (reason_of(&told).unwrap_or_default(), told.message()),
                        (name_of(action.reason()).to_owned(), action.en.as_str()),
                        "{who} {method}"
                    );
                    refused.insert(name_of(action.reason()).to_owned());
                }
            }
            let often =
                |it: &&(usize, String, Action)| done.get(&it.1).copied().unwrap_or_default();
            let Some((who, method, action)) = allowed.iter().min_by_key(often) else {
                continue;
            };
            let office = &mut everybody[*who];
            let (proposal, _) = offered(office, name).await.expect("it");
            match attempt(&world, office, method, &proposal).await {
                Ok(()) => *done.entry(method.clone()).or_default() += 1,
                Err(told) => {
                    let reason = reason_of(&told).unwrap_or_default();
                    assert!(
                        action.may_still_fail().any(|it| name_of(it) == reason),
                        "{who} was allowed {method}: {told}"
                    );
                }
            }
        }
        for method in [
            "EndorseWriteOff",
            "DeclineWriteOff",
            "ApproveWriteOff",
            "ApproveAppropriation",
            "ApproveRecoveryReceipt",
            "ApproveCityShare",
            "DeclineProposal",
            "WithdrawProposal",
        ] {
            assert!(done.contains_key(method), "{method}: {done:?}");
        }
        for reason in [
            "SEPARATION_OF_DUTIES",
            "NOT_ENDORSED",
            "ALREADY_ENDORSED",
            "ALREADY_APPROVED",
            "PROPOSAL_ENDED",
            "NOT_THE_MAKER",
        ] {
            assert!(refused.contains(reason), "{reason}: {refused:?}");
        }
        world.assert_whole().await;
    })
    .await;
}
