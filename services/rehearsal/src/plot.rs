//! What happens in a year that is played: what the registers know, which
//! nurseries there are, and who claims what, when. Written before the curtain
//! rises, by the synthetic round or out of a case file.

use std::collections::BTreeMap;

use time::Date;
use yuhui_kernel::{DivisionCode, Tenant};
use yuhui_proto::{
    institution::v1::{Change, Enrolment, Institution},
    registry::v1::{
        AdoptionRecord, CustodyRecord, DeliveryRecord, GuardianshipRecord, HukouRecord,
        MarriageRecord, NationalPaymentRecord, PersonRecord,
    },
    types::v1::{BirthClass, Decision, Programme},
};

/// Everything that happens.
#[derive(Debug, Default)]
pub struct Plot {
    /// What the departments of each county enter.
    pub registers: BTreeMap<Entry, Registers>,
    /// Nurseries, in the order of their numbers.
    pub nurseries: Vec<Nursery>,
    /// Claims, in the order of their numbers.
    pub claims: Vec<Claim>,
    /// Accounts as the bank knows them, by number; every other number is wrong.
    pub accounts: BTreeMap<String, BankStanding>,
}

/// What is entered together: by whose departments, and about what (the id of a
/// case; empty for everything).
pub type Entry = (Tenant, String);

/// What the departments of one county enter into the registers.
#[derive(Debug, Default)]
pub struct Registers {
    /// People.
    pub persons: Vec<PersonRecord>,
    /// Where they are registered (户籍).
    pub hukou: Vec<HukouRecord>,
    /// Marriages, and how they ended.
    pub marriages: Vec<MarriageRecord>,
    /// Adoptions.
    pub adoptions: Vec<AdoptionRecord>,
    /// Custody after a divorce (抚养权).
    pub custody: Vec<CustodyRecord>,
    /// Guardianships (监护).
    pub guardianships: Vec<GuardianshipRecord>,
    /// Deliveries, with the children born.
    pub deliveries: Vec<DeliveryRecord>,
    /// Payments of the national childcare subsidy.
    pub national_payments: Vec<NationalPaymentRecord>,
}

impl Registers {
    /// Records held.
    pub(crate) fn len(&self) -> usize {
        self.persons.len()
            + self.hukou.len()
            + self.marriages.len()
            + self.adoptions.len()
            + self.custody.len()
            + self.guardianships.len()
            + self.deliveries.len()
            + self.national_payments.len()
    }
}

/// A nursery or kindergarten and its dated record.
#[derive(Clone, Debug)]
pub struct Nursery {
    /// County of registration.
    pub county: Tenant,
    /// As it is registered.
    pub institution: Institution,
    /// Filing, recognition, suspensions, honours: proposed and approved by health.
    pub changes: Vec<Change>,
    /// Approval and head-counts: proposed and approved by education.
    pub education: Vec<Change>,
    /// Stays it reports.
    pub enrolments: Vec<Enrolment>,
    /// Login of its account.
    pub login: String,
}

/// Who claims.
#[derive(Clone, Debug)]
pub enum Claimant {
    /// A parent or guardian, for one child.
    Family {
        /// Citizen number.
        number: String,
        /// Name on the notice.
        name: String,
        /// Identity number of the child.
        child: String,
    },
    /// A nursery, by its place in [`Plot::nurseries`].
    Nursery(usize),
}

/// One claim: one child or nursery, one programme, one claimant.
#[derive(Clone, Debug)]
pub struct Claim {
    /// How reports name it, e.g. `S-P1-001 a1 c2`.
    pub label: String,
    /// Claims of one household are lodged one after the other, in this order.
    pub household: usize,
    /// Programme.
    pub programme: Programme,
    /// County it is lodged in.
    pub county: Tenant,
    /// Village (families) or township of the premises (nurseries).
    pub unit: DivisionCode,
    /// Who claims.
    pub claimant: Claimant,
    /// Subsidy year of P2 and P3.
    pub subsidy_year: i32,
    /// Day it is lodged.
    pub lodged_on: Date,
    /// Account to pay to.
    pub account: String,
    /// What else happens to it.
    pub fate: Fate,
    /// What must come out.
    pub expected: Expected,
}

/// What happens to a claim beside its ordinary way.
#[derive(Clone, Debug, Default)]
pub struct Fate {
    /// Confirmed on this day instead of the usual one.
    pub confirmed_on: Option<Date>,
    /// Paid on this day instead of the usual one.
    pub paid_on: Option<Date>,
    /// Fraud is established on this day.
    pub fraud_found_on: Option<Date>,
    /// The claimant withdraws on this day.
    pub withdrawn_on: Option<Date>,
    /// After a returned payment the claimant names this account.
    pub corrected_account: Option<String>,
    /// A referral is resolved against the claim on this day.
    pub resolved_on: Option<Date>,
}

/// What must come out of a claim. `None` is not compared.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// How it must end.
    pub end: End,
    /// Reason code, empty for payment.
    pub reason: String,
    /// Amount confirmed, in fen.
    pub amount_fen: i64,
    /// Who must be paid how much: number of the person or credit code, fen.
    pub payees: Option<Vec<(String, i64)>>,
    /// Class of the child.
    pub class: Option<BirthClass>,
    /// Children counted.
    pub headcount: Option<i32>,
    /// Round.
    pub round: Option<i32>,
    /// Amount to be recovered, in fen.
    pub clawback_fen: Option<i64>,
    /// Clauses the letter must cite at least.
    pub cites: Vec<String>,
}

/// How a claim ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// By a decision of the rules.
    Decided(DecisionKind),
    /// The claimant took it back.
    Withdrawn,
    /// Returned by the bank and not corrected.
    PayFailed,
    /// Nobody said.
    #[default]
    Unknown,
}

/// A decision, with an order so that reports can be sorted by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DecisionKind {
    /// Paid.
    Pay,
    /// Terminated after it was confirmed.
    Terminate,
    /// Recovered after it was paid.
    Clawback,
    /// Refused.
    Reject,
    /// Not taken up.
    NotAccepted,
    /// Referred to people.
    Refer,
}

impl DecisionKind {
    /// The decision of the contract; `None` if nothing was decided.
    pub(crate) fn of(decision: Decision) -> Option<Self> {
        Some(match decision {
            Decision::Pay => Self::Pay,
            Decision::Terminate => Self::Terminate,
            Decision::Clawback => Self::Clawback,
            Decision::Reject => Self::Reject,
            Decision::NotAccepted => Self::NotAccepted,
            Decision::Refer => Self::Refer,
            Decision::Wait | Decision::Unspecified => return None,
        })
    }

    /// As case files write it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pay => "PAY",
            Self::Terminate => "TERMINATE",
            Self::Clawback => "CLAWBACK",
            Self::Reject => "REJECT",
            Self::NotAccepted => "NOT_ACCEPTED",
            Self::Refer => "REFER",
        }
    }
}

impl End {
    /// As reports write it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Decided(kind) => kind.as_str(),
            Self::Withdrawn => "WITHDRAWN",
            Self::PayFailed => "PAY_FAILED",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// What the bank knows of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankStanding {
    /// Credited at once.
    Open,
    /// Credited, but the answer comes a day later.
    Slow,
    /// Closed: returned with AC04.
    Closed,
}

/// Short name of a programme.
pub(crate) const fn code(programme: Programme) -> &'static str {
    match programme {
        Programme::P1 => "P1",
        Programme::P2 => "P2",
        Programme::P3 => "P3",
        Programme::P4 => "P4",
        Programme::Unspecified => "-",
    }
}

/// Whether a programme is a family's.
pub(crate) const fn is_family(programme: Programme) -> bool {
    matches!(programme, Programme::P1 | Programme::P2)
}
