//! The reviews of village, township and county, and their notices.

use std::{collections::BTreeMap, sync::Arc};

use tonic::Status;
use yuhui_kernel::dates;
use yuhui_platform::refusal::reason_of;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        ApproveRejectionRequest, Case, CloseNoticeRequest, PostNoticeRequest,
        ProposeRejectionRequest, ReferCaseRequest, ReportCaseRequest, ReturnCaseRequest,
        ReviewCaseRequest, SignCaseRequest, case::State, case_service_client::CaseServiceClient,
        notice_service_client::NoticeServiceClient,
    },
    types::v1::Decision,
};

use super::{
    agenda::{Act, Timetable},
    intake::{decision, reason},
    notices::Posted,
    offices::{Desk, at, key},
    play::Play,
    plot::{Claim, Claimant},
};

/// A curable defect (R-P1-6): the claimant has until 30 April to make it up.
pub(super) const CURABLE: &str = "NO_BIRTH_SERVICE_REGISTRATION";
/// What the county writes when it reviews again (R-PRC-8).
const CHANGED: &str = "部门核查结果在公示后有变化，重新审核并公示";
/// Cases on one notice.
const NOTICE_LINES: usize = 500;

impl Play<'_> {
    /// Village: report, signature, notice.
    pub(super) async fn village(&mut self, items: Vec<usize>) {
        let waiting = self.in_state(items, State::VReview);
        self.each(waiting.clone(), async |play, index| {
            let claim = play.claim(index)?;
            let unit = claim.unit.to_string();
            let clerk = play.offices.of(Role::VillageClerk, &unit).await?;
            let head = play.offices.of(Role::VillageHead, &unit).await?;
            play.stage(index, &clerk, &head).await
        })
        .await;
        self.after_returns(&waiting);
        self.post_notices(waiting, State::VNotice).await;
    }

    /// Township: report (institutions: after the site inspection), signature, notice.
    pub(super) async fn township(&mut self, items: Vec<usize>) {
        let waiting = self.in_state(items, State::TReview);
        self.each(waiting.clone(), async |play, index| {
            let claim = play.claim(index)?;
            let unit = claim.unit.township().unwrap_or(claim.unit).to_string();
            let reviewer = play.offices.of(Role::TownshipReviewer, &unit).await?;
            let lead = play.offices.of(Role::TownshipLead, &unit).await?;
            play.stage(index, &reviewer, &lead).await
        })
        .await;
        self.post_notices(waiting, State::TNotice).await;
    }

    /// One stage of one case: the report runs the rules again, and what they
    /// say decides what is signed.
    async fn stage(
        &self,
        index: usize,
        maker: &Desk,
        checker: &Desk,
    ) -> Result<Option<Case>, Status> {
        let claim = self.claim(index)?;
        let standing = self.standing.get(index).cloned().unwrap_or_default();
        let agree = standing
            .case
            .as_ref()
            .is_some_and(|it| decision(it) == Decision::Pay);
        let mut reported = match self.report(index, maker, agree).await {
            // The rules have changed their mind since they were last run.
            Err(status) if agree && disagrees(&status) => self.report(index, maker, false).await?,
            reported => reported?,
        };
        if !agree && decision(&reported) == Decision::Pay {
            reported = self.report(index, maker, true).await?;
        }
        if decision(&reported) == Decision::Refer {
            return refer(maker, &reported).await;
        }
        let cured_by = Timetable::of(claim, reported.round).cured;
        let at_village = reported.state() == State::VReview;
        if at_village && reason(&reported) == CURABLE && !standing.returned && self.today < cured_by
        {
            let ask = ReturnCaseRequest {
                name: reported.name,
                etag: String::new(),
                defects: vec!["未办理生育服务登记，请补办".into()],
                request_id: key(),
            };
            return Ok(at!(maker, CaseServiceClient.return_case, ask)?.case);
        }
        let agree = decision(&reported) == Decision::Pay;
        let ask = SignCaseRequest {
            name: reported.name,
            etag: reported.etag,
            agree,
            note: opinion(agree).into(),
            request_id: key(),
        };
        Ok(at!(checker, CaseServiceClient.sign_case, ask)?.case)
    }

    /// The investigator's report, with the rules run again.
    async fn report(&self, index: usize, maker: &Desk, agree: bool) -> Result<Case, Status> {
        let ask = ReportCaseRequest {
            name: self.name(index),
            etag: String::new(),
            agree,
            note: opinion(agree).into(),
            children_present: self.children_present(self.claim(index)?),
            inspection: String::new(),
            request_id: key(),
        };
        let reported = at!(maker, CaseServiceClient.report_case, ask)?;
        Ok(reported.case.unwrap_or_default())
    }

    /// Children the township sees at its inspection.
    fn children_present(&self, claim: &Claim) -> i32 {
        let Claimant::Nursery(index) = claim.claimant else {
            return 0;
        };
        let enrolled = self
            .plot
            .nurseries
            .get(index)
            .map_or(0, |it| it.enrolments.len());
        i32::try_from(enrolled).unwrap_or(i32::MAX)
    }

    /// A claim is returned once.
    fn after_returns(&mut self, items: &[usize]) {
        for index in items {
            if let Some(standing) = self.standing.get_mut(*index)
                && standing.state() == State::Returned
            {
                standing.returned = true;
            }
        }
    }

    /// County: review with notice, or rejection.
    pub(super) async fn county(&mut self, items: Vec<usize>) {
        let waiting = self.in_state(items, State::CReview);
        self.each(waiting.clone(), async |play, index| {
            let claim = play.claim(index)?;
            let reviewer = play.reviewer(claim.county).await?;
            let said = play
                .standing
                .get(index)
                .and_then(|it| it.case.as_ref().map(decision));
            match said {
                Some(Decision::Pay) => {}
                Some(Decision::Refer) => {
                    let case = play.standing.get(index).and_then(|it| it.case.clone());
                    return refer(&reviewer, &case.unwrap_or_default()).await;
                }
                _ => return play.reject(index).await,
            }
            match review_case(&reviewer, play.name(index), "").await {
                Err(status) if disagrees(&status) => play.reject(index).await,
                reviewed => reviewed,
            }
        })
        .await;
        self.post_notices(waiting, State::CNotice).await;
    }

    /// What was posted is no longer what the rules say: the county reviews again, explains, and
    /// posts again (R-PRC-8). The claim is confirmed when its new notice is over.
    pub(super) async fn review_again(&mut self, index: usize) {
        let reviewed = self.reviewed_again(index).await;
        let again = reviewed.is_ok();
        self.saw(index, reviewed);
        if let Some(standing) = self.standing.get_mut(index) {
            standing.notice_over = false;
        }
        if again {
            self.post_notices(vec![index], State::CNotice).await;
        }
    }

    async fn reviewed_again(&self, index: usize) -> Result<Option<Case>, Status> {
        let reviewer = self.reviewer(self.claim(index)?.county).await?;
        review_case(&reviewer, self.name(index), CHANGED).await
    }

    /// The county refuses on the merits: maker and checker (F14).
    pub(super) async fn reject(&self, index: usize) -> Result<Option<Case>, Status> {
        let county = self.claim(index)?.county;
        let (reviewer, approver) = (self.reviewer(county).await?, self.approver(county).await?);
        let ask = ProposeRejectionRequest {
            name: self.name(index),
            etag: String::new(),
            reason: String::new(),
            note: "不符合补贴条件".into(),
            request_id: key(),
        };
        let proposed = at!(reviewer, CaseServiceClient.propose_rejection, ask)?;
        let ask = ApproveRejectionRequest {
            name: self.name(index),
            etag: proposed.case.unwrap_or_default().etag,
            request_id: key(),
        };
        Ok(at!(approver, CaseServiceClient.approve_rejection, ask)?.case)
    }

    /// Posts what came to `state` and is on no notice yet, unit by unit.
    async fn post_notices(&mut self, items: Vec<usize>, state: State) {
        let mut boards: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for index in self.in_state(items, state) {
            let Some(claim) = self.plot.claims.get(index) else {
                continue;
            };
            boards.entry(board(claim, state)).or_default().push(index);
        }
        let notices: Vec<(String, Vec<usize>)> = boards
            .into_iter()
            .flat_map(|(unit, claims)| {
                let lists = claims.chunks(NOTICE_LINES).map(<[usize]>::to_vec);
                lists.map(|list| (unit.clone(), list)).collect::<Vec<_>>()
            })
            .collect();
        let posted = self
            .all(notices, async |play, (unit, claims)| {
                let by = play.poster(&unit, state).await?;
                let ask = PostNoticeRequest {
                    parent: format!("counties/{}", unit.get(..6).unwrap_or_default()),
                    cases: claims.iter().map(|index| play.name(*index)).collect(),
                    request_id: key(),
                };
                let notice = at!(by, NoticeServiceClient.post_notice, ask)?.notice;
                let notice = notice.unwrap_or_default();
                let last_on = dates::parse(&notice.last_on)
                    .map_err(|error| Status::internal(error.to_string()))?;
                let name = notice.name;
                Ok((last_on, Posted { by, name, claims }))
            })
            .await;
        for (last_on, posted) in posted {
            let place = self.notices.add(posted);
            self.agenda
                .add(dates::add_days(last_on, 1), Act::CloseNotice, place);
        }
    }

    async fn poster(&self, unit: &str, state: State) -> Result<Arc<Desk>, Status> {
        let role = match state {
            State::VNotice => Role::VillageClerk,
            State::TNotice => Role::TownshipReviewer,
            _ => Role::CountyHealthReviewer,
        };
        self.offices.of(role, unit).await
    }

    /// Takes notices down; the cases on them move on (F9, F11).
    pub(super) async fn close_notices(&mut self, items: Vec<usize>) {
        let notices: Vec<Posted> = items
            .iter()
            .filter_map(|place| self.notices.get(*place))
            .collect();
        let closed = self
            .all(notices, async |_, posted| {
                let ask = CloseNoticeRequest {
                    name: posted.name.clone(),
                    proof: "张贴照片2张，张贴人及起止日期见照片".into(),
                    documents: Vec::new(),
                    request_id: key(),
                };
                at!(posted.by, NoticeServiceClient.close_notice, ask)?;
                Ok(posted.claims)
            })
            .await;
        for index in closed.into_iter().flatten() {
            self.move_on(index);
        }
    }

    /// What the closing of its notice did to a case.
    fn move_on(&mut self, index: usize) {
        let Some(standing) = self.standing.get_mut(index) else {
            return;
        };
        let Some(case) = &mut standing.case else {
            return;
        };
        match case.state() {
            State::VNotice => case.set_state(State::TReview),
            State::TNotice => case.set_state(State::CReview),
            State::CNotice => {
                standing.notice_over = true;
                self.not_too_late(index);
                return;
            }
            _ => return,
        }
        self.plan_next(index);
    }

    /// A claim whose notice ends after its cohort was confirmed joins a later one.
    fn not_too_late(&mut self, index: usize) {
        let Some(cohort) = self.standing.get(index).and_then(|it| it.cohort) else {
            return;
        };
        let Some(own) = self.cohorts.get(cohort).cloned() else {
            return;
        };
        if own.confirmed_on >= self.today {
            return;
        }
        let later = self.cohort(
            own.county,
            own.round,
            self.today,
            own.paid_on.max(self.today),
        );
        if let Some(standing) = self.standing.get_mut(index) {
            standing.cohort = Some(later);
        }
    }
}

/// The county maker's review.
async fn review_case(desk: &Desk, name: String, note: &str) -> Result<Option<Case>, Status> {
    let ask = ReviewCaseRequest {
        name,
        etag: String::new(),
        note: note.into(),
        request_id: key(),
    };
    Ok(at!(desk, CaseServiceClient.review_case, ask)?.case)
}

/// No automatic result: two persons of the county decide (F15).
async fn refer(desk: &Desk, case: &Case) -> Result<Option<Case>, Status> {
    let ask = ReferCaseRequest {
        name: case.name.clone(),
        etag: String::new(),
        reason: reason(case).into(),
        request_id: key(),
    };
    Ok(at!(desk, CaseServiceClient.refer_case, ask)?.case)
}

/// Unit on whose board the notice hangs.
fn board(claim: &Claim, state: State) -> String {
    match state {
        State::VNotice => claim.unit.to_string(),
        State::TNotice => claim.unit.township().unwrap_or(claim.unit).to_string(),
        _ => claim.county.to_string(),
    }
}

/// Whether the rules, run again, still say PAY, but not what was posted (R-PRC-8).
pub(super) fn has_changed(status: &Status) -> bool {
    reason_of(status).as_deref() == Some("RESULT_CHANGED")
}

/// Whether the rules, run again, said something else than PAY.
pub(super) fn disagrees(status: &Status) -> bool {
    reason_of(status).as_deref() == Some("RULES_DISAGREE")
}

fn opinion(agree: bool) -> &'static str {
    if agree {
        "经入户核实，材料与原件一致，同意发放"
    } else {
        "经核实不符合条件，注明情况上报"
    }
}
