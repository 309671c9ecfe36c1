//! A case: one child or institution, one programme, one claimant (POLICY.md C.2).

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use yuhui_kernel::{DivisionCode, DivisionLevel, Money, Tenant};
use yuhui_policy::{Decision, Programme};

use super::{
    Hand, Kind, NotAllowed, Outcome, PanelSignature, Proposal, ProposalKind, State, Step,
    decision::Report, inquiry::InquiryReport, iso_date, place::Place, waiting::Waiting,
};

/// A case with everything but the personal data, which are sealed apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Id inside the tenant.
    pub id: Uuid,
    /// County that decides it.
    pub tenant: Tenant,
    /// Goes up by one with every change; the etag.
    pub revision: i64,
    /// Where it stands.
    pub place: Place,
    /// Programme.
    pub programme: Programme,
    /// Village (families) or township of the premises (institutions).
    pub unit: DivisionCode,
    /// Blind reference of the claimant.
    pub claimant_ref: String,
    /// Blind reference of the child or institution.
    pub subject_ref: String,
    /// Subsidy year of P2 and P3, else 0.
    pub subsidy_year: i32,
    /// Documents handed in (C.3).
    pub documents: Vec<Document>,
    /// 承诺书 signed.
    pub truth_signed: bool,
    /// Account number, masked (前6后4).
    pub account_masked: String,
    /// Receipt number, empty while a draft.
    pub receipt_number: String,
    /// Lodging date (R-PRC-4 keeps it).
    #[serde(with = "iso_date::option")]
    pub lodged_on: Option<Date>,
    /// Version of the parameters in force on that day: it decides the case for good (R-PRC-9).
    #[serde(default)]
    pub pack_version: String,
    /// Order of lodging inside a day.
    pub lodged_order: i64,
    /// Round, 0 while a draft.
    pub round: i32,
    /// What stands: by the rules, or by the county.
    pub outcome: Option<Outcome>,
    /// Day of the decision: confirmed, refused, stopped or to be recovered.
    #[serde(with = "iso_date::option")]
    pub decided_on: Option<Date>,
    /// Day the decision was delivered, if it was recorded (C.8).
    #[serde(default, with = "iso_date::option")]
    pub delivered_on: Option<Date>,
    /// Since when it stands in line of the claims for its child or institution, if it was reopened.
    #[serde(default, with = "iso_date::option")]
    pub queued_on: Option<Date>,
    /// The first signature of the panel that resolves its referral (F15).
    #[serde(default)]
    pub panel: Option<PanelSignature>,
    /// What the investigators of its inquiry have reported (F27).
    #[serde(default)]
    pub inquiry: Vec<InquiryReport>,
    /// Blind references of everybody in the family: DYN-3.
    pub related: Vec<String>,
    /// Blind references of the parents, or of the legal person, as known when the rules were run last:
    /// nobody acts on a relative's case (DYN-3).
    #[serde(default)]
    pub parties: Vec<String>,
    /// Who of village, township and county acted on it: DYN-2, 五(三)6.
    pub hands: Vec<Hand>,
    /// Report of the stage, waiting for its signature.
    pub report: Option<Report>,
    /// Notice it is on.
    pub notice: Option<Uuid>,
    /// Set once the county's notice is closed (F13).
    pub notice_over: bool,
    /// Roster it is on.
    pub roster: Option<Uuid>,
    /// Amount of its line on the sealed roster.
    pub rostered: Option<Money>,
    /// Proposal waiting for its checker.
    pub proposal: Option<Proposal>,
    /// Defects of a returned case.
    pub defects: Vec<String>,
    /// Last day to answer them.
    #[serde(with = "iso_date::option")]
    pub return_due_on: Option<Date>,
    /// The bank's return code.
    pub return_code: String,
    /// The bank returned its payment, and nobody has corrected the account since (F23).
    #[serde(default)]
    pub awaits_account: bool,
    /// Day for which the pre-payment check cleared it.
    #[serde(with = "iso_date::option")]
    pub cleared_on: Option<Date>,
    /// What its line gave back is reserved in the ledger for as long as the decision may be contested
    /// (C.8).
    #[serde(default)]
    pub is_reserved: bool,
    /// Whether disbursement was told to keep its line back.
    pub is_kept_back: bool,
    /// The end it had come to when its batch had gone out already.
    pub stopped_too_late: Option<State>,
    /// County maker who reviewed it.
    pub reviewed_by: Option<Hand>,
    /// County checker who confirmed it.
    pub confirmed_by: Option<Hand>,
    /// Day of confirmation.
    #[serde(with = "iso_date::option")]
    pub confirmed_on: Option<Date>,
    /// Day of the credit.
    #[serde(with = "iso_date::option")]
    pub paid_on: Option<Date>,
    /// Last day of a hold that has a term (F28).
    #[serde(default, with = "iso_date::option")]
    pub hold_until: Option<Date>,
    /// Day it came to its state.
    #[serde(default, with = "iso_date::option")]
    pub state_since: Option<Date>,
    /// Day it came to the office whose turn it is.
    #[serde(default, with = "iso_date::option")]
    pub stage_since: Option<Date>,
    /// What it waits for: facts that are not known and could change the result.
    #[serde(default)]
    pub waiting_for: Vec<Waiting>,
    /// Day on which another took it over from the claimant who lodged it and died (C.7).
    #[serde(default, with = "iso_date::option")]
    pub taken_over_on: Option<Date>,
    /// When it was opened.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it last changed.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// A document handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Kind, e.g. `MARRIAGE_CERTIFICATE`.
    pub kind: String,
    /// SHA-256 of the image, hex; empty for paper only.
    pub digest: String,
    /// 原件已核.
    pub original_seen: bool,
}

impl Case {
    /// A new draft.
    pub fn draft(
        id: Uuid,
        tenant: Tenant,
        unit: DivisionCode,
        programme: Programme,
        at: OffsetDateTime,
    ) -> Self {
        Self {
            id,
            tenant,
            revision: 0,
            place: Place::draft(),
            programme,
            unit,
            claimant_ref: String::new(),
            subject_ref: String::new(),
            subsidy_year: 0,
            documents: Vec::new(),
            truth_signed: false,
            account_masked: String::new(),
            receipt_number: String::new(),
            lodged_on: None,
            pack_version: String::new(),
            lodged_order: 0,
            round: 0,
            outcome: None,
            decided_on: None,
            delivered_on: None,
            queued_on: None,
            panel: None,
            inquiry: Vec::new(),
            related: Vec::new(),
            parties: Vec::new(),
            hands: Vec::new(),
            report: None,
            notice: None,
            notice_over: false,
            roster: None,
            rostered: None,
            proposal: None,
            defects: Vec::new(),
            return_due_on: None,
            return_code: String::new(),
            awaits_account: false,
            cleared_on: None,
            is_reserved: false,
            is_kept_back: false,
            stopped_too_late: None,
            reviewed_by: None,
            confirmed_by: None,
            confirmed_on: None,
            paid_on: None,
            hold_until: None,
            state_since: None,
            stage_since: None,
            waiting_for: Vec::new(),
            taken_over_on: None,
            created_at: at,
            updated_at: at,
        }
    }

    /// State.
    pub fn state(&self) -> State {
        self.place.state
    }

    /// The stage it belongs to, wherever it is at present.
    pub fn stage(&self) -> State {
        self.place.stage()
    }

    /// Family or institution.
    pub fn kind(&self) -> Kind {
        match self.programme {
            Programme::P1 | Programme::P2 | Programme::N1 => Kind::Family,
            Programme::P3 | Programme::P4 => Kind::Institution,
        }
    }

    /// Level whose office works on it (C.2, C.4).
    pub fn office_level(&self) -> DivisionLevel {
        match self.stage() {
            State::Draft | State::Lodged if self.kind() == Kind::Family => DivisionLevel::Village,
            State::VReview | State::VNotice => DivisionLevel::Village,
            State::TReview | State::TNotice => DivisionLevel::Township,
            _ => DivisionLevel::County,
        }
    }

    /// Takes a step, if the state allows it.
    pub fn step(&mut self, step: Step, by: &Hand) -> Result<(), NotAllowed> {
        self.place.step(step, self.kind(), by)?;
        match step {
            Step::Refer => self.panel = None,
            Step::Object => self.inquiry.clear(),
            _ => {}
        }
        Ok(())
    }

    /// What happens to it whether or not it is away from its stage.
    pub fn happens(&mut self, step: Step) -> Result<(), NotAllowed> {
        self.place.happens(step, self.kind())
    }

    /// A released batch holds its line. Stopped in the meantime, archived or not, it was stopped too
    /// late: what the bank says counts. Its clearance has served.
    pub fn send(&mut self) -> Result<(), NotAllowed> {
        let state = self.state();
        if state == State::Closed && (self.paid_on.is_some() || self.rostered.is_none()) {
            return Err(NotAllowed {
                state,
                allowed: Vec::new(),
            });
        }
        let end = match self.ended_as() {
            State::Closed => State::Withdrawn,
            end => end,
        };
        self.happens(Step::Send)?;
        self.cleared_on = None;
        // Proposed while the line was on its way: the money is gone, and what is to become of it is
        // decided on the case as it is then.
        let is_late = |it: &mut Proposal| {
            let late = [
                ProposalKind::Termination,
                ProposalKind::AccountCorrection,
                ProposalKind::Takeover,
            ];
            late.contains(&it.kind)
        };
        self.proposal.take_if(is_late);
        if matches!(end, State::Terminated | State::Withdrawn) {
            self.stopped_too_late = Some(end);
        }
        Ok(())
    }

    /// The bank returned its line. What was stopped too late is stopped now.
    pub fn payment_returned(&mut self, code: &str) -> Result<(), NotAllowed> {
        self.happens(Step::PaymentReturned)?;
        code.clone_into(&mut self.return_code);
        self.awaits_account = true;
        if let Some(end) = self.stopped_too_late.take() {
            self.place.state = end;
        }
        Ok(())
    }

    /// The city returned its roster: review, notice and confirmation begin anew (F18).
    pub fn unroster(&mut self) -> Result<(), NotAllowed> {
        self.happens(Step::Unroster)?;
        self.begin_anew();
        Ok(())
    }

    /// F32: a review or an order reopened it. The decision is gone from the case, not from its
    /// transitions and evidence; the lodging date stays, its place in line is a new one.
    pub fn reopen(&mut self, by: &Hand, on: Date, order: i64) -> Result<(), NotAllowed> {
        self.step(Step::Reopen, by)?;
        self.begin_anew();
        self.delivered_on = None;
        self.queued_on = Some(on);
        self.lodged_order = order;
        self.report = None;
        self.defects.clear();
        self.return_due_on = None;
        self.return_code.clear();
        Ok(())
    }

    /// County review begins anew, on no roster.
    fn begin_anew(&mut self) {
        self.roster = None;
        self.rostered = None;
        self.notice = None;
        self.notice_over = false;
        self.reviewed_by = None;
        self.confirmed_by = None;
        self.confirmed_on = None;
        self.decided_on = None;
        self.cleared_on = None;
        self.awaits_account = false;
        self.proposal = None;
    }

    /// The state it ended in, where it is archived by the decision that stands.
    pub fn ended_as(&self) -> State {
        let decision = self.outcome.as_ref().map(|it| it.found.decision);
        match (self.state(), decision) {
            (State::Closed, _) if self.decided_on.is_none() || self.paid_on.is_some() => {
                State::Closed
            }
            (State::Closed, Some(Decision::NotAccepted)) => State::NotAccepted,
            (State::Closed, Some(Decision::Reject)) => State::Rejected,
            (State::Closed, Some(Decision::Terminate)) => State::Terminated,
            (state, _) => state,
        }
    }

    /// Whether it ended against the claimant, archived or not (C.2).
    pub fn is_refused(&self) -> bool {
        matches!(
            self.ended_as(),
            State::NotAccepted | State::Rejected | State::Terminated
        )
    }

    /// Whether money was paid on it that nobody has demanded back.
    pub fn is_paid(&self) -> bool {
        let demanded = |it: &Outcome| it.found.decision == Decision::Clawback;
        matches!(self.state(), State::Paid | State::Closed)
            && self.paid_on.is_some()
            && !self.outcome.as_ref().is_some_and(demanded)
    }

    /// Whether its line must not be paid for the time being.
    pub fn must_be_kept_back(&self) -> bool {
        self.place.resume().is_some() && self.stage().is_in_ledger()
    }

    /// Claimant, parents and child, or the legal person: whose relatives keep away (DYN-3).
    pub fn concerned(&self) -> impl Iterator<Item = &str> {
        let own = [&self.claimant_ref, &self.subject_ref];
        own.into_iter().chain(&self.parties).map(String::as_str)
    }

    /// Resource name.
    pub fn name(&self) -> String {
        name(self.tenant, self.id)
    }

    /// Amount due, zero before an outcome.
    pub fn amount(&self) -> Money {
        self.outcome
            .as_ref()
            .map_or(Money::ZERO, |it| it.found.amount)
    }

    /// The other proposal that waits, if there is one.
    pub fn waiting_besides(&self, kind: ProposalKind) -> Option<ProposalKind> {
        self.proposal
            .as_ref()
            .map(|it| it.kind)
            .filter(|it| *it != kind)
    }

    /// Stable name of what waits for a second person; empty if nothing does.
    pub fn pending_proposal(&self) -> &'static str {
        let panel = self
            .panel
            .as_ref()
            .filter(|_| self.state() == State::Referred);
        let proposal = self.proposal.as_ref().map(|it| it.kind.as_str());
        proposal.or(panel.map(|it| it.as_str())).unwrap_or_default()
    }

    /// Notes that `hand` acted on it.
    pub fn touched_by(&mut self, hand: &Hand) {
        if !self.hands.contains(hand) {
            self.hands.push(hand.clone());
        }
    }
}

/// Resource name of a case.
pub fn name(tenant: Tenant, id: Uuid) -> String {
    format!("counties/{}/cases/{id}", tenant.as_str())
}
