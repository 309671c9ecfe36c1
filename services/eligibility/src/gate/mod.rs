//! What stands against an act on a case, a roster or a review: asked by the act before it does anything, and by whoever shows it,
//! so that what enforces also explains. No I/O and no clock: it holds for the object as it is, on that day.
//!
//! Whose relative the caller is (DYN-2, DYN-3) is asked beside it (`separation::conflict`), because the family may
//! be known only once the rules were run; what the rules say is asked by the act.

mod close;
mod deed;
pub(crate) mod review;
pub(crate) mod roster;

use time::Date;
use yuhui_kernel::Calendar;
use yuhui_platform::{Result, caller::Caller};
use yuhui_proto::authz::v1::{Level, Power};

pub(crate) use close::{is_over, may_close};
pub(crate) use deed::Deed;

use crate::{
    context::Context,
    domain::{
        Case, Kind, NotAllowed, ProposalKind, State, Step,
        inquiry::INVESTIGATORS,
        review_request::{ReviewRequest, ReviewState, last_day},
    },
    refusal::{Refused, day, fits, review::NotReviewed},
    separation::{not_the_confirmer, not_the_maker, own_counter, own_stage},
};

/// A case as somebody finds it.
pub(crate) struct Seen<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) case: &'a Case,
    /// Reviews of its decisions.
    reviews: &'a [ReviewRequest],
    calendar: &'static Calendar,
    today: Date,
}

/// Whether the caller may do it, as far as the case itself says.
pub(crate) fn may(deed: Deed, seen: &Seen<'_>) -> Result<()> {
    match deed {
        Deed::Update => {
            seen.fits(Step::Update)?;
            seen.own_counter()
        }
        Deed::Lodge => {
            seen.fits(Step::Lodge)?;
            seen.own_counter()
        }
        Deed::Accept => {
            seen.fits(Step::Accept)?;
            seen.own_stage()
        }
        Deed::Refuse => {
            seen.fits(Step::Refuse)?;
            seen.own_stage()
        }
        Deed::Report => {
            seen.fits(Step::Report)?;
            seen.own_stage()
        }
        Deed::Sign => seen.sign(),
        Deed::Review => {
            seen.fits(Step::Review)?;
            // A refusal that was proposed falls: the case goes on.
            seen.nothing_waits_but(ProposalKind::Rejection)
        }
        Deed::Confirm => seen.confirm(),
        Deed::Return => {
            seen.fits(Step::Return)?;
            seen.own_stage()
        }
        Deed::Resubmit => {
            seen.fits(Step::Resubmit)?;
            seen.own_counter()?;
            seen.nothing_waits_but(ProposalKind::Rejection)
        }
        Deed::Refer => {
            seen.fits(Step::Refer)?;
            seen.own_stage()
        }
        Deed::ResolveReferral => {
            seen.fits(Step::ResolveReferral)?;
            seen.not_who_stopped_it()
        }
        Deed::ProposeRejection => {
            seen.fits(Step::ProposeRejection)?;
            seen.term_of_correction_has_run()?;
            seen.nothing_waits_but(ProposalKind::Rejection)
        }
        Deed::ApproveRejection => {
            seen.approves(ProposalKind::Rejection)?;
            // What is under inquiry, with a panel or on hold is not refused past them.
            seen.fits(Step::ProposeRejection)?;
            seen.term_of_correction_has_run()
        }
        Deed::ProposeTermination => {
            seen.fits(Step::ProposeTermination)?;
            seen.nothing_waits_but(ProposalKind::Termination)
        }
        Deed::ApproveTermination => {
            seen.approves(ProposalKind::Termination)?;
            seen.fits(Step::ProposeTermination)
        }
        Deed::Withdraw => {
            seen.fits(Step::Withdraw)?;
            seen.own_counter()
        }
        Deed::ProposeAccount => {
            seen.fits(Step::CorrectAccount)?;
            not_the_confirmer(seen.caller, seen.case)?;
            seen.nothing_waits_but(ProposalKind::AccountCorrection)
        }
        Deed::ApproveAccount => {
            seen.fits(Step::CorrectAccount)?;
            not_the_confirmer(seen.caller, seen.case)?;
            seen.approves(ProposalKind::AccountCorrection)
        }
        Deed::ProposeFraud => {
            seen.fits(Step::ProposeFraudFinding)?;
            seen.has_something_to_find()?;
            seen.nothing_waits_but(ProposalKind::FraudFinding)
        }
        Deed::ApproveFraud => {
            seen.fits(Step::ProposeFraudFinding)?;
            seen.has_something_to_find()?;
            seen.approves(ProposalKind::FraudFinding)
        }
        Deed::Hold => seen.fits(Step::Hold),
        Deed::Release => seen.fits(Step::Release),
        Deed::Object => {
            seen.fits(Step::Object)?;
            seen.own_stage_or_county()
        }
        Deed::AdmitReport => seen.own_stage_or_county(),
        Deed::ReportInquiry => {
            seen.fits(Step::ResumeFromInquiry)?;
            seen.not_who_stopped_it()?;
            seen.own_stage_or_county()
        }
        Deed::ResolveInquiry => seen.resolve_inquiry(),
        Deed::Close => may_close(seen.case, seen.reviews, seen.calendar, seen.today),
        Deed::ProposeRecovery => {
            seen.fits(Step::Recover)?;
            seen.nothing_waits_but(ProposalKind::Recovery)
        }
        Deed::ApproveRecovery => {
            seen.fits(Step::Recover)?;
            seen.approves(ProposalKind::Recovery)
        }
        Deed::ProposeTakeover => {
            seen.take_over()?;
            seen.nothing_waits_but(ProposalKind::Takeover)
        }
        Deed::ApproveTakeover => {
            seen.take_over()?;
            seen.approves(ProposalKind::Takeover)
        }
        Deed::DeclineProposal => seen.proposal().map(|_| ()),
        Deed::WithdrawProposal => seen.withdraw_proposal(),
        Deed::RecordDelivery | Deed::OrderReopening => Ok(reviewable(seen.case)?),
        Deed::RequestReview => seen.request_review(),
    }
}

impl<'a> Seen<'a> {
    /// The case as the caller finds it today.
    pub(crate) fn of(
        context: &Context,
        (caller, case): (&'a Caller, &'a Case),
        reviews: &'a [ReviewRequest],
    ) -> Self {
        Self {
            caller,
            case,
            reviews,
            calendar: context.calendar,
            today: context.today(),
        }
    }

    fn fits(&self, step: Step) -> Result<()> {
        let allowed = self.case.place.allows(step, self.case.kind());
        Ok(fits(allowed.map(|_| ()), self.case)?)
    }

    fn own_stage(&self) -> Result<()> {
        Ok(own_stage(self.caller, self.case)?)
    }

    /// F26, F27: the office of the stage, or the county.
    fn own_stage_or_county(&self) -> Result<()> {
        match self.caller.level() {
            Level::County => Ok(()),
            _ => self.own_stage(),
        }
    }

    fn own_counter(&self) -> Result<()> {
        Ok(own_counter(self.caller, self.case)?)
    }

    /// DYN-1: who took the case from its stage does not bring it back.
    fn not_who_stopped_it(&self) -> Result<()> {
        let stopped_by = self.case.place.stopped_by();
        Ok(stopped_by.map_or(Ok(()), |it| not_the_maker(self.caller, it))?)
    }

    /// One kind of proposal may be made anew, or falls; another must be settled first.
    fn nothing_waits_but(&self, kind: ProposalKind) -> Result<()> {
        match self.case.waiting_besides(kind) {
            None => Ok(()),
            // What it is, the claimant is told once it is decided.
            Some(_) if self.caller.power() == Power::Claimant => Err(Refused::ProposalWaiting {
                case: self.case.name(),
                kind: "PROPOSAL",
            }
            .into()),
            Some(waiting) => Err(Refused::proposal_waiting(&self.case.name(), waiting).into()),
        }
    }

    /// DYN-1: what waits is of that kind, and somebody else's.
    fn approves(&self, kind: ProposalKind) -> Result<()> {
        match self.case.proposal.as_ref().filter(|it| it.kind == kind) {
            Some(proposal) => Ok(not_the_maker(self.caller, &proposal.by)?),
            None => Err(Refused::NoProposal {
                case: self.case.name(),
                kind: kind.as_str(),
            }
            .into()),
        }
    }

    fn proposal(&self) -> Result<&crate::domain::Proposal> {
        self.case
            .proposal
            .as_ref()
            .ok_or_else(|| Refused::nothing_waits(self.case.name()).into())
    }

    /// C.7: of families, and by nobody who confirmed the case, as its account changes (DYN-5).
    fn take_over(&self) -> Result<()> {
        self.fits(Step::TakeOver)?;
        if self.case.kind() != Kind::Family {
            return Ok(no_step(self.case)?);
        }
        Ok(not_the_confirmer(self.caller, self.case)?)
    }

    fn withdraw_proposal(&self) -> Result<()> {
        let proposal = self.proposal()?;
        if !proposal.by.is(&crate::separation::hand(self.caller)) {
            let case = self.case.name();
            return Err(Refused::NotTheProposer { case }.into());
        }
        Ok(())
    }

    /// 五(三)6: on the report of the stage, never by who wrote it (DYN-1).
    fn sign(&self) -> Result<()> {
        self.fits(Step::SignAgreeing)?;
        self.own_stage()?;
        match &self.case.report {
            Some(report) => Ok(not_the_maker(self.caller, &report.by)?),
            None => Err(Refused::NoReport {
                case: self.case.name(),
            }
            .into()),
        }
    }

    /// F13: the notice is over, and somebody else reviewed it (DYN-1).
    fn confirm(&self) -> Result<()> {
        self.fits(Step::Confirm)?;
        if !self.case.notice_over {
            let case = self.case.name();
            return Err(Refused::NoticeMissing { case }.into());
        }
        if let Some(reviewer) = &self.case.reviewed_by {
            not_the_maker(self.caller, reviewer)?;
        }
        self.nothing_waits_but(ProposalKind::Rejection)
    }

    /// F6: the term of correction is the claimant's.
    fn term_of_correction_has_run(&self) -> Result<()> {
        match self.case.return_due_on.filter(|it| self.today <= *it) {
            None => Ok(()),
            Some(due) => Err(Refused::TermRunning {
                case: self.case.name(),
                due_on: day(due),
            }
            .into()),
        }
    }

    /// Archived without a payment, or with one that was recovered, there is nothing left to find (F29).
    fn has_something_to_find(&self) -> Result<()> {
        if self.case.state() == State::Closed && !self.case.is_paid() {
            return Ok(no_step(self.case)?);
        }
        Ok(())
    }

    /// F27: two have reported; neither of them decides, nor who recorded the objection.
    fn resolve_inquiry(&self) -> Result<()> {
        self.fits(Step::ResumeFromInquiry)?;
        self.not_who_stopped_it()?;
        let reports = &self.case.inquiry;
        if reports.len() < INVESTIGATORS {
            return Err(NotReviewed::NotInvestigated {
                case: self.case.name(),
                reports: reports.len(),
            }
            .into());
        }
        for report in reports {
            not_the_maker(self.caller, &report.by)?;
        }
        Ok(())
    }

    /// C.8: within 15 working days from delivery, once per decision.
    fn request_review(&self) -> Result<()> {
        let case = self.case;
        self.own_counter()?;
        reviewable(case)?;
        not_pending(self.reviews, case)?;
        let upheld = |it: &&ReviewRequest| it.state == ReviewState::Upheld && it.is_about(case);
        if let Some(earlier) = self.reviews.iter().find(upheld) {
            return Err(NotReviewed::Reviewed {
                case: case.name(),
                review: earlier.name(),
            }
            .into());
        }
        match last_day(case, self.calendar).filter(|it| *it < self.today) {
            None => Ok(()),
            Some(last) => Err(NotReviewed::term_over(case, last).into()),
        }
    }
}

/// Only a decision against the claimant is reviewed (F32).
pub(crate) fn reviewable(case: &Case) -> Result<(), Refused> {
    let allowed = case.place.allows(Step::Reopen, case.kind()).map(|_| ());
    fits(allowed, case)?;
    if case.is_refused() {
        Ok(())
    } else {
        no_step(case)
    }
}

/// None of `known`, of this case or of others, is a review of its decision that is pending.
fn not_pending(known: &[ReviewRequest], case: &Case) -> Result<(), NotReviewed> {
    let own = known.iter().filter(|it| it.case == case.id);
    match { own }.find(|it| it.state.is_pending()) {
        None => Ok(()),
        Some(review) => Err(NotReviewed::Pending {
            case: case.name(),
            review: review.name(),
        }),
    }
}

/// The state as such allows it, this case does not.
fn no_step(case: &Case) -> Result<(), Refused> {
    let refused = NotAllowed {
        state: case.state(),
        allowed: Vec::new(),
    };
    fits(Err(refused), case)
}
