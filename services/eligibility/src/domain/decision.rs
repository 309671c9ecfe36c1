//! What is said of a case: by the rules, by an investigator, by two persons of the county.

use serde::{Deserialize, Serialize};
use time::Date;
use yuhui_kernel::{Citation, Money};
use yuhui_policy::{Decision, Determination, Finding, Outcome as Result, Reason};

use super::{Hand, iso_date};

/// The county answers for its decisions (五(三)6).
const COUNTY_ANSWERS: Citation = Citation::known("五(三)6");
/// 其他经认定属于应当终止发放情形.
const OTHER_GROUNDS: Citation = Citation::known("六3");

/// What stands: the rules' result, or the county's where the law leaves it to persons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The result, without findings: those are replayed from the evidence.
    pub found: Determination,
    /// What a person wrote for the letter, empty if nothing.
    pub ground: String,
    /// Hash of the evidence, hex.
    pub evidence_hash: String,
    /// Digest of the facts in it, hex: most evaluations of a case rest on the same.
    pub facts_digest: String,
    /// Day of the evaluation.
    #[serde(with = "iso_date")]
    pub evaluated_on: Date,
}

impl Outcome {
    /// Payable by the rules.
    pub fn pays(&self) -> bool {
        self.found.decision == Decision::Pay
    }

    /// Something is not known that could change the result: nothing is decided.
    pub fn waits(&self) -> bool {
        self.found.decision == Decision::Wait
    }

    /// R-PRC-7: whether the claim states a name that is not the number's, or those who should know
    /// contradict one another. A contradiction opens an inquiry and refuses nothing.
    pub fn is_contradicted(&self) -> bool {
        let reasons = [Reason::NameMismatch, Reason::FactsContradict];
        self.found.reason.is_some_and(|it| reasons.contains(&it))
    }

    /// Whether claimant and public were told the same of both (R-PRC-8).
    pub fn same_result(&self, other: &Self) -> bool {
        let result = |it: &Self| (it.found.amount, it.found.class, it.found.headcount);
        result(self) == result(other)
    }

    /// Makes a refusal of it; without a reason the rules' own stays. What was not to be taken up
    /// stays so.
    pub fn refuse(&mut self, reason: Option<Reason>, ground: &str) {
        ground.clone_into(&mut self.ground);
        if self.found.decision == Decision::NotAccepted {
            return;
        }
        self.by_the_county_alone();
        self.found.decision = Decision::Reject;
        self.found.class = None;
        self.found.headcount = None;
        self.nothing_is_due(reason);
    }

    /// Makes a termination of it (六).
    pub fn terminate(&mut self, reason: Option<Reason>, ground: &str) {
        ground.clone_into(&mut self.ground);
        self.by_the_county_alone();
        self.found.decision = Decision::Terminate;
        self.nothing_is_due(reason);
    }

    /// Makes a recovery of `paid` of it: everything paid on a claim (R-FRD-1). The rules' own reason
    /// stays if they recover too.
    pub fn recover(&mut self, reason: Reason, paid: Money, ground: &str) {
        ground.clone_into(&mut self.ground);
        if self.found.decision != Decision::Clawback {
            self.found.decision = Decision::Clawback;
            self.found.reason = Some(reason);
        }
        self.found.amount = paid;
        self.found.clawback = paid;
    }

    /// What the rules would have paid rests on no rule once it is refused: the grant is cited, and
    /// what the county goes by.
    fn by_the_county_alone(&mut self) {
        if self.pays() {
            self.found.cites.truncate(1);
        }
    }

    fn nothing_is_due(&mut self, reason: Option<Reason>) {
        let known = reason.or(self.found.reason);
        self.found.reason = Some(known.unwrap_or(Reason::OtherGround));
        self.found.amount = Money::ZERO;
        self.found.payees.clear();
        let clause = self.clause();
        if !self.ground.is_empty() && !self.found.cites.contains(&clause) {
            self.found.cites.push(clause);
        }
    }

    fn clause(&self) -> Citation {
        match self.found.decision {
            Decision::Terminate => OTHER_GROUNDS,
            _ => COUNTY_ANSWERS,
        }
    }

    /// The result with what was replayed, and with what a person wrote as a finding of its own.
    pub fn told(&self, findings: Vec<Finding>) -> Determination {
        let mut told = Determination {
            findings,
            ..self.found.clone()
        };
        if !self.ground.is_empty() {
            told.findings.push(Finding {
                rule: "R-PRC-2".into(),
                clause: self.clause(),
                outcome: Result::Fail,
                reason: self.found.reason,
                facts: Vec::new(),
                note: self.ground.clone().into(),
            });
        }
        told
    }
}

/// An investigator's report (五(三)6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Who wrote it.
    pub by: Hand,
    /// 同意发放 or not.
    pub agree: bool,
}

/// Kinds of proposals that wait for a second person (DYN-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProposalKind {
    /// 不予确认.
    Rejection,
    /// 终止发放.
    Termination,
    /// 骗取补贴认定.
    FraudFinding,
    /// 因其他申请骗取补贴而追回.
    Recovery,
    /// 账户更正.
    AccountCorrection,
    /// 申请人死亡后的承继 (C.7).
    Takeover,
}

impl ProposalKind {
    /// Stable name, as in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejection => "REJECTION",
            Self::Termination => "TERMINATION",
            Self::FraudFinding => "FRAUD_FINDING",
            Self::Recovery => "RECOVERY",
            Self::AccountCorrection => "ACCOUNT_CORRECTION",
            Self::Takeover => "TAKEOVER",
        }
    }
}

/// A proposal waiting for its checker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Kind.
    pub kind: ProposalKind,
    /// Who made it.
    pub by: Hand,
    /// Reason, unless the rules' own.
    pub reason: Option<Reason>,
    /// Note for the letter.
    pub note: String,
    /// What the rules said when it was made.
    pub outcome: Option<Outcome>,
    /// Day on which it was made; none of one made before days were kept.
    #[serde(default, with = "iso_date::option")]
    pub on: Option<Date>,
}

impl Proposal {
    /// Whether the rules alone are its ground: then they must still say so when it is approved.
    pub fn rests_on_the_rules(&self) -> bool {
        let kinds = [ProposalKind::Rejection, ProposalKind::Termination];
        kinds.contains(&self.kind) && self.reason.is_none()
    }

    /// Whether the rules say the same as when it was made.
    pub fn repeats(&self, outcome: &Outcome) -> bool {
        let said = |it: &Outcome| (it.found.decision, it.found.reason);
        self.outcome
            .as_ref()
            .is_some_and(|it| said(it) == said(outcome))
    }
}

/// One of the two signatures under the resolution of a referral (F15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelSignature {
    /// Who signed.
    pub by: Hand,
    /// Whether a checker signed.
    pub checker: bool,
    /// Back to its stage, or refused.
    pub proceed: bool,
    /// Written reasons.
    pub reason: String,
}

impl PanelSignature {
    /// Stable name, as in the contract.
    pub const fn as_str(&self) -> &'static str {
        if self.proceed {
            "REFERRAL_PROCEED"
        } else {
            "REFERRAL_REFUSAL"
        }
    }
}
