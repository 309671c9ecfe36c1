//! What stands against an act on a roster: sealing, recording, return (F16–F18).

use yuhui_platform::{Result, caller::Caller, refusal::ErrorReason};

use crate::{
    domain::{
        case,
        roster::{Roster, RosterState},
        sampling::{SampleResult, Sampled},
        turn::Act,
    },
    refusal::{Refused, recording::NotRecorded},
    separation::{hand, not_the_maker},
};

/// What a person does to a whole roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RosterDeed {
    /// F16.
    Seal,
    /// F17.
    ProposeRecording,
    /// F17.
    ApproveRecording,
    /// F18: formal defects of one that is not recorded yet.
    Return,
    /// F18.
    ProposeReturn,
    /// F18.
    ApproveReturn,
}

impl RosterDeed {
    /// All of them, in the order in which they come.
    pub(crate) const ALL: [Self; 6] = [
        Self::Seal,
        Self::ProposeRecording,
        Self::ApproveRecording,
        Self::Return,
        Self::ProposeReturn,
        Self::ApproveReturn,
    ];

    /// Path of its method.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Seal => "/yuhui.eligibility.v1.RosterService/SealRoster",
            Self::ProposeRecording => "/yuhui.eligibility.v1.RosterService/ProposeRecording",
            Self::ApproveRecording => "/yuhui.eligibility.v1.RosterService/ApproveRecording",
            Self::Return => "/yuhui.eligibility.v1.RosterService/ReturnRoster",
            Self::ProposeReturn => "/yuhui.eligibility.v1.RosterReturnService/ProposeRosterReturn",
            Self::ApproveReturn => "/yuhui.eligibility.v1.RosterReturnService/ApproveRosterReturn",
        }
    }

    /// What does that which waits in the queue, if it is an act on a roster.
    pub(crate) const fn of(act: Act) -> Option<Self> {
        match act {
            Act::SealRoster => Some(Self::Seal),
            Act::ProposeRecording => Some(Self::ProposeRecording),
            Act::ApproveRecording => Some(Self::ApproveRecording),
            Act::ApproveRosterReturn => Some(Self::ApproveReturn),
            _ => None,
        }
    }

    /// Reasons for which the act itself may still be refused: its lines and cases are looked through.
    pub(crate) const fn may_still_fail(self) -> &'static [ErrorReason] {
        match self {
            Self::Seal => &[
                ErrorReason::RoundClosed,
                ErrorReason::NoSeed,
                ErrorReason::RosterStale,
            ],
            Self::ProposeRecording => &[],
            Self::ApproveRecording => &[ErrorReason::RosterChanged],
            Self::Return | Self::ProposeReturn | Self::ApproveReturn => {
                &[ErrorReason::RosterFunded]
            }
        }
    }

    /// States in which it is done.
    const fn states(self) -> &'static [RosterState] {
        const RETURNED_FROM: &[RosterState] = &[
            RosterState::Recorded,
            RosterState::Sealed,
            RosterState::Checked,
        ];
        match self {
            Self::Seal => &[RosterState::Building],
            Self::ProposeRecording | Self::Return => &[RosterState::Sealed, RosterState::Checked],
            Self::ApproveRecording => &[RosterState::Checked],
            Self::ProposeReturn | Self::ApproveReturn => RETURNED_FROM,
        }
    }
}

/// One thing at a time is done with a roster, in one of these states.
pub(crate) fn stands(roster: &Roster, states: &[RosterState]) -> Result<(), Refused> {
    not_at_work(roster)?;
    if states.contains(&roster.state) {
        return Ok(());
    }
    Err(Refused::RosterState {
        roster: roster.name(),
        state: roster.state.as_str(),
        allowed: states.first().map_or("", |it| it.as_str()),
    })
}

/// No operation is at work on it.
pub(crate) fn not_at_work(roster: &Roster) -> Result<(), Refused> {
    match roster.operation.as_str() {
        "" => Ok(()),
        _ => Err(Refused::busy(roster)),
    }
}

/// Whether the caller may do it to the roster, from which `sample` was drawn.
pub(crate) fn may(
    deed: RosterDeed,
    caller: &Caller,
    roster: &Roster,
    sample: &[Sampled],
) -> Result<()> {
    stands(roster, deed.states())?;
    match deed {
        RosterDeed::Seal => Ok(not_the_maker(caller, &roster.built_by)?),
        RosterDeed::ProposeRecording => match &roster.return_proposal {
            Some(it) if !it.by.is(&hand(caller)) => Err(return_proposed(roster)),
            _ => Ok(()),
        },
        RosterDeed::ApproveRecording => {
            // Who looked at the sample may propose to record it, and not approve that (DYN-9).
            let findings = sample.iter().filter_map(|it| it.finding.as_ref());
            for by in roster.checked_by.iter().chain(findings.map(|it| &it.by)) {
                not_the_maker(caller, by)?;
            }
            sampled(roster, sample)?;
            match roster.return_proposal {
                Some(_) => Err(return_proposed(roster)),
                None => Ok(()),
            }
        }
        RosterDeed::Return | RosterDeed::ProposeReturn => Ok(()),
        RosterDeed::ApproveReturn => match &roster.return_proposal {
            Some(proposal) => Ok(not_the_maker(caller, &proposal.by)?),
            None => {
                let roster = roster.name();
                Err(NotRecorded::NoReturnProposed { roster }.into())
            }
        },
    }
}

fn return_proposed(roster: &Roster) -> yuhui_platform::Error {
    let roster = roster.name();
    NotRecorded::ReturnProposed { roster }.into()
}

/// The sample was looked at, and nothing was found.
fn sampled(roster: &Roster, sample: &[Sampled]) -> Result<(), NotRecorded> {
    let name = roster.name();
    if sample.is_empty() {
        return Err(NotRecorded::NotSampled { roster: name });
    }
    let defect = |it: &&Sampled| it.result() == Some(SampleResult::Defect);
    if let Some(line) = sample.iter().find(defect) {
        let case = case::name(roster.tenant, line.case);
        return Err(NotRecorded::SampleDefect { roster: name, case });
    }
    match sample.iter().filter(|it| it.finding.is_none()).count() {
        0 => Ok(()),
        open => Err(NotRecorded::SampleUnfinished { roster: name, open }),
    }
}
