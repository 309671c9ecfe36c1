//! What the offices do, step by step, and the way of a case through them.

use time::macros::date;
use tonic::Status;
use yuhui_proto::{
    eligibility::v1::{self as pb, Case, Claim, Notice, case::State},
    internal::v1::{BatchReleased, LineSettled, LinesSettled, RoundFunded, event::Payload},
    types::v1::Programme,
};

use crate::{
    books::Family,
    harness::{Office, PARENT, ROUND, World},
};

/// One act on one case: `act!(world, office, method, Request { name, … })`.
macro_rules! act {
    ($world:expr, $office:expr, $method:ident, $request:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {
        {
            let mut ask = yuhui_proto::eligibility::v1::$request {
                $($field $(: $value)?,)*
                request_id: $world.fresh(),
                ..Default::default()
            };
            if $crate::seen::APPROVALS.contains(&stringify!($method)) && ask.etag.is_empty() {
                ask.etag = $world.etag(&ask.name).await;
            }
            $office
                .cases()
                .$method(ask)
                .await
                .map(|it| it.into_inner().case.expect("a case"))
        }
    };
}
pub(crate) use act;

/// The way of a case.
const WAY: &[State] = &[
    State::Lodged,
    State::VReview,
    State::VNotice,
    State::TReview,
    State::TNotice,
    State::CReview,
    State::CNotice,
    State::Confirmed,
    State::Rostered,
    State::Recorded,
    State::Funded,
    State::InPayment,
    State::Paid,
];

impl World {
    /// The case as it stands.
    pub async fn look(&self, name: &str) -> Case {
        let ask = pb::GetCaseRequest { name: name.into() };
        let answer = self.maker().cases().get_case(ask).await.expect("a case");
        answer.into_inner().case.expect("a case")
    }

    /// The case as somebody opens it.
    pub async fn look_as(&self, office: &Office, name: &str) -> Result<Case, Status> {
        let ask = pb::GetCaseRequest { name: name.into() };
        let answer = office.cases().get_case(ask).await?;
        Ok(answer.into_inner().case.expect("a case"))
    }

    pub async fn draft(&self, office: &Office, claim: Claim) -> Result<Case, Status> {
        self.draft_in(PARENT, office, Some(claim)).await
    }

    pub async fn draft_in(
        &self,
        parent: &str,
        office: &Office,
        claim: Option<Claim>,
    ) -> Result<Case, Status> {
        let ask = pb::CreateCaseRequest {
            parent: parent.into(),
            claim,
            request_id: self.fresh(),
        };
        let answer = office.cases().create_case(ask).await?;
        Ok(answer.into_inner().case.expect("a case"))
    }

    /// Changes the field `path` of a claim to what `claim` says.
    pub async fn update(
        &self,
        office: &Office,
        name: &str,
        claim: Claim,
        path: &str,
    ) -> Result<Case, Status> {
        let case = Case {
            name: name.into(),
            claim: Some(claim),
            ..Case::default()
        };
        let ask = pb::UpdateCaseRequest {
            case: Some(case),
            update_mask: Some(prost_types::FieldMask {
                paths: vec![path.into()],
            }),
            request_id: self.fresh(),
        };
        let answer = office.cases().update_case(ask).await?;
        Ok(answer.into_inner().case.expect("a case"))
    }

    pub async fn lodge(&self, office: &Office, claim: Claim) -> Result<Case, Status> {
        let name = self.draft(office, claim).await?.name;
        act!(self, office, lodge_case, LodgeCaseRequest { name })
    }

    pub async fn accept(&self, office: &Office, name: &str) -> Result<Case, Status> {
        let name = name.into();
        act!(
            self,
            office,
            accept_case,
            AcceptCaseRequest {
                name,
                originals_seen: true
            }
        )
    }

    pub async fn report(&self, office: &Office, name: &str, agree: bool) -> Result<Case, Status> {
        let note = "入户核实".into();
        let name = name.into();
        act!(
            self,
            office,
            report_case,
            ReportCaseRequest { name, agree, note }
        )
    }

    pub async fn sign(&self, office: &Office, name: &str, agree: bool) -> Result<Case, Status> {
        let note = "已阅".into();
        let name = name.into();
        act!(
            self,
            office,
            sign_case,
            SignCaseRequest { name, agree, note }
        )
    }

    pub async fn review(&self, office: &Office, name: &str) -> Result<Case, Status> {
        let name = name.into();
        act!(self, office, review_case, ReviewCaseRequest { name })
    }

    pub async fn confirm(&self, office: &Office, name: &str) -> Result<Case, Status> {
        let name = name.into();
        act!(self, office, confirm_case, ConfirmCaseRequest { name })
    }

    pub async fn hold(&self, name: &str) -> Result<Case, Status> {
        let (name, reason) = (name.into(), "信访核查".into());
        act!(
            self,
            self.inspector(),
            hold_case,
            HoldCaseRequest { name, reason }
        )
    }

    pub async fn release(&self, name: &str) -> Result<Case, Status> {
        let (name, reason) = (name.into(), "核查完毕".into());
        act!(
            self,
            self.inspector(),
            release_hold,
            ReleaseHoldRequest { name, reason }
        )
    }

    pub async fn object(&self, office: &Office, name: &str) -> Result<Case, Status> {
        let (name, substance) = (name.into(), "邻居反映长期不在本地居住".into());
        let objector = "王某 13900000000".into();
        act!(
            self,
            office,
            record_objection,
            RecordObjectionRequest {
                name,
                substance,
                objector
            }
        )
    }

    /// Two investigators report, the county decides.
    pub async fn resolve(
        &self,
        name: &str,
        outcome: pb::resolve_inquiry_request::Outcome,
    ) -> Result<Case, Status> {
        let founded = outcome == pb::resolve_inquiry_request::Outcome::Refuse;
        for investigator in self.investigators() {
            self.report_finding(&investigator, name, founded).await?;
        }
        self.decide_inquiry(name, outcome).await
    }

    pub async fn decide_inquiry(
        &self,
        name: &str,
        outcome: pb::resolve_inquiry_request::Outcome,
    ) -> Result<Case, Status> {
        let (name, finding) = (name.into(), "经核查".into());
        let outcome = outcome.into();
        let checker = self.checker();
        act!(
            self,
            checker,
            resolve_inquiry,
            ResolveInquiryRequest {
                name,
                finding,
                outcome
            }
        )
    }

    pub async fn withdraw(&self, office: &Office, name: &str) -> Result<Case, Status> {
        let (name, reason) = (name.into(), "申请人撤回".into());
        act!(
            self,
            office,
            withdraw_case,
            WithdrawCaseRequest { name, reason }
        )
    }

    pub async fn propose_rejection(&self, name: &str, reason: &str) -> Result<Case, Status> {
        let (name, reason, note) = (name.into(), reason.into(), "不符合条件".into());
        let maker = self.maker();
        act!(
            self,
            maker,
            propose_rejection,
            ProposeRejectionRequest { name, reason, note }
        )
    }

    pub async fn approve_rejection(&self, office: &Office, name: &str) -> Result<Case, Status> {
        let name = name.into();
        act!(
            self,
            office,
            approve_rejection,
            ApproveRejectionRequest { name }
        )
    }

    pub async fn propose_termination(&self, name: &str, reason: &str) -> Result<Case, Status> {
        let (name, reason, note) = (name.into(), reason.into(), "已听取陈述".into());
        let maker = self.maker();
        act!(
            self,
            maker,
            propose_termination,
            ProposeTerminationRequest { name, reason, note }
        )
    }

    pub async fn approve_termination(&self, office: &Office, name: &str) -> Result<Case, Status> {
        let name = name.into();
        act!(
            self,
            office,
            approve_termination,
            ApproveTerminationRequest { name }
        )
    }

    pub async fn post(&self, office: &Office, cases: &[&str]) -> Result<Notice, Status> {
        let ask = pb::PostNoticeRequest {
            parent: PARENT.into(),
            cases: cases.iter().map(|it| (*it).into()).collect(),
            request_id: self.fresh(),
        };
        let answer = office.notices().post_notice(ask).await?;
        Ok(answer.into_inner().notice.expect("a notice"))
    }

    pub async fn close(&self, office: &Office, name: &str) -> Result<i32, Status> {
        let ask = pb::CloseNoticeRequest {
            name: name.into(),
            proof: "照片两张".into(),
            documents: Vec::new(),
            request_id: self.fresh(),
        };
        Ok(office.notices().close_notice(ask).await?.into_inner().moved)
    }

    /// Posts a notice for the case and takes it down on the first day possible.
    pub async fn notice(&self, office: &Office, name: &str) {
        let notice = self.post(office, &[name]).await.expect("posted");
        let last = yuhui_kernel::dates::parse(&notice.last_on).expect("a day");
        self.on(last.next_day().expect("a day"));
        assert_eq!(self.close(office, &notice.name).await.expect("closed"), 1);
    }

    pub async fn funded(&self, roster: &str) {
        let rosters = vec![roster.into()];
        self.ledger_says(Payload::RoundFunded(RoundFunded {
            round: ROUND,
            rosters,
        }))
        .await;
    }

    pub async fn check(&self) -> Result<pb::RunPrePaymentCheckResponse, Status> {
        let ask = pb::RunPrePaymentCheckRequest {
            parent: PARENT.into(),
            round: ROUND,
            request_id: self.fresh(),
        };
        let answer = self.maker().cases().run_pre_payment_check(ask).await?;
        Ok(answer.into_inner())
    }

    pub async fn sent(&self, case: &str) {
        let released = BatchReleased {
            batch: format!("{PARENT}/batches/1"),
            round: ROUND,
            cases: vec![case.into()],
            ..BatchReleased::default()
        };
        self.disbursement_says(Payload::BatchReleased(released))
            .await;
    }

    pub async fn settled(&self, case: &str, credited: bool) {
        let settled = LinesSettled {
            batch: format!("{PARENT}/batches/1"),
            round: ROUND,
            lines: vec![LineSettled {
                case: case.into(),
                programme: Programme::P1.into(),
                credited,
                return_code: if credited { "" } else { "AC01" }.into(),
                settled_on: "2025-10-28".into(),
                ..LineSettled::default()
            }],
        };
        self.disbursement_says(Payload::LinesSettled(settled)).await;
    }

    /// The claim of a registered family, lodged at the village and brought to `state`.
    pub async fn family_at(&self, family: &Family, state: State) -> Case {
        let case = self
            .lodge(&self.clerk(), family.register(self).claim())
            .await
            .expect("lodged");
        self.bring(&case.name, Programme::P1, state).await
    }

    /// Brings a case from where it is to `state` along the way of C.2.
    pub async fn bring(&self, name: &str, programme: Programme, state: State) -> Case {
        loop {
            let case = self.look(name).await;
            if case.state() == state {
                return case;
            }
            assert!(
                WAY.contains(&case.state()),
                "{:?} is off the way",
                case.state()
            );
            self.go_on(&case, programme).await;
        }
    }

    async fn go_on(&self, case: &Case, programme: Programme) {
        let name = case.name.as_str();
        let institution = matches!(programme, Programme::P3 | Programme::P4);
        match case.state() {
            State::Lodged => {
                let office = if institution {
                    self.maker()
                } else {
                    self.clerk()
                };
                self.accept(&office, name).await.expect("accepted");
            }
            State::VReview => {
                self.report(&self.clerk(), name, true)
                    .await
                    .expect("reported");
                self.sign(&self.head(), name, true).await.expect("signed");
            }
            State::TReview => {
                self.report(&self.reviewer(), name, true)
                    .await
                    .expect("reported");
                self.sign(&self.lead(), name, true).await.expect("signed");
            }
            State::CReview => {
                self.review(&self.maker(), name).await.expect("reviewed");
            }
            State::VNotice => self.notice(&self.clerk(), name).await,
            State::TNotice => self.notice(&self.reviewer(), name).await,
            State::CNotice => {
                self.notice(&self.maker(), name).await;
                self.confirm(&self.checker(), name)
                    .await
                    .expect("confirmed");
            }
            State::Confirmed => {
                let roster = self.build(programme).await.expect("built");
                self.seal(&self.checker(), &roster.name)
                    .await
                    .expect("sealed");
            }
            State::Rostered => {
                self.check_roster(&case.roster).await.expect("checked");
                self.record(&self.recorder(), &case.roster)
                    .await
                    .expect("recorded");
            }
            State::Recorded => self.funded(&case.roster).await,
            State::Funded => {
                self.on(date!(2025 - 10 - 20));
                let checked = self.check().await.expect("checked");
                assert!(checked.cleared > 0, "{checked:?}");
                self.sent(name).await;
            }
            State::InPayment => self.settled(name, true).await,
            other => panic!("{other:?} does not go on"),
        }
    }
}
