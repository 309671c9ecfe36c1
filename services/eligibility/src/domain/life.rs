//! The life-cycle: which step leads from which state to which (POLICY.md C.2 F1–F32, C.4 I1–I5).

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
    /// F12, I5 county review by the maker; again if the result has changed since (R-PRC-8).
    Review,
    /// F13 confirmation by the checker.
    Confirm,
    /// F4 退回补正.
    Return,
    /// F5 补正.
    Resubmit,
    /// F15, I8 人工裁量.
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
    /// F20, F23 in a released batch; also of a case stopped after the batch had gone out.
    Send,
    /// F21 credited.
    Credit,
    /// F22 returned by the bank.
    PaymentReturned,
    /// F23 a corrected account is proposed or approved; the state stays.
    CorrectAccount,
    /// C.7 another takes the case over from a claimant who died: proposed or approved; the state stays.
    TakeOver,
    /// F24 a termination is proposed; the state stays.
    ProposeTermination,
    /// F24, F15, F27 终止发放.
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
    /// F32 重新审核, after a review or by order.
    Reopen,
}

/// The step does not fit the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAllowed {
    /// State of the case.
    pub state: State,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// The state stays.
    Stay,
    /// On to this state.
    Go(State),
    /// Away from where it stands, which is remembered.
    Leave(State),
    /// Back to where it was.
    Back,
    /// To the claimant, and from there to the review of its stage.
    Return,
}

const REVIEWS: &[State] = &[VReview, TReview, CReview];

impl Step {
    /// Every step.
    const ALL: &'static [Self] = &[
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
        Self::TakeOver,
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
        Self::Reopen,
    ];

    /// Whether the step may be taken in `state`, reached from `stage`.
    fn fits(self, state: State, stage: State) -> bool {
        let away = matches!(state, Returned | Referred | Inquiry | State::Hold);
        match self {
            Self::Update => matches!(state, Draft | Returned),
            Self::Lodge => state == Draft,
            Self::Refuse | Self::Accept => state == Lodged,
            Self::Report | Self::SignAgreeing | Self::SignDisagreeing => {
                matches!(state, VReview | TReview)
            }
            Self::CloseNotice => matches!(state, VNotice | TNotice),
            Self::Review => matches!(state, CReview | CNotice),
            Self::Confirm => state == CNotice,
            Self::Return => REVIEWS.contains(&state),
            Self::Refer => REVIEWS.contains(&state) || state == CNotice || state.awaits_payment(),
            Self::Resubmit => state == Returned,
            Self::ResolveReferral => state == Referred,
            Self::ProposeRejection => matches!(state, CReview | CNotice | Returned),
            Self::Reject => stage.is_before_confirmation() && (state == stage || away),
            Self::Roster => state == Confirmed,
            Self::Record => state == Rostered,
            Self::Unroster => matches!(state, Rostered | Recorded),
            Self::Fund => state == Recorded,
            Self::Clear => matches!(state, Funded | PayFailed),
            // What is archived only if it was never paid: see the case.
            Self::Send => matches!(state, Funded | PayFailed | Terminated | Withdrawn | Closed),
            Self::Credit | Self::PaymentReturned => state == InPayment,
            Self::CorrectAccount => state == PayFailed,
            Self::TakeOver => {
                let open = stage.is_before_confirmation() || stage.awaits_payment();
                open && (state == stage || away)
            }
            Self::ProposeTermination => state.awaits_payment(),
            Self::Terminate => stage.awaits_payment() && (state == stage || away),
            Self::Withdraw => {
                let stops = matches!(state, Returned | Referred);
                let before = stage.is_before_confirmation() || stage.awaits_payment();
                state == Draft || (before && stage != PayFailed && (state == stage || stops))
            }
            Self::Object => {
                let stops = matches!(state, Returned | Referred);
                state.is_before_confirmation() || state.awaits_payment() || stops
            }
            Self::ResumeFromInquiry => state == Inquiry,
            Self::ReturnFromInquiry => state == Inquiry && stage.is_before_confirmation(),
            Self::Hold => {
                let stops = away && state != State::Hold;
                state.is_before_confirmation() || state.awaits_payment() || stops
            }
            Self::Release => state == State::Hold,
            Self::ProposeFraudFinding => {
                let paid = matches!(state, Paid | Closed);
                state.is_before_confirmation() || state.awaits_payment() || away || paid
            }
            Self::Recover => matches!(state, Paid | Closed),
            Self::SettleRecovered | Self::SettleWrittenOff => state == Recovering,
            Self::Close => matches!(
                state,
                Paid | Rejected
                    | NotAccepted
                    | Withdrawn
                    | Terminated
                    | Recovered
                    | WrittenOff
                    // Only if nothing is due: see the case.
                    | Confirmed
            ),
            // Of what is archived only a refusal: see the case.
            Self::Reopen => matches!(state, Rejected | NotAccepted | Terminated | Closed),
        }
    }

    fn to(self, kind: Kind, state: State) -> To {
        match self {
            Self::Update
            | Self::Report
            | Self::ProposeRejection
            | Self::Clear
            | Self::CorrectAccount
            | Self::TakeOver
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
                To::Back
            }
            Self::ReturnFromInquiry => To::Return,
            Self::Reject => To::Go(Rejected),
            Self::Roster => To::Go(Rostered),
            Self::Record => To::Go(Recorded),
            Self::Unroster | Self::Reopen => To::Go(CReview),
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

/// Where `step` leads a case that stands in `state` and belongs to `stage`.
pub fn leads(step: Step, kind: Kind, state: State, stage: State) -> Result<To, NotAllowed> {
    if step.fits(state, stage) {
        return Ok(step.to(kind, state));
    }
    let all = Step::ALL.iter().copied();
    let allowed = all.filter(|step| step.fits(state, stage)).collect();
    Err(NotAllowed { state, allowed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(state: State) -> Vec<Step> {
        let all = Step::ALL.iter().copied();
        all.filter(|step| step.fits(state, state)).collect()
    }

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
            Step::Clear,
            Step::Send,
            Step::Credit,
            Step::Close,
        ] {
            match leads(step, Kind::Family, state, state).expect("the step fits") {
                To::Go(next) => state = next,
                other => assert_eq!(other, To::Stay),
            }
        }
        assert_eq!(state, Closed);
    }

    #[test]
    fn an_institution_case_skips_the_village() {
        let to = |step, state| leads(step, Kind::Institution, state, state);
        assert_eq!(to(Step::Accept, Lodged), Ok(To::Go(TReview)));
        assert_eq!(to(Step::SignAgreeing, TReview), Ok(To::Go(CReview)));
    }

    #[test]
    fn a_refusal_names_the_state_and_what_is_allowed() {
        let refused = leads(Step::Confirm, Kind::Family, VReview, VReview).expect_err("too early");
        assert_eq!(refused.state, VReview);
        assert!(refused.allowed.contains(&Step::Report));
        assert!(!refused.allowed.contains(&Step::Confirm));
    }

    #[test]
    fn nothing_leaves_the_bank_but_a_result() {
        assert_eq!(allowed(InPayment), [Step::Credit, Step::PaymentReturned]);
    }

    #[test]
    fn village_and_township_cannot_refuse_on_the_merits() {
        for state in [VReview, TReview] {
            assert!(!allowed(state).contains(&Step::ProposeRejection), "R-PRC-6");
        }
    }

    #[test]
    fn what_is_confirmed_is_terminated_and_what_is_not_is_refused() {
        for away in [Returned, Referred, Inquiry, State::Hold] {
            assert!(Step::Reject.fits(away, CNotice) && !Step::Terminate.fits(away, CNotice));
            assert!(Step::Terminate.fits(away, Funded) && !Step::Reject.fits(away, Funded));
        }
        assert!(!Step::Terminate.fits(Paid, Paid), "R-TER-4");
    }

    #[test]
    fn only_a_refusal_is_reopened_archived_or_not() {
        let reopened = State::ALL
            .iter()
            .filter(|state| Step::Reopen.fits(**state, **state));
        let reopened: Vec<State> = reopened.copied().collect();
        assert_eq!(reopened, [Closed, NotAccepted, Rejected, Terminated], "F32");
        let to = leads(Step::Reopen, Kind::Family, Rejected, Rejected);
        assert_eq!(to, Ok(To::Go(CReview)));
    }

    #[test]
    fn what_is_funded_is_not_returned() {
        assert!(Step::Unroster.fits(Recorded, Recorded));
        assert!(!Step::Unroster.fits(Funded, Funded));
    }

    #[test]
    fn only_a_result_or_the_archive_follows_payment() {
        let paid = [Step::ProposeFraudFinding, Step::Recover, Step::Close];
        assert_eq!(allowed(Paid), paid);
        assert!(!Step::Withdraw.fits(PayFailed, PayFailed));
        assert!(!Step::Withdraw.fits(Inquiry, VNotice));
    }

    /// After a change that is meant, `YUHUI_WRITE_DOCS=1` writes the table anew.
    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "whether a test writes is no setting of the program"
    )]
    fn the_table_of_steps_is_written_down() {
        let mut table = String::from(
            "# States of a case, and what is done in them\n\n\
             Written from `services/eligibility/src/domain/life.rs` by a test. A case stands in a state and belongs to the \
             stage it came from; here both are the same. `stays`: the state does not change. `aside`: the case leaves its \
             stage, which is remembered. `back`: it returns there.\n\n\
             | state | step | families | institutions |\n|---|---|---|---|\n",
        );
        let to = |step: Step, kind, state| match step.to(kind, state) {
            To::Stay => "stays".to_owned(),
            To::Go(next) => next.as_str().to_owned(),
            To::Leave(next) => format!("{}, aside", next.as_str()),
            To::Back => "back".to_owned(),
            To::Return => "RETURNED, then the review of its stage".to_owned(),
        };
        for state in State::ALL {
            for step in allowed(*state) {
                let [family, institution] =
                    [Kind::Family, Kind::Institution].map(|kind| to(step, kind, *state));
                let state = format!("{} {}", state.as_str(), state.chinese());
                table += &format!("| {state} | {step:?} | {family} | {institution} |\n");
            }
        }
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/states.md");
        if std::env::var_os("YUHUI_WRITE_DOCS").is_some() {
            std::fs::write(file, &table).expect("written");
        }
        let found = std::fs::read_to_string(file).unwrap_or_default();
        assert!(
            found == table,
            "docs/states.md is not what the table says: write it anew"
        );
    }
}
