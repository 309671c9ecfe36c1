//! What the offices do with a roster, step by step.

use tonic::Status;
use yuhui_proto::{
    eligibility::v1::{self as pb, Roster},
    types::v1::Programme,
};

use crate::harness::{Office, PARENT, ROUND, World};

impl World {
    pub async fn build(&self, programme: Programme) -> Result<Roster, Status> {
        let ask = pb::BuildRosterRequest {
            parent: PARENT.into(),
            programme: programme.into(),
            round: ROUND,
            request_id: self.fresh(),
        };
        let answer = self.maker().rosters().build_roster(ask).await?;
        Ok(answer.into_inner().roster.expect("a roster"))
    }

    /// Seals a roster; the city has published the seed of the round.
    pub async fn seal(&self, office: &Office, name: &str) -> Result<Roster, Status> {
        self.seed_is_public().await;
        let ask = pb::SealRosterRequest {
            name: name.into(),
            etag: self.roster_etag(name).await,
            request_id: self.fresh(),
        };
        let answer = office.rosters().seal_roster(ask).await?;
        Ok(answer.into_inner().roster.expect("a roster"))
    }

    /// The registrar's part: a sample in which nothing is wrong, and the formal check.
    pub async fn check_roster(&self, name: &str) -> Result<Roster, Status> {
        self.sample_passes(name).await?;
        self.propose_recording(name).await
    }

    pub async fn propose_recording(&self, name: &str) -> Result<Roster, Status> {
        let ask = pb::ProposeRecordingRequest {
            name: name.into(),
            note: "形式审查通过".into(),
            request_id: self.fresh(),
        };
        let answer = self.registrar().rosters().propose_recording(ask).await?;
        Ok(answer.into_inner().roster.expect("a roster"))
    }

    pub async fn record(&self, office: &Office, name: &str) -> Result<Roster, Status> {
        let ask = pb::ApproveRecordingRequest {
            name: name.into(),
            etag: self.roster_etag(name).await,
            request_id: self.fresh(),
        };
        let answer = office.rosters().approve_recording(ask).await?;
        Ok(answer.into_inner().roster.expect("a roster"))
    }

    /// The registrar's part of a return before the recording.
    pub async fn want_back(&self, name: &str) -> Result<Roster, Status> {
        let ask = pb::ReturnRosterRequest {
            name: name.into(),
            defects: "缺汇总表".into(),
            request_id: self.fresh(),
        };
        let answer = self.registrar().rosters().return_roster(ask).await?;
        Ok(answer.into_inner().roster.expect("a roster"))
    }

    /// Both parts of it.
    pub async fn give_back(&self, name: &str) -> Result<Roster, Status> {
        self.want_back(name).await?;
        self.approve_return(&self.recorder(), name).await
    }
}
