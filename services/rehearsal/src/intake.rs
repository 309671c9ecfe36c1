//! Claims come in: lodged, taken up or not, brought back, withdrawn; and fraud
//! is established.

use std::{collections::BTreeMap, sync::Arc};

use futures::{StreamExt as _, stream};
use tonic::Status;
use yuhui_kernel::{Tenant, dates};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        AcceptCaseRequest, ApproveFraudFindingRequest, Case, CreateCaseRequest, LodgeCaseRequest,
        ProposeFraudFindingRequest, RecordDeliveryRequest, RefuseCaseRequest,
        ResolveReferralRequest, ResubmitCaseRequest, WithdrawCaseRequest, case::State,
        case_service_client::CaseServiceClient,
        review_request_service_client::ReviewRequestServiceClient,
    },
    types::v1::Decision,
};

use super::{
    forms,
    offices::{Desk, at, key},
    play::Play,
    plot::{Claim, Claimant, is_family},
    seen::case_etag,
};

impl Play<'_> {
    /// Lodges claims; those of one household one after the other.
    pub(super) async fn lodge(&mut self, items: Vec<usize>) {
        let mut households: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for index in items {
            let household = self.plot.claims.get(index).map_or(index, |it| it.household);
            households.entry(household).or_default().push(index);
        }
        let this = &*self;
        let done: Vec<_> = stream::iter(households.into_values())
            .map(|household| async move {
                let mut results = Vec::new();
                for index in household {
                    results.push((index, this.lodge_one(index).await));
                    this.times.tick();
                }
                results
            })
            .buffer_unordered(this.in_flight)
            .collect()
            .await;
        for (index, result) in done.into_iter().flatten() {
            self.saw(index, result);
        }
    }

    async fn lodge_one(&self, index: usize) -> Result<Option<Case>, Status> {
        let claim = self.claim(index)?;
        let lodger = self.lodger(claim).await?;
        let clerk = self.clerk(claim).await?;
        let ask = CreateCaseRequest {
            parent: parent(claim.county),
            claim: Some(forms::fill_in(self.plot, claim)?),
            request_id: key(),
        };
        let draft = at!(lodger, CaseServiceClient.create_case, ask)?;
        let ask = LodgeCaseRequest {
            name: draft.case.unwrap_or_default().name,
            etag: String::new(),
            request_id: key(),
        };
        let lodged = at!(lodger, CaseServiceClient.lodge_case, ask)?
            .case
            .unwrap_or_default();
        if decision(&lodged) == Decision::NotAccepted {
            let ask = RefuseCaseRequest {
                name: lodged.name,
                etag: String::new(),
                note: "不予受理，并告知有权受理机关或在先申请".into(),
                request_id: key(),
            };
            return Ok(at!(clerk, CaseServiceClient.refuse_case, ask)?.case);
        }
        let ask = AcceptCaseRequest {
            name: lodged.name,
            etag: String::new(),
            originals_seen: true,
            request_id: key(),
        };
        Ok(at!(clerk, CaseServiceClient.accept_case, ask)?.case)
    }

    /// Who hands the claim in: the clerk for a family, the nursery itself in
    /// its own county, the county office otherwise.
    async fn lodger(&self, claim: &Claim) -> Result<Arc<Desk>, Status> {
        if let Claimant::Nursery(index) = claim.claimant
            && let Some(nursery) = self.plot.nurseries.get(index)
            && nursery.county == claim.county
        {
            return self.offices.named(&nursery.login).await;
        }
        self.clerk(claim).await
    }

    /// Who takes the claim up.
    pub(super) async fn clerk(&self, claim: &Claim) -> Result<Arc<Desk>, Status> {
        if is_family(claim.programme) {
            self.offices
                .of(Role::VillageClerk, &claim.unit.to_string())
                .await
        } else {
            self.reviewer(claim.county).await
        }
    }

    pub(super) async fn reviewer(&self, county: Tenant) -> Result<Arc<Desk>, Status> {
        self.offices
            .of(Role::CountyHealthReviewer, county.as_str())
            .await
    }

    pub(super) async fn approver(&self, county: Tenant) -> Result<Arc<Desk>, Status> {
        self.offices
            .of(Role::CountyHealthApprover, county.as_str())
            .await
    }

    /// Returned claims come back with what was missing.
    pub(super) async fn resubmit(&mut self, items: Vec<usize>) {
        let returned = self.in_state(items, State::Returned);
        self.each(returned, async |play, index| {
            let clerk = play.clerk(play.claim(index)?).await?;
            let ask = ResubmitCaseRequest {
                name: play.name(index),
                etag: String::new(),
                answer: "已补办并提交".into(),
                request_id: key(),
            };
            Ok(at!(clerk, CaseServiceClient.resubmit_case, ask)?.case)
        })
        .await;
    }

    /// Claimants take their claims back, at the counter.
    pub(super) async fn withdraw(&mut self, items: Vec<usize>) {
        self.each(items, async |play, index| {
            let clerk = play.clerk(play.claim(index)?).await?;
            let ask = WithdrawCaseRequest {
                name: play.name(index),
                etag: String::new(),
                reason: "申请人主动撤回".into(),
                request_id: key(),
            };
            Ok(at!(clerk, CaseServiceClient.withdraw_case, ask)?.case)
        })
        .await;
    }

    /// Referrals that a panel of two resolves against the claim (F15).
    pub(super) async fn resolve(&mut self, items: Vec<usize>) {
        let referred = self.in_state(items, State::Referred);
        self.each(referred, async |play, index| {
            let county = play.claim(index)?.county;
            let second = play
                .offices
                .second(Role::CountyHealthApprover, county.as_str())
                .await?;
            let mut case = None;
            for member in [play.approver(county).await?, second] {
                let ask = ResolveReferralRequest {
                    etag: case_etag(&member, play.name(index)).await?,
                    name: play.name(index),
                    proceed: false,
                    reason: "经研究，不符合发放条件".into(),
                    request_id: key(),
                };
                case = at!(member, CaseServiceClient.resolve_referral, ask)?.case;
            }
            Ok(case)
        })
        .await;
    }

    /// Fraud is established after an inquiry with a hearing (六2, 五(三)3).
    pub(super) async fn fraud(&mut self, items: Vec<usize>) {
        let open = |standing: &super::play::Standing| {
            let ended = [
                State::NotAccepted,
                State::Rejected,
                State::Withdrawn,
                State::Terminated,
            ];
            standing.case.is_some() && !ended.contains(&standing.state())
        };
        let items = items
            .into_iter()
            .filter(|index| self.standing.get(*index).is_some_and(open))
            .collect();
        self.each(items, async |play, index| {
            let county = play.claim(index)?.county;
            let (reviewer, approver) = (play.reviewer(county).await?, play.approver(county).await?);
            let ask = ProposeFraudFindingRequest {
                name: play.name(index),
                etag: String::new(),
                note: "经核查并听取陈述申辩，认定提供虚假材料".into(),
                request_id: key(),
            };
            let proposed = at!(reviewer, CaseServiceClient.propose_fraud_finding, ask)?;
            let ask = ApproveFraudFindingRequest {
                name: play.name(index),
                etag: proposed.case.unwrap_or_default().etag,
                request_id: key(),
            };
            let found = at!(approver, CaseServiceClient.approve_fraud_finding, ask)?.case;
            match found {
                Some(stopped) if stopped.state() == State::Terminated => {
                    play.deliver(county, &stopped).await.map(Some)
                }
                other => Ok(other),
            }
        })
        .await;
    }

    /// The decision is delivered the same day: the term of review runs from it (C.8).
    pub(super) async fn deliver(&self, county: Tenant, case: &Case) -> Result<Case, Status> {
        let reviewer = self.reviewer(county).await?;
        let ask = RecordDeliveryRequest {
            case: case.name.clone(),
            delivered_on: dates::format(self.today),
            proof: "当面送达回证".into(),
            request_id: key(),
        };
        let told = at!(reviewer, ReviewRequestServiceClient.record_delivery, ask)?;
        Ok(told.case.unwrap_or_default())
    }

    /// Those of `items` that stand in `state`.
    pub(super) fn in_state(&self, items: Vec<usize>, state: State) -> Vec<usize> {
        let stands = |index: &usize| {
            let standing = self.standing.get(*index);
            standing.is_some_and(|it| it.state() == state && it.trouble.is_none())
        };
        items.into_iter().filter(stands).collect()
    }
}

/// `counties/{county}`.
pub(super) fn parent(county: Tenant) -> String {
    format!("counties/{}", county.as_str())
}

/// What the rules said last.
pub(super) fn decision(case: &Case) -> Decision {
    case.determination
        .as_ref()
        .map_or(Decision::Unspecified, |it| it.decision())
}

/// Reason code the rules gave last.
pub(super) fn reason(case: &Case) -> &str {
    case.determination
        .as_ref()
        .map_or("", |it| it.reason.as_str())
}
