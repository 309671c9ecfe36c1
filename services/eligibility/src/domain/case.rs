//! A case: one child or institution, one programme, one claimant (POLICY.md C.2).

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use yuhui_kernel::{DivisionCode, Money, Tenant};
use yuhui_policy::Programme;

use super::{
    State, Step, iso_date,
    life::{self, Kind, NotAllowed},
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
    /// State.
    #[serde(with = "state_name")]
    pub state: State,
    /// Stage remembered while the case is away from it.
    #[serde(with = "state_name::option")]
    pub resume: Option<State>,
    /// Programme.
    pub programme: Programme,
    /// Village (families) or township of the premises (institutions).
    pub unit: DivisionCode,
    /// Blind reference of the claimant.
    pub claimant_ref: String,
    /// Blind reference of the child or institution.
    pub subject_ref: String,
    /// Name of the claimant or institution, as on notices.
    pub claimant_name: String,
    /// Subsidy year of P2 and P3, else 0.
    pub subsidy_year: i32,
    /// Documents handed in (C.3).
    pub documents: Vec<Document>,
    /// 承诺书 signed.
    pub truth_signed: bool,
    /// Account number, masked (前6后4).
    pub account_masked: String,
    /// Who referred it, held it or recorded the objection; another person resolves that (DYN-1).
    pub stopped_by: String,
    /// Account that opened the draft.
    pub opened_by: String,
    /// Receipt number, empty while a draft.
    pub receipt_number: String,
    /// Lodging date (R-PRC-4 keeps it).
    #[serde(with = "iso_date::option")]
    pub lodged_on: Option<Date>,
    /// Order of lodging inside a day, microseconds.
    pub lodged_order: i64,
    /// Round, 0 while a draft.
    pub round: i32,
    /// Latest outcome of the rules.
    pub outcome: Option<Outcome>,
    /// Blind references of claimant, parents, child: DYN-3.
    pub related: Vec<String>,
    /// Report of the stage, waiting for its signature.
    pub report: Option<Report>,
    /// Notice it is on.
    pub notice: Option<Uuid>,
    /// Set once the county's notice is closed (F13).
    pub notice_over: bool,
    /// Roster it is on.
    pub roster: Option<Uuid>,
    /// Proposal waiting for its checker.
    pub proposal: Option<Proposal>,
    /// Defects of a returned case.
    pub defects: Vec<String>,
    /// Last day to answer them.
    #[serde(with = "iso_date::option")]
    pub return_due_on: Option<Date>,
    /// The bank's return code.
    pub return_code: String,
    /// Day for which the pre-payment check cleared it.
    #[serde(with = "iso_date::option")]
    pub cleared_on: Option<Date>,
    /// Day of confirmation.
    #[serde(with = "iso_date::option")]
    pub confirmed_on: Option<Date>,
    /// Who reviewed it at county, then who confirmed it.
    pub county_hands: Vec<String>,
    /// Day of the credit.
    #[serde(with = "iso_date::option")]
    pub paid_on: Option<Date>,
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

/// Where to pay and who the people are: sealed at rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Private {
    /// Identity number of the claimant.
    pub claimant_number: String,
    /// Identity number of the child.
    pub child_number: String,
    /// Unified social credit code.
    pub credit_code: String,
    /// Where to pay.
    pub account: Account,
    /// A corrected account waiting for its second person (DYN-5).
    pub corrected: Option<Account>,
}

/// A bank account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Name on the account.
    pub holder_name: String,
    /// Number.
    pub number: String,
    /// Bank.
    pub bank_name: String,
    /// 对公账户.
    pub corporate: bool,
}

impl Account {
    /// First six and last four characters (前6后4).
    pub fn masked(&self) -> String {
        mask(&self.number)
    }
}

/// First six and last four characters, the rest stars; short texts are stars only.
pub fn mask(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let hidden = |index: usize| letters.len() < 11 || (index >= 6 && index + 4 < letters.len());
    letters
        .iter()
        .enumerate()
        .map(|(index, it)| if hidden(index) { '*' } else { *it })
        .collect()
}

/// What the rules said last, without findings: those are replayed from the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// `PAY`, `REJECT`, `NOT_ACCEPTED`, `TERMINATE`, `REFER` or `CLAWBACK`.
    pub decision: String,
    /// Reason code, empty for PAY.
    pub reason: String,
    /// The reason in Chinese.
    pub reason_zh: String,
    /// `SECOND`, `THIRD` or empty.
    pub class: String,
    /// P3: children counted.
    pub headcount: i32,
    /// Amount confirmed.
    pub amount: Money,
    /// Who is paid how much.
    pub payees: Vec<(String, Money)>,
    /// Amount to be recovered.
    pub clawback: Money,
    /// WRONG_COUNTY: code of the competent county, else empty.
    pub competent_county: String,
    /// Clauses cited.
    pub cites: Vec<String>,
    /// Version of the pack.
    pub pack_version: String,
    /// Hash of the evidence, hex.
    pub evidence_hash: String,
    /// Day of the evaluation.
    #[serde(with = "iso_date")]
    pub evaluated_on: Date,
}

impl Outcome {
    /// Payable by the rules.
    pub fn pays(&self) -> bool {
        self.decision == "PAY"
    }
}

/// An investigator's report (五(三)6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Who wrote it.
    pub by: String,
    /// 同意发放 or not.
    pub agree: bool,
    /// What was seen.
    pub note: String,
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
    /// 账户更正.
    AccountCorrection,
}

impl ProposalKind {
    /// Stable name, as in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejection => "REJECTION",
            Self::Termination => "TERMINATION",
            Self::FraudFinding => "FRAUD_FINDING",
            Self::AccountCorrection => "ACCOUNT_CORRECTION",
        }
    }
}

/// A proposal waiting for its checker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Kind.
    pub kind: ProposalKind,
    /// Who made it.
    pub by: String,
    /// Reason code.
    pub reason: String,
    /// Note for the letter.
    pub note: String,
}

impl Case {
    /// Family or institution.
    pub fn kind(&self) -> Kind {
        match self.programme {
            Programme::P1 | Programme::P2 => Kind::Family,
            Programme::P3 | Programme::P4 => Kind::Institution,
        }
    }

    /// Takes a step, if the state allows it.
    pub fn step(&mut self, step: Step) -> Result<(), NotAllowed> {
        // An inquiry that sends the case back remembers the stage it interrupted.
        (self.state, self.resume) = life::after(step, self.kind(), self.state, self.resume)?;
        Ok(())
    }

    /// Resource name.
    pub fn name(&self) -> String {
        name(self.tenant, self.id)
    }

    /// Amount confirmed, zero before an outcome.
    pub fn amount(&self) -> Money {
        self.outcome.as_ref().map_or(Money::ZERO, |it| it.amount)
    }
}

/// Resource name of a case.
pub fn name(tenant: Tenant, id: Uuid) -> String {
    format!("counties/{}/cases/{id}", tenant.as_str())
}

/// States are stored by their stable names.
mod state_name {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::State;

    pub(super) fn serialize<S: Serializer>(state: &State, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(state.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<State, D::Error> {
        let name = String::deserialize(input)?;
        State::parse(&name).ok_or_else(|| D::Error::custom(format!("no state {name}")))
    }

    pub(super) mod option {
        use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

        use super::State;

        pub(in super::super) fn serialize<S: Serializer>(
            state: &Option<State>,
            out: S,
        ) -> Result<S::Ok, S::Error> {
            state.map(State::as_str).serialize(out)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            input: D,
        ) -> Result<Option<State>, D::Error> {
            Option::<String>::deserialize(input)?
                .map(|name| {
                    State::parse(&name).ok_or_else(|| D::Error::custom(format!("no state {name}")))
                })
                .transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn masks_the_middle_and_short_texts_whole() {
        assert_eq!(mask("150299199001010015"), "150299********0015");
        assert_eq!(mask("1234567890"), "**********");
    }
}
