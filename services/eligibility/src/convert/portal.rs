//! What the public is told, and what it says.

use yuhui_kernel::dates;
use yuhui_proto::portal::v1 as pb;

use crate::domain::{
    public_stage::PublicStage,
    report::{Deed, Report, ReportKind, ReportState, Said},
};

/// A stage.
pub(crate) const fn stage(stage: PublicStage) -> pb::PublicStage {
    match stage {
        PublicStage::Lodged => pb::PublicStage::Lodged,
        PublicStage::InReview => pb::PublicStage::InReview,
        PublicStage::OnNotice => pb::PublicStage::OnNotice,
        PublicStage::Correction => pb::PublicStage::Correction,
        PublicStage::LookedInto => pb::PublicStage::LookedInto,
        PublicStage::Confirmed => pb::PublicStage::Confirmed,
        PublicStage::InPayment => pb::PublicStage::InPayment,
        PublicStage::AccountNeeded => pb::PublicStage::AccountNeeded,
        PublicStage::Paid => pb::PublicStage::Paid,
        PublicStage::Ended => pb::PublicStage::Ended,
        PublicStage::Withdrawn => pb::PublicStage::Withdrawn,
    }
}

/// A kind of the domain; none if it is not stated.
pub(crate) fn domain_kind(kind: pb::ReportKind) -> Option<ReportKind> {
    match kind {
        pb::ReportKind::Unspecified => None,
        pb::ReportKind::Objection => Some(ReportKind::Objection),
        pb::ReportKind::Report => Some(ReportKind::Report),
    }
}

/// A state of the domain; none if it is not stated.
pub(crate) fn domain_state(state: pb::ReportState) -> Option<ReportState> {
    match state {
        pb::ReportState::Unspecified => None,
        pb::ReportState::Waiting => Some(ReportState::Waiting),
        pb::ReportState::Admitted => Some(ReportState::Admitted),
        pb::ReportState::Answered => Some(ReportState::Answered),
    }
}

/// A report as who made it sees it.
pub(crate) fn tracked(report: &Report, said: Said) -> pb::TrackedReport {
    pb::TrackedReport {
        state: state(report.state).into(),
        submitted_on: dates::format(report.submitted_on),
        answer_by_on: dates::format(report.answer_by),
        answer: said.answer,
        answered_on: on(report.answered.as_ref()),
    }
}

/// A report as offices see it; what it says only where that is given.
pub(crate) fn report(report: &Report, said: Option<&Said>) -> pb::StaffReport {
    pb::StaffReport {
        name: report.name(),
        kind: kind(report.kind).into(),
        state: state(report.state).into(),
        unit: report.unit.to_string(),
        notice: report.notice_name().unwrap_or_default(),
        line: report.line,
        case: report.case_name().unwrap_or_default(),
        words: said.map(|it| it.words.clone()).unwrap_or_default(),
        has_contact: report.has_contact,
        submitted_on: dates::format(report.submitted_on),
        answer_by_on: dates::format(report.answer_by),
        admitted_by: by(report.admitted.as_ref()),
        admitted_on: on(report.admitted.as_ref()),
        answered_by: by(report.answered.as_ref()),
        answered_on: on(report.answered.as_ref()),
        answer: said.map(|it| it.answer.clone()).unwrap_or_default(),
        etag: report.etag(),
    }
}

const fn kind(kind: ReportKind) -> pb::ReportKind {
    match kind {
        ReportKind::Objection => pb::ReportKind::Objection,
        ReportKind::Report => pb::ReportKind::Report,
    }
}

const fn state(state: ReportState) -> pb::ReportState {
    match state {
        ReportState::Waiting => pb::ReportState::Waiting,
        ReportState::Admitted => pb::ReportState::Admitted,
        ReportState::Answered => pb::ReportState::Answered,
    }
}

fn by(deed: Option<&Deed>) -> String {
    deed.map(|it| it.by.account.clone()).unwrap_or_default()
}

fn on(deed: Option<&Deed>) -> String {
    deed.map(|it| dates::format(it.on)).unwrap_or_default()
}
