//! What an event is about, for those who carry and keep it without understanding it.

use prost::Message as _;

use crate::internal::v1::{DeliverRequest, Event, event::Payload};

impl Payload {
    /// Its name in the contract.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RosterSealed(_) => "roster_sealed",
            Self::RosterRecorded(_) => "roster_recorded",
            Self::LineTerminated(_) => "line_terminated",
            Self::AccountCorrected(_) => "account_corrected",
            Self::RecoveryDecided(_) => "recovery_decided",
            Self::HoldChanged(_) => "hold_changed",
            Self::CaseContestable(_) => "case_contestable",
            Self::RoundFunded(_) => "round_funded",
            Self::RecoverySettled(_) => "recovery_settled",
            Self::BatchReleased(_) => "batch_released",
            Self::LinesSettled(_) => "lines_settled",
        }
    }

    /// What it happened to, by resource name, within `county`. Events on one object are applied in
    /// their order: a line is struck off its roster after the roster was taken in.
    #[must_use]
    pub fn object(&self, county: &str) -> String {
        match self {
            Self::RosterSealed(it) => it.roster.clone(),
            Self::RosterRecorded(it) => it.roster.clone(),
            Self::LineTerminated(it) if it.roster.is_empty() => it.case.clone(),
            Self::LineTerminated(it) => it.roster.clone(),
            Self::AccountCorrected(it) => it.case.clone(),
            Self::RecoveryDecided(it) => it.case.clone(),
            Self::HoldChanged(it) => it.case.clone(),
            Self::CaseContestable(it) => it.case.clone(),
            Self::RoundFunded(it) => format!("counties/{county}/rounds/{}", it.round),
            Self::RecoverySettled(it) => it.case.clone(),
            Self::BatchReleased(it) => it.batch.clone(),
            Self::LinesSettled(it) => it.batch.clone(),
        }
    }
}

impl DeliverRequest {
    /// The event in its envelope, without a place among those on its object.
    #[must_use]
    pub fn of(event: &Event, digest: impl FnOnce(&[u8]) -> String) -> Self {
        let body = event.encode_to_vec();
        Self {
            event_id: event.event_id.clone(),
            county: event.county.clone(),
            kind: event.kind().into(),
            object: event.object(),
            revision: 0,
            digest: digest(&body),
            event: body,
        }
    }
}

impl Event {
    /// The name of its payload; empty without one.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.payload.as_ref().map_or("", Payload::kind)
    }

    /// What it happened to; empty without a payload.
    #[must_use]
    pub fn object(&self) -> String {
        let payload = self.payload.as_ref();
        payload.map_or_else(String::new, |it| it.object(&self.county))
    }
}
