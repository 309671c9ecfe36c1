//! Objections to notices (异议) and reports (举报) by the public (F26, C.5, 七2).

use serde::{Deserialize, Serialize};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::{DivisionCode, Tenant};

use super::{Hand, iso_date, notice};

/// What kind of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReportKind {
    /// 异议: against a notice in force.
    Objection,
    /// 举报: at any time.
    Report,
}

/// How far a report has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReportState {
    /// 待受理.
    Waiting,
    /// 已受理.
    Admitted,
    /// 已答复.
    Answered,
}

/// A report, without what it says. Who made it is nowhere: not even which account, if there was one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// County.
    pub tenant: Tenant,
    /// Id.
    pub id: Uuid,
    /// Goes up by one with every change.
    pub revision: i64,
    /// Kind.
    pub kind: ReportKind,
    /// State.
    pub state: ReportState,
    /// Unit it is addressed to.
    pub unit: DivisionCode,
    /// Notice it is about.
    pub notice: Option<Uuid>,
    /// Line of the notice, from 1; 0 if it is about none.
    pub line: i32,
    /// The case of that line.
    pub case: Option<Uuid>,
    /// Whether it says how to reach who made it.
    pub has_contact: bool,
    /// Day it was made.
    #[serde(with = "iso_date")]
    pub submitted_on: Date,
    /// Day by which it is answered (R-PRC-11).
    #[serde(with = "iso_date")]
    pub answer_by: Date,
    /// Who took it up.
    pub admitted: Option<Deed>,
    /// Who answered it.
    pub answered: Option<Deed>,
}

/// What an official did to a report, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// Who.
    pub by: Hand,
    /// When.
    #[serde(with = "iso_date")]
    pub on: Date,
}

/// What a report says, and what was answered: sealed at rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What is objected or reported.
    pub words: String,
    /// How to reach who made it; empty if that was not said.
    pub contact: String,
    /// The answer; empty before.
    pub answer: String,
}

impl ReportKind {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Objection => "OBJECTION",
            Self::Report => "REPORT",
        }
    }
}

impl ReportState {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Admitted => "ADMITTED",
            Self::Answered => "ANSWERED",
        }
    }
}

impl Report {
    /// Resource name.
    pub fn name(&self) -> String {
        format!("counties/{}/reports/{}", self.tenant, self.id)
    }

    /// Name of the case it is about.
    pub fn case_name(&self) -> Option<String> {
        let case = self.case?;
        Some(super::case::name(self.tenant, case))
    }

    /// Name of the notice it is about.
    pub fn notice_name(&self) -> Option<String> {
        Some(notice::name(self.tenant, self.notice?))
    }

    /// It changes with every change.
    pub fn etag(&self) -> String {
        format!("r{}", self.revision)
    }

    /// Number under which it is asked for: county, day, and a part of the id nobody can guess.
    pub fn tracking_number(&self) -> String {
        let tail: String = self.id.simple().to_string().chars().skip(20).collect();
        format!(
            "{}R{:04}{:02}{:02}{}",
            self.tenant,
            self.submitted_on.year(),
            u8::from(self.submitted_on.month()),
            self.submitted_on.day(),
            tail.to_uppercase()
        )
    }

    /// F26: an objection to a notice, to a line of it or to what is not on it (隐瞒不报, C.5), is looked into before
    /// anything else becomes of it.
    pub fn must_be_admitted(&self) -> bool {
        self.kind == ReportKind::Objection && self.state == ReportState::Waiting
    }

    /// An office takes it up.
    pub fn admit(&mut self, deed: Deed) {
        self.revision += 1;
        self.state = ReportState::Admitted;
        self.admitted = Some(deed);
    }

    /// An office answers it.
    pub fn answer(&mut self, deed: Deed) {
        self.revision += 1;
        self.state = ReportState::Answered;
        self.answered = Some(deed);
    }
}
