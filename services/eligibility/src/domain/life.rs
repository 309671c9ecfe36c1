//! The life-cycle: which step leads from which state to which (POLICY.md C.2 F1–F32, C.4 I1–I8).

use super::State::{self, *};

/// What an office, a claimant or the bank does to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Change of the claim while it is the claimant's.
    Update,
    /// F1, I1 申报.
    Lodge,
    /// F2 不予受理.
    Refuse,
    /// F3, I2 受理.
    Accept,
    /// The investigator's report of the stage; the state stays.
    Report,
    /// F7 village head agrees: to notice. F10 township lead agrees: to notice. I3.
    SignAgreeing,
    /// F8 negative opinion: forwarded without a notice.
    SignDisagreeing,
    /// F9, F11 the notice of village or township is over.
    CloseNotice,
    /// F12, I5 county review by the maker.
    Review,
    /// F13 confirmation by the checker.
    Confirm,
    /// F4 退回补正.
    Return,
    /// F5 补正.
    Resubmit,
    /// F15 人工裁量.
    Refer,
    /// F15 back to its stage.
    ResolveReferral,
    /// F14, F6 a rejection is proposed; the state stays.
    ProposeRejection,
    /// F14, F6, F15, F27 不予确认.
    Reject,
    /// F16 on a sealed roster.
    Roster,
    /// F17 市级备案.
    Record,
    /// F18 returned by the city.
    Unroster,
    /// F19 both shares arrived.
    Fund,
    /// The pre-payment check clears it for a day; the state stays.
    Clear,
    /// F20, F23 in a released batch.
    Send,
    /// F21 credited.
    Credit,
    /// F22 returned by the bank.
    PaymentReturned,
    /// F23 a corrected account is proposed or approved; the state stays.
    CorrectAccount,
    /// F24 a termination is proposed; the state stays.
    ProposeTermination,
    /// F24 终止发放.
    Terminate,
    /// F25 撤回.
    Withdraw,
    /// F26 objection or report.
    Object,
    /// F27 inquiry over, back to the stage.
    ResumeFromInquiry,
    /// F27 inquiry over, back to the claimant.
    ReturnFromInquiry,
    /// F28 暂缓.
    Hold,
    /// F28 hold lifted.
    Release,
    /// A finding of fraud is proposed; the state stays.
    ProposeFraudFinding,
    /// F29 追回.
    Recover,
    /// F30 money came back.
    SettleRecovered,
    /// F30 核销.
    SettleWrittenOff,
    /// F31 归档.
    Close,
}

/// The step does not fit the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAllowed {
    /// State of the case.
    pub state: State,
    /// What was tried.
    pub step: Step,
    /// Steps the state allows.
    pub allowed: Vec<Step>,
}

/// Who claims: the two life-cycles differ in their first stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// C.2: P1, P2.
    Family,
    /// C.4: P3, P4.
    Institution,
}

/// Where a step leads.
enum To {
    Stay,
    Go(State),
    /// Back to the remembered stage.
    Resume,
    /// Leave the stage, remembering it.
    Leave(State),
}

const BEFORE_PAYMENT: &[State] = &[
    Draft, Lodged, VReview, VNotice, TReview, TNotice, CReview, CNotice, Confirmed, Rostered,
    Recorded, Funded, Returned, Referred,
];
const STAGES: &[State] = &[
    Lodged, VReview, VNotice, TReview, TNotice, CReview, CNotice, Confirmed, Rostered, Recorded,
    Funded,
];
const REVIEWS: &[State] = &[VReview, TReview, CReview];
const AT_COUNTY: &[State] = &[CReview, CNotice];
const AWAITING: &[State] = &[Confirmed, Rostered, Recorded, Funded];

impl Step {
    /// Every step.
    pub const ALL: &'static [Self] = &[
        Self::Update,
        Self::Lodge,
        Self::Refuse,
        Self::Accept,
        Self::Report,
        Self::SignAgreeing,
        Self::SignDisagreeing,
        Self::CloseNotice,
        Self::Review,
        Self::Confirm,
        Self::Return,
        Self::Resubmit,
        Self::Refer,
        Self::ResolveReferral,
        Self::ProposeRejection,
        Self::Reject,
        Self::Roster,
        Self::Record,
        Self::Unroster,
        Self::Fund,
        Self::Clear,
        Self::Send,
        Self::Credit,
        Self::PaymentReturned,
        Self::CorrectAccount,
        Self::ProposeTermination,
        Self::Terminate,
        Self::Withdraw,
        Self::Object,
        Self::ResumeFromInquiry,
        Self::ReturnFromInquiry,
        Self::Hold,
        Self::Release,
        Self::ProposeFraudFinding,
        Self::Recover,
        Self::SettleRecovered,
        Self::SettleWrittenOff,
        Self::Close,
    ];

    /// States the step may be taken in.
    fn from(self) -> &'static [State] {
        match self {
            Self::Update => &[Draft, Returned],
            Self::Lodge => &[Draft],
            Self::Refuse | Self::Accept => &[Lodged],
            Self::Report | Self::SignAgreeing | Self::SignDisagreeing => &[VReview, TReview],
            Self::CloseNotice => &[VNotice, TNotice],
            Self::Review => &[CReview],
            Self::Confirm => &[CNotice],
            Self::Return | Self::Refer => REVIEWS,
            Self::Resubmit => &[Returned],
            Self::ResolveReferral => &[Referred],
            Self::ProposeRejection => &[CReview, CNotice, Returned],
            // F14, F6, and F15 and F27 when the county decides against the claim.
            Self::Reject => &[
                Lodged, VReview, VNotice, TReview, TNotice, CReview, CNotice, Returned, Referred,
                Inquiry,
            ],
            Self::Roster => &[Confirmed],
            Self::Record => &[Rostered],
            Self::Unroster => &[Rostered, Recorded],
            Self::Fund => &[Recorded],
            Self::Clear => &[Funded],
            Self::Send => &[Funded, PayFailed],
            Self::Credit | Self::PaymentReturned => &[InPayment],
            Self::CorrectAccount => &[PayFailed],
            Self::ProposeTermination => AWAITING,
            Self::Terminate => &[
                Confirmed, Rostered, Recorded, Funded, Inquiry, Hold, PayFailed,
            ],
            Self::Withdraw => BEFORE_PAYMENT,
            Self::Object => STAGES,
            Self::ResumeFromInquiry | Self::ReturnFromInquiry => &[Inquiry],
            Self::Hold => STAGES,
            Self::Release => &[Hold],
            Self::ProposeFraudFinding => &[
                Lodged, VReview, VNotice, TReview, TNotice, CReview, CNotice, Confirmed, Rostered,
                Recorded, Funded, Returned, Referred, Inquiry, Hold, PayFailed, Paid, Closed,
            ],
            Self::Recover => &[Paid, Closed],
            Self::SettleRecovered | Self::SettleWrittenOff => &[Recovering],
            Self::Close => &[
                Paid,
                Rejected,
                NotAccepted,
                Withdrawn,
                Terminated,
                Recovered,
                WrittenOff,
            ],
        }
    }

    fn to(self, kind: Kind, state: State) -> To {
        match self {
            Self::Update
            | Self::Report
            | Self::ProposeRejection
            | Self::Clear
            | Self::CorrectAccount
            | Self::ProposeTermination
            | Self::ProposeFraudFinding => To::Stay,
            Self::Lodge => To::Go(Lodged),
            Self::Refuse => To::Go(NotAccepted),
            Self::Accept => To::Go(match kind {
                Kind::Family => VReview,
                Kind::Institution => TReview,
            }),
            Self::SignAgreeing => To::Go(match (kind, state) {
                (Kind::Institution, _) => CReview,
                (Kind::Family, VReview) => VNotice,
                (Kind::Family, _) => TNotice,
            }),
            Self::SignDisagreeing | Self::CloseNotice => {
                To::Go(if matches!(state, VReview | VNotice) {
                    TReview
                } else {
                    CReview
                })
            }
            Self::Review => To::Go(CNotice),
            Self::Confirm => To::Go(Confirmed),
            Self::Return => To::Leave(Returned),
            Self::Refer => To::Leave(Referred),
            Self::Object => To::Leave(Inquiry),
            Self::Hold => To::Leave(State::Hold),
            Self::Resubmit | Self::ResolveReferral | Self::ResumeFromInquiry | Self::Release => {
                To::Resume
            }
            // The stage under inquiry is the one the corrected case comes back to.
            Self::ReturnFromInquiry => To::Go(Returned),
            Self::Reject => To::Go(Rejected),
            Self::Roster => To::Go(Rostered),
            Self::Record => To::Go(Recorded),
            Self::Unroster => To::Go(CReview),
            Self::Fund => To::Go(Funded),
            Self::Send => To::Go(InPayment),
            Self::Credit => To::Go(Paid),
            Self::PaymentReturned => To::Go(PayFailed),
            Self::Terminate => To::Go(Terminated),
            Self::Withdraw => To::Go(Withdrawn),
            Self::Recover => To::Go(Recovering),
            Self::SettleRecovered => To::Go(Recovered),
            Self::SettleWrittenOff => To::Go(WrittenOff),
            Self::Close => To::Go(Closed),
        }
    }
}

/// Steps a state allows.
pub fn allowed(state: State) -> Vec<Step> {
    Step::ALL
        .iter()
        .copied()
        .filter(|step| step.from().contains(&state))
        .collect()
}

/// State and remembered stage after a step.
pub fn after(
    step: Step,
    kind: Kind,
    state: State,
    resume: Option<State>,
) -> Result<(State, Option<State>), NotAllowed> {
    let refused = || NotAllowed {
        state,
        step,
        allowed: allowed(state),
    };
    if !step.from().contains(&state) {
        return Err(refused());
    }
    Ok(match step.to(kind, state) {
        To::Stay => (state, resume),
        To::Go(Returned) => (Returned, resume),
        To::Go(next) => (next, None),
        To::Leave(next) => (next, Some(state)),
        To::Resume => (resume.ok_or_else(refused)?, None),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_case_walks_from_draft_to_paid() {
        let mut state = Draft;
        for step in [
            Step::Lodge,
            Step::Accept,
            Step::Report,
            Step::SignAgreeing,
            Step::CloseNotice,
            Step::Report,
            Step::SignAgreeing,
            Step::CloseNotice,
            Step::Review,
            Step::Confirm,
            Step::Roster,
            Step::Record,
            Step::Fund,
            Step::Clear,
            Step::Send,
            Step::PaymentReturned,
            Step::CorrectAccount,
            Step::Send,
            Step::Credit,
            Step::Close,
        ] {
            state = after(step, Kind::Family, state, None)
                .expect("the step fits")
                .0;
        }
        assert_eq!(state, Closed);
    }

    #[test]
    fn an_institution_case_skips_the_village() {
        assert_eq!(
            after(Step::Accept, Kind::Institution, Lodged, None),
            Ok((TReview, None))
        );
        assert_eq!(
            after(Step::SignAgreeing, Kind::Institution, TReview, None),
            Ok((CReview, None))
        );
    }

    #[test]
    fn a_returned_case_comes_back_to_its_stage() {
        let (state, resume) = after(Step::Return, Kind::Family, TReview, None).expect("fits");
        assert_eq!((state, resume), (Returned, Some(TReview)));
        assert_eq!(
            after(Step::Resubmit, Kind::Family, state, resume),
            Ok((TReview, None))
        );
    }

    #[test]
    fn a_refusal_names_the_state_and_what_is_allowed() {
        let refused = after(Step::Confirm, Kind::Family, VReview, None).expect_err("too early");
        assert_eq!(refused.state, VReview);
        assert!(refused.allowed.contains(&Step::Report));
        assert!(!refused.allowed.contains(&Step::Confirm));
    }

    #[test]
    fn nothing_leaves_the_bank_but_a_result() {
        let expected = vec![Step::Credit, Step::PaymentReturned];
        assert_eq!(allowed(InPayment), expected);
    }

    #[test]
    fn village_and_township_cannot_refuse_on_the_merits() {
        for state in [VReview, TReview] {
            assert!(!allowed(state).contains(&Step::ProposeRejection), "R-PRC-6");
        }
    }
}
