//! Facts: what the registers know, dated, people and institutions by opaque reference.
//!
//! Intervals are closed: `from` and `to` are both inside, `to: None` is open. One exception,
//! natural in family law: a marriage is no longer in force on its `to` date.

mod gaps;
mod model;
mod registers;
mod silence;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;
use yuhui_kernel::{DivisionCode, Money};

pub use gaps::{Candidate, FactKind, Gap, GapState};
pub(crate) use gaps::{Known, Unknown};
pub use model::Model;
pub use registers::names;

use crate::{Decision, Programme, Reason, iso_date, rules::on_day};

/// Everything known that a decision may rest on. The order of the lists never matters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Parents, children, guardians, former spouses.
    pub persons: Vec<Person>,
    /// Hukou history. A death ends the hukou.
    pub hukou: Vec<Hukou>,
    /// Marriages.
    pub marriages: Vec<Marriage>,
    /// One entry per delivery (胎).
    pub births: Vec<Delivery>,
    /// Adoptions, in either direction.
    pub adoptions: Vec<Adoption>,
    /// Custody after divorce or outside marriage.
    pub custody: Vec<Custody>,
    /// Guardianships.
    pub guardianships: Vec<Guardianship>,
    /// Institutions: the subject, those a child attended, and for R-P3-5 those it competes with.
    pub institutions: Vec<Institution>,
    /// Stays of children in institutions.
    pub enrolments: Vec<Enrolment>,
    /// Other claims that matter, city-wide, with what became of them; never the claim itself.
    pub other_claims: Vec<OtherClaim>,
    /// Findings of fraud against the claimant.
    pub frauds: Vec<FraudFinding>,
    /// Payments of the national childcare subsidy for the child (AMB-47). For a claim of that subsidy
    /// itself, those made elsewhere: the city's own are [`Facts::other_claims`].
    pub national_payments: Vec<NationalPayment>,
    /// Whether the names that the claim states belong to their numbers; never the names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<NameCheck>,
    /// Who answered for these facts, and when.
    pub answers: Vec<Answer>,
    /// What is not known, sorted. Evidence of decisions in which everything was known has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
    /// How an absence is to be read.
    #[serde(skip_serializing_if = "Model::is_first")]
    pub model: Model,
}

impl Facts {
    /// County of the hukou of a person on `day`, with R-DAT-9; none of the dead.
    #[must_use]
    pub fn hukou_on(&self, person: &str, day: Date, gap_days: i32) -> Option<DivisionCode> {
        on_day::hukou(self, person, day, gap_days)
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Reference.
    pub id: String,
    /// Birth date.
    #[serde(with = "iso_date")]
    pub born_on: Date,
    /// Date of death.
    #[serde(with = "iso_date::option")]
    pub died_on: Option<Date>,
}

/// A period of hukou.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hukou {
    /// Whose.
    pub person: String,
    /// County of the register; any county of the country.
    pub county: DivisionCode,
    /// First day.
    #[serde(with = "iso_date")]
    pub from: Date,
    /// Last day.
    #[serde(with = "iso_date::option")]
    pub to: Option<Date>,
}

/// A marriage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marriage {
    /// The two spouses.
    pub spouses: [String; 2],
    /// Registration date.
    #[serde(with = "iso_date")]
    pub from: Date,
    /// First day on which it is no longer in force.
    #[serde(with = "iso_date::option")]
    pub to: Option<Date>,
}

/// A delivery (胎): twins are one delivery, two children.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Number of the delivery.
    pub delivery: String,
    /// Mother.
    pub mother: String,
    /// Father, if known.
    pub father: Option<String>,
    /// Birth-service registration (生育服务登记).
    #[serde(with = "iso_date::option")]
    pub birth_service_registered_on: Option<Date>,
    /// Children.
    pub children: Vec<Born>,
}

/// A child of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Born {
    /// Reference of the child.
    pub id: String,
    /// Birth date.
    #[serde(with = "iso_date")]
    pub born_on: Date,
    /// Order inside the delivery, from 1.
    pub order: u32,
    /// False for a stillbirth.
    pub live: bool,
}

/// An adoption (收养、送养).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adoption {
    /// The child.
    pub child: String,
    /// The adopters.
    pub adopters: Vec<String>,
    /// Date.
    #[serde(with = "iso_date")]
    pub on: Date,
}

/// Custody and actual care of a child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custody {
    /// The child.
    pub child: String,
    /// Who holds custody (抚养权).
    pub holders: Vec<String>,
    /// Who actually cares (实际照料).
    pub actual_carers: Vec<String>,
    /// First day.
    #[serde(with = "iso_date")]
    pub from: Date,
    /// Last day.
    #[serde(with = "iso_date::option")]
    pub to: Option<Date>,
}

/// A guardianship (监护).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guardianship {
    /// The child.
    pub child: String,
    /// The guardian.
    pub guardian: String,
    /// First day.
    #[serde(with = "iso_date")]
    pub from: Date,
    /// Last day.
    #[serde(with = "iso_date::option")]
    pub to: Option<Date>,
}

/// Kind of institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InstitutionKind {
    /// 托育机构.
    Nursery,
    /// 托幼一体幼儿园.
    Kindergarten,
}

/// An institution with its dated record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Institution {
    /// Reference.
    pub id: String,
    /// Kind.
    pub kind: InstitutionKind,
    /// County of registration and filing; any county of the country.
    pub county: DivisionCode,
    /// Registered with 编办, 民政 or 市场监管.
    #[serde(with = "iso_date::option")]
    pub registered_on: Option<Date>,
    /// 备案.
    #[serde(with = "iso_date::option")]
    pub filed_on: Option<Date>,
    /// Approved by the county education bureau.
    #[serde(with = "iso_date::option")]
    pub education_approved_on: Option<Date>,
    /// 普惠认定.
    #[serde(with = "iso_date::option")]
    pub inclusive_recognised_on: Option<Date>,
    /// Suspensions of service.
    pub suspensions: Vec<Suspension>,
    /// Honours.
    pub honours: Vec<Honour>,
    /// Head-counts certified by the education bureau, by subsidy year.
    pub certified_headcount: BTreeMap<i32, u32>,
}

/// A suspension of service, both days inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// First day.
    #[serde(with = "iso_date")]
    pub from: Date,
    /// Last day.
    #[serde(with = "iso_date::option")]
    pub to: Option<Date>,
}

/// Level of an honour, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HonourLevel {
    /// 市级.
    Municipal,
    /// 自治区.
    Regional,
    /// 国家.
    National,
}

/// An honour (示范托育机构).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Honour {
    /// Level.
    pub level: HonourLevel,
    /// Date granted.
    #[serde(with = "iso_date")]
    pub granted_on: Date,
}

/// A stay of a child in an institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The child.
    pub child: String,
    /// Birth date of the child.
    #[serde(with = "iso_date")]
    pub born_on: Date,
    /// The institution.
    pub institution: String,
    /// First day.
    #[serde(with = "iso_date")]
    pub from: Date,
    /// Last day.
    #[serde(with = "iso_date::option")]
    pub to: Option<Date>,
    /// Fee receipts and agreement cover the stay.
    pub fee_receipts: bool,
}

/// Another claim: same child or institution, or (R-P3-5) an institution that shares children.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherClaim {
    /// Id of the claim.
    pub id: String,
    /// Programme.
    pub programme: Programme,
    /// Child or institution.
    pub subject: String,
    /// Claimant.
    pub claimant: String,
    /// County it was lodged in.
    pub county: DivisionCode,
    /// Lodging date.
    #[serde(with = "iso_date")]
    pub lodged_on: Date,
    /// True if lodged before the claim being decided (same day: by order of lodging).
    pub earlier: bool,
    /// Subsidy year of P2 and P3.
    pub subsidy_year: Option<i32>,
    /// What has become of it so far.
    pub outcome: OtherOutcome,
}

/// What became of another claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OtherOutcome {
    /// Not decided for good: under review. Evidence that knows no [`Self::Confirmed`] says so of what
    /// was confirmed and in payment too.
    Open,
    /// Confirmed and still to be paid.
    Confirmed {
        /// Amount confirmed.
        amount: Money,
        /// Round it is to be paid in.
        round: i32,
        /// Day of confirmation.
        #[serde(with = "iso_date")]
        confirmed_on: Date,
    },
    /// Paid.
    Paid {
        /// Amount paid.
        amount: Money,
        /// Round it was paid in.
        round: i32,
        /// Day of confirmation, if the answer says so.
        #[serde(
            default,
            with = "iso_date::option",
            skip_serializing_if = "Option::is_none"
        )]
        confirmed_on: Option<Date>,
    },
    /// Refused, terminated or recovered.
    Refused {
        /// Decision.
        decision: Decision,
        /// Reason. `WRONG_COUNTY` means that standing was not denied: steps run in order, so
        /// standing is to be judged from the facts on its lodging day (R-P1-2).
        reason: Option<Reason>,
    },
    /// Withdrawn by the claimant.
    Withdrawn,
}

impl OtherOutcome {
    /// R-P1-11: a claim bars another for the same while it is not refused. What was terminated or
    /// recovered had been confirmed, and is not confirmed twice; nor does who was found out leave
    /// the claim to the other parent.
    pub(crate) const fn bars(&self) -> bool {
        match self {
            Self::Open | Self::Confirmed { .. } | Self::Paid { .. } => true,
            Self::Refused { decision, .. } => {
                matches!(decision, Decision::Terminate | Decision::Clawback)
            }
            Self::Withdrawn => false,
        }
    }

    /// R-P3-5: whether the claim is paid, or may still be.
    pub(crate) const fn is_payable(&self) -> bool {
        matches!(
            self,
            Self::Open | Self::Confirmed { .. } | Self::Paid { .. }
        )
    }

    /// R-P4-3: what it was confirmed with, and when if that is known; nothing of what is not
    /// confirmed, or was terminated, recovered or returned for good.
    pub(crate) const fn award(&self) -> Option<(Money, Option<Date>)> {
        match self {
            Self::Confirmed {
                amount,
                confirmed_on,
                ..
            } => Some((*amount, Some(*confirmed_on))),
            Self::Paid {
                amount,
                confirmed_on,
                ..
            } => Some((*amount, *confirmed_on)),
            Self::Open | Self::Refused { .. } | Self::Withdrawn => None,
        }
    }
}

/// Fraud established by an inquiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FraudFinding {
    /// Against whom.
    pub claimant: String,
    /// The tainted claim.
    pub claim: String,
    /// Day of the finding.
    #[serde(with = "iso_date")]
    pub found_on: Date,
}

/// A payment of the national childcare subsidy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NationalPayment {
    /// The child.
    pub child: String,
    /// Amount.
    pub amount: Money,
    /// Day.
    #[serde(with = "iso_date")]
    pub on: Date,
    /// Year it is for, if the answer says so; otherwise that of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_year: Option<i32>,
}

impl NationalPayment {
    /// The year it is for.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.for_year.unwrap_or_else(|| self.on.year())
    }
}

/// What public security says of a name and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NameAnswer {
    /// 一致.
    Match,
    /// 无法比对: the register has no name for the number, or one that cannot be compared.
    CannotCompare,
    /// 暂无答复.
    Unavailable,
    /// 无此号.
    NoSuchNumber,
    /// 不一致.
    Mismatch,
}

impl NameAnswer {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Match => "MATCH",
            Self::CannotCompare => "CANNOT_COMPARE",
            Self::Unavailable => "UNAVAILABLE",
            Self::NoSuchNumber => "NO_SUCH_NUMBER",
            Self::Mismatch => "MISMATCH",
        }
    }
}

/// Whether the name that the claim states for a person belongs to the person's number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameCheck {
    /// Whose.
    pub person: String,
    /// The answer.
    pub answer: NameAnswer,
}

/// One register's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// `PUBLIC_SECURITY`, `CIVIL_AFFAIRS`, `MATERNITY`, `INSTITUTION_REGISTRY`, `CLAIM_INDEX`.
    pub register: String,
    /// Day of the answer.
    #[serde(with = "iso_date")]
    pub answered_on: Date,
    /// Reference of the answer.
    pub reference: String,
}
