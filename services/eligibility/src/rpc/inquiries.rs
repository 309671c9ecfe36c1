//! InquiryService: what investigators report (F27); the decision is a step of the case.

use tonic::{Request, Response, Status};
use yuhui_platform::{
    Result,
    caller::{self, Caller},
};
use yuhui_proto::{
    authz::v1::Level,
    eligibility::v1::{self as pb, inquiry_service_server::InquiryService},
};

use super::text;
use crate::{
    desk::{Command, Desk},
    domain::{
        Step,
        inquiry::{self, InquiryReport},
    },
    sitting::Seat,
};

/// The service.
pub(crate) struct Inquiries(pub(crate) Desk);

#[tonic::async_trait]
impl InquiryService for Inquiries {
    async fn report_inquiry(
        &self,
        request: Request<pb::ReportInquiryRequest>,
    ) -> Result<Response<pb::ReportInquiryResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let case = Some(report(&self.0, &caller, &ask).await?);
        Ok(Response::new(pb::ReportInquiryResponse { case }))
    }
}

async fn report(desk: &Desk, caller: &Caller, ask: &pb::ReportInquiryRequest) -> Result<pb::Case> {
    let finding = text::needed("finding", &ask.finding)?;
    let command = Command::new(caller, &ask.case, "", &ask.request_id, ask)?;
    let mut sitting = match desk.sit(command, None).await? {
        Seat::Answered(case) => return Ok(*case),
        Seat::Taken(sitting) => *sitting,
    };
    sitting.allows(Step::ResumeFromInquiry)?;
    sitting.not_who_stopped_it()?;
    if caller.level() != Level::County {
        sitting.own_stage()?;
    }
    let own = InquiryReport {
        by: sitting.hand(),
        founded: ask.founded,
        finding: finding.clone(),
    };
    inquiry::add(&mut sitting.case.inquiry, own);
    let founded = if ask.founded { "属实" } else { "不属实" };
    let told = format!("{founded}：{finding}");
    sitting.finish("case.report_inquiry", told).await
}
