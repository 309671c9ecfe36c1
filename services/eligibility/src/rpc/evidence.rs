//! A case as one file that replays without this system.

use tonic::{Request, Response, Status};
use yuhui_platform::{
    Result,
    caller::{self, Caller},
};
use yuhui_policy::evidence::file::Record;
use yuhui_proto::eligibility::v1::{self as pb, evidence_service_server::EvidenceService};

use crate::{desk::Desk, store};

/// The service.
pub(crate) struct Exports(pub(crate) Desk);

#[tonic::async_trait]
impl EvidenceService for Exports {
    async fn export_evidence(
        &self,
        request: Request<pb::ExportEvidenceRequest>,
    ) -> Result<Response<pb::ExportEvidenceResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(export(&self.0, &caller, &ask).await?))
    }
}

/// The versions of the law first, then every decision, each replayed before it leaves.
async fn export(
    desk: &Desk,
    caller: &Caller,
    ask: &pb::ExportEvidenceRequest,
) -> Result<pb::ExportEvidenceResponse> {
    let case = desk.look(caller, &ask.name).await?.case;
    let tx = desk.db.read(case.tenant).await?;
    let stored = store::evidence::of(&tx, &[case.id]).await?;
    drop(tx);
    let toml = desk.pack.to_toml();
    let mut lines = vec![Record::Pack { toml }.to_line()];
    for one in &stored {
        let taken = desk.proven(case.tenant, one)?;
        lines.push(Record::Decision(Box::new(taken)).to_line());
    }
    lines.push(String::new());
    Ok(pb::ExportEvidenceResponse {
        file: lines.join("\n"),
    })
}
