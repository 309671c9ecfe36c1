//! Why a roster is not sampled, recorded or returned (F17, F18, DYN-6, DYN-9).

use tonic::Code;
use yuhui_platform::refusal::{ErrorReason, Precondition, Refusal, name_of};

/// Closed list of refusals about the recording of rosters.
#[derive(Debug, Clone)]
pub(crate) enum NotRecorded {
    /// The seed of the round was published before.
    SeedPublished { round: i32 },
    /// The seed of the round is not published yet.
    NoSeed { round: i32 },
    /// No sample was drawn from the roster.
    NotSampled { roster: String },
    /// Sampled lines without a result.
    SampleUnfinished { roster: String, open: usize },
    /// A sampled line is defective: the roster goes back.
    SampleDefect { roster: String, case: String },
    /// A line found defective stays so.
    DefectStands { roster: String, case: String },
    /// The case is not in the sample.
    NotInSample { roster: String, case: String },
    /// Nobody proposed to return the roster.
    NoReturnProposed { roster: String },
    /// A return of the roster waits for its approval.
    ReturnProposed { roster: String },
    /// Lines were struck off since the registrar checked the roster.
    ChangedSince { roster: String },
    /// Money has arrived for the roster.
    Funded { roster: String, case: String },
}

impl Refusal for NotRecorded {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::SeedPublished { .. } => ErrorReason::SeedPublished,
            Self::NoSeed { .. } => ErrorReason::NoSeed,
            Self::NotSampled { .. } => ErrorReason::NotSampled,
            Self::SampleUnfinished { .. } => ErrorReason::SampleUnfinished,
            Self::SampleDefect { .. } => ErrorReason::SampleDefect,
            Self::DefectStands { .. } => ErrorReason::DefectStands,
            Self::NotInSample { .. } => ErrorReason::NotInSample,
            Self::NoReturnProposed { .. } => ErrorReason::NoReturnProposed,
            Self::ReturnProposed { .. } => ErrorReason::ReturnProposed,
            Self::ChangedSince { .. } => ErrorReason::RosterChanged,
            Self::Funded { .. } => ErrorReason::RosterFunded,
        }
    }

    fn code(&self) -> Code {
        Code::FailedPrecondition
    }

    fn clause(&self) -> Option<&str> {
        Some(match self {
            Self::Funded { .. } => "六",
            _ => "四(一)5",
        })
    }

    fn zh(&self) -> String {
        match self {
            Self::SeedPublished { round } => {
                format!("{round}年度抽查种子已公布，不得更换（DYN-9）")
            }
            Self::NoSeed { round } => format!("{round}年度抽查种子尚未公布（DYN-9）"),
            Self::NotSampled { .. } => "尚未抽取样本（F17）".into(),
            Self::SampleUnfinished { open, .. } => format!("样本中尚有 {open} 件未核查（F17）"),
            Self::SampleDefect { .. } => "抽查发现差错，须退回花名册（F18）".into(),
            Self::DefectStands { .. } => "已认定差错的样本不得改为无误".into(),
            Self::NotInSample { .. } => "该案件不在样本内".into(),
            Self::NoReturnProposed { .. } => "没有待审批的退回提议（DYN-6）".into(),
            Self::ReturnProposed { .. } => "已有退回提议待审批，不得备案（DYN-6）".into(),
            Self::ChangedSince { .. } => "形式审查后花名册所列案件有变动，须重新审查（F17）".into(),
            Self::Funded { .. } => "资金已到位，不再退回花名册；须逐案终止发放（F24）".into(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::SeedPublished { round } => {
                format!("the seed of round {round} is published and is not changed (DYN-9)")
            }
            Self::NoSeed { round } => {
                format!("the seed of round {round} is not published yet (DYN-9)")
            }
            Self::NotSampled { .. } => "no sample was drawn from the roster (F17)".into(),
            Self::SampleUnfinished { open, .. } => {
                format!("{open} sampled lines have no result yet (F17)")
            }
            Self::SampleDefect { .. } => {
                "a sampled line is defective: return the roster (F18)".into()
            }
            Self::DefectStands { .. } => "a line found defective does not pass later".into(),
            Self::NotInSample { .. } => "the case is not in the sample".into(),
            Self::NoReturnProposed { .. } => "nobody proposed to return the roster (DYN-6)".into(),
            Self::ReturnProposed { .. } => {
                "a return of the roster waits for its approval (DYN-6)".into()
            }
            Self::ChangedSince { .. } => {
                "lines were struck off since the formal check: check it again (F17)".into()
            }
            Self::Funded { .. } => {
                "money has arrived: stop its cases one by one (F24) instead of returning it".into()
            }
        }
    }

    fn precondition(&self) -> Option<Precondition> {
        let (subject, allowed) = match self {
            Self::SeedPublished { round } => (round_name(*round), None),
            Self::NoSeed { round } => (round_name(*round), Some("PublishSeed")),
            Self::NotSampled { roster } => (roster.clone(), Some("DrawSample")),
            Self::SampleUnfinished { roster, .. } => (roster.clone(), Some("RecordSampleResult")),
            Self::SampleDefect { case, .. } => (case.clone(), Some("ReturnRoster")),
            Self::NoReturnProposed { roster } => (roster.clone(), Some("ProposeRosterReturn")),
            Self::ReturnProposed { roster } => (roster.clone(), Some("ApproveRosterReturn")),
            Self::ChangedSince { roster } => (roster.clone(), Some("ProposeRecording")),
            Self::Funded { case, .. } => (case.clone(), Some("ProposeTermination")),
            Self::DefectStands { case, .. } | Self::NotInSample { case, .. } => {
                (case.clone(), None)
            }
        };
        Some(Precondition {
            subject,
            state: name_of(self.reason()).into(),
            allowed: allowed.map(ToOwned::to_owned).into_iter().collect(),
        })
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::SampleDefect { roster, .. }
            | Self::DefectStands { roster, .. }
            | Self::NotInSample { roster, .. }
            | Self::Funded { roster, .. } => vec![("roster", roster.clone())],
            _ => Vec::new(),
        }
    }
}

/// What a round is called in refusals and in the audit chain.
pub(crate) fn round_name(round: i32) -> String {
    format!("rounds/{round}/seed")
}
