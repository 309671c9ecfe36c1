//! Rosters (花名册): one per programme and round, sealed once, never edited (C.9, F16–F18).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::{Money, Tenant};
use yuhui_policy::Programme;

use super::{
    Case, Hand, State, iso_date,
    summary::{Row, Sum, Summary},
};

/// State of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RosterState {
    /// 编制中.
    Building,
    /// 封存中: its cases are put on it, and change by nothing else.
    Sealing,
    /// 已封存.
    Sealed,
    /// Formally checked by a city registrar.
    Checked,
    /// 已备案.
    Recorded,
    /// 已被替代.
    Superseded,
}

impl RosterState {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Building => "BUILDING",
            Self::Sealing => "SEALING",
            Self::Sealed => "SEALED",
            Self::Checked => "CHECKED",
            Self::Recorded => "RECORDED",
            Self::Superseded => "SUPERSEDED",
        }
    }
}

/// A roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// Id inside the tenant.
    pub id: Uuid,
    /// County.
    pub tenant: Tenant,
    /// Goes up by one with every change.
    pub revision: i64,
    /// Programme.
    pub programme: Programme,
    /// Round.
    pub round: i32,
    /// 0, then 1, 2 … for supplementary rosters.
    pub supplement: i32,
    /// 1, then 2, 3 … for what replaces a sealed roster that was returned (F18).
    #[serde(default = "first_version")]
    pub version: i32,
    /// State.
    pub state: RosterState,
    /// Lines.
    pub line_count: i32,
    /// Sum of the lines.
    pub total: Money,
    /// See [`LinesHash`]: what was built is what is sealed.
    pub hash: String,
    /// Who built it.
    pub built_by: Hand,
    /// City registrar who proposed the recording.
    pub checked_by: Option<Hand>,
    /// Digest of the lines that stood when the registrar checked it, see [`Standing`].
    #[serde(default)]
    pub checked_lines: String,
    /// A return of it that waits for the approver (DYN-6).
    #[serde(default)]
    pub return_proposal: Option<ReturnProposal>,
    /// Number of the city's record.
    pub record_number: String,
    /// Day it was sealed.
    #[serde(with = "iso_date::option")]
    pub sealed_on: Option<Date>,
    /// Day it was recorded.
    #[serde(with = "iso_date::option")]
    pub recorded_on: Option<Date>,
    /// Resource name of the operation at work on it; empty if none is.
    #[serde(default)]
    pub operation: String,
    /// What its lines come to, by township; nothing until it is sealed, or if that was before summaries were kept.
    #[serde(default)]
    pub summary: Summary,
}

/// A sealed or recorded roster is to be returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnProposal {
    /// City registrar.
    pub by: Hand,
    /// What is wrong with it.
    pub defects: String,
}

/// A line of a roster: no family facts. Its payee's name is sealed apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterLine {
    /// The case.
    pub case: Uuid,
    /// Receipt number.
    pub receipt_number: String,
    /// Blind reference of the payee.
    pub payee_ref: String,
    /// Account, masked.
    pub account_masked: String,
    /// Amount.
    pub amount: Money,
    /// Class, share, year or head-count.
    pub grounds: String,
}

impl Roster {
    /// Changes with every change.
    pub fn etag(&self) -> String {
        format!("r{}", self.revision)
    }

    /// Resource name.
    pub fn name(&self) -> String {
        name(self.tenant, self.id)
    }

    /// 数据版本号 of what is printed of it: first 8 digits of the hash of a sealed one.
    pub fn printed_version(&self) -> Option<&str> {
        self.sealed_on.and(self.hash.get(..8))
    }

    /// What its lines come to by township; of one that was sealed before that was kept, one row of the county.
    pub fn summed_up(&self) -> Summary {
        if !self.summary.0.is_empty() {
            return self.summary.clone();
        }
        let sum = Sum {
            lines: self.line_count.into(),
            amount: self.total,
        };
        let county = self.tenant.as_str().to_owned();
        Summary([(county, Row::not_kept(sum))].into())
    }
}

/// Who is paid on a line, sealed with it, as it was when the roster was sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinePayee {
    /// Name.
    pub name: String,
    /// The columns of the annex, as `convert::forms` writes them; empty of lines that were sealed before these were kept.
    pub columns: String,
    /// 备注.
    pub remark: String,
}

impl LinePayee {
    /// As it was kept before there were columns: a name and nothing else.
    pub fn named(name: String) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }
}

/// Resource name of a roster.
pub fn name(tenant: Tenant, id: Uuid) -> String {
    format!("counties/{}/rosters/{id}", tenant.as_str())
}

impl RosterLine {
    /// The line of a case.
    pub fn of(case: &Case) -> Self {
        Self {
            case: case.id,
            receipt_number: case.receipt_number.clone(),
            payee_ref: case.claimant_ref.clone(),
            account_masked: case.account_masked.clone(),
            amount: case.amount(),
            grounds: super::notice::grounds(case),
        }
    }
}

const fn first_version() -> i32 {
    1
}

/// Supplement and version of the next roster of a programme and round: 0 for the main roster, then
/// 1, 2 … (C.9); a returned one is replaced under its own number by the next version (F18).
pub fn next_number(known: &[Roster]) -> (i32, i32) {
    let supplement = next_supplement(known);
    let returned = known.iter().filter(|it| it.supplement == supplement);
    let versions = returned.filter(|it| it.sealed_on.is_some());
    let last = versions.map(|it| it.version).max().unwrap_or_default();
    (supplement, last + 1)
}

fn next_supplement(known: &[Roster]) -> i32 {
    let stands =
        |it: &&Roster| !matches!(it.state, RosterState::Building | RosterState::Superseded);
    let taken: Vec<i32> = known
        .iter()
        .filter(stands)
        .map(|it| it.supplement)
        .collect();
    (0..)
        .find(|number| !taken.contains(number))
        .unwrap_or_default()
}

/// Digest of those of a sealed roster's cases that stand: what is stopped or withdrawn changes it. A chain
/// of SHA-256 over them by id, which can be put down after any of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing(String);

impl Standing {
    /// Takes in the next case.
    pub fn add(&mut self, case: &Case) {
        if case.stage() == State::Rostered {
            let amount = case.rostered.unwrap_or_default().fen();
            self.0 = link(&self.0, &format!("{}|{amount}", case.id));
        }
    }

    /// The digest so far, hex; empty before the first case.
    pub fn hex(&self) -> &str {
        &self.0
    }
}

/// Hash over the lines of a roster: a chain of SHA-256 over them in their order, which can be put down
/// after any of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinesHash(String);

impl LinesHash {
    /// Before the first line.
    pub fn of(roster: &Roster) -> Self {
        let of = format!(
            "{}|{}|{}|{}",
            roster.tenant.as_str(),
            roster.programme.code(),
            roster.round,
            roster.supplement
        );
        Self(link("", &of))
    }

    /// Takes in the next line.
    pub fn add(&mut self, line: &RosterLine) {
        let line = format!(
            "{}|{}|{}|{}",
            line.case,
            line.payee_ref,
            line.account_masked,
            line.amount.fen()
        );
        self.0 = link(&self.0, &line);
    }

    /// The hash so far, hex.
    pub fn hex(&self) -> &str {
        &self.0
    }
}

fn link(before: &str, next: &str) -> String {
    hex::encode(Sha256::digest(format!("{before}|{next}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster() -> Roster {
        Roster {
            id: Uuid::nil(),
            tenant: Tenant::parse("150203").expect("a county"),
            revision: 1,
            programme: Programme::P1,
            round: 2025,
            supplement: 0,
            version: 1,
            state: RosterState::Building,
            line_count: 1,
            total: Money::from_fen(500_000),
            hash: String::new(),
            built_by: Hand {
                account: "maker".into(),
                person: None,
                unit: None,
            },
            checked_by: None,
            checked_lines: String::new(),
            return_proposal: None,
            record_number: String::new(),
            sealed_on: None,
            recorded_on: None,
            operation: String::new(),
            summary: Summary::default(),
        }
    }

    #[test]
    fn one_fen_changes_the_hash() {
        let line = RosterLine {
            case: Uuid::nil(),
            receipt_number: "1".into(),
            payee_ref: "a".into(),
            account_masked: "m".into(),
            amount: Money::from_fen(500_000),
            grounds: String::new(),
        };
        let other = RosterLine {
            amount: Money::from_fen(500_001),
            ..line.clone()
        };
        let hash = |line: &RosterLine| {
            let mut hash = LinesHash::of(&roster());
            hash.add(line);
            hash
        };
        assert_ne!(hash(&line), hash(&other));
    }

    #[test]
    fn a_returned_roster_is_replaced_under_its_number() {
        let numbered = |supplement, state| Roster {
            supplement,
            state,
            ..roster()
        };
        let known = [
            numbered(0, RosterState::Superseded),
            numbered(1, RosterState::Recorded),
            numbered(2, RosterState::Building),
        ];
        assert_eq!(next_number(&known), (0, 1), "it was never sealed");
        assert_eq!(next_number(&[numbered(0, RosterState::Sealed)]), (1, 1));
        let returned = Roster {
            sealed_on: Some(time::macros::date!(2025 - 08 - 01)),
            ..numbered(0, RosterState::Superseded)
        };
        assert_eq!(next_number(&[returned]), (0, 2));
    }
}
