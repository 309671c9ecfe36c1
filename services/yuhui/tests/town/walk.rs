//! The way of claims through village, township, county, city and both treasuries.

use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        self as pb, case_service_client::CaseServiceClient,
        notice_service_client::NoticeServiceClient, roster_service_client::RosterServiceClient,
        sampling_service_client::SamplingServiceClient,
    },
    funding::v1::{self as funding, funding_service_client::FundingServiceClient},
    types::v1::Programme,
};

use super::{PARENT, ROUND, Town, at, call, key};

impl Town {
    /// Village, township and county agree, each with its notice; the county confirms.
    pub async fn confirm(&self, cases: &[String]) {
        for (maker, signer) in [
            (Role::VillageClerk, Role::VillageHead),
            (Role::TownshipReviewer, Role::TownshipLead),
        ] {
            for name in cases {
                let ask = pb::ReportCaseRequest {
                    name: name.clone(),
                    agree: true,
                    note: "入户核实".into(),
                    request_id: key(),
                    ..Default::default()
                };
                call!(self, at(maker), CaseServiceClient.report_case, ask).expect("reported");
                let ask = pb::SignCaseRequest {
                    etag: self.etag(name).await,
                    name: name.clone(),
                    agree: true,
                    request_id: key(),
                    ..Default::default()
                };
                call!(self, at(signer), CaseServiceClient.sign_case, ask).expect("signed");
            }
            self.notice(maker, cases).await;
        }
        for name in cases {
            let ask = pb::ReviewCaseRequest {
                name: name.clone(),
                request_id: key(),
                ..Default::default()
            };
            let maker = at(Role::CountyHealthReviewer);
            call!(self, maker, CaseServiceClient.review_case, ask).expect("reviewed");
        }
        self.notice(Role::CountyHealthReviewer, cases).await;
        for name in cases {
            let ask = pb::ConfirmCaseRequest {
                etag: self.etag(name).await,
                name: name.clone(),
                request_id: key(),
                ..Default::default()
            };
            let checker = at(Role::CountyHealthApprover);
            call!(self, checker, CaseServiceClient.confirm_case, ask).expect("confirmed");
        }
    }

    /// Etag of a case, as its county sees it.
    pub async fn etag(&self, name: &str) -> String {
        let ask = pb::GetCaseRequest { name: name.into() };
        let maker = at(Role::CountyHealthReviewer);
        let seen = call!(self, maker, CaseServiceClient.get_case, ask);
        seen.expect("read").case.expect("a case").etag
    }

    async fn roster_etag(&self, name: &str) -> String {
        let ask = pb::GetRosterRequest { name: name.into() };
        let maker = at(Role::CountyHealthReviewer);
        let seen = call!(self, maker, RosterServiceClient.get_roster, ask);
        seen.expect("read").roster.expect("a roster").etag
    }

    async fn notice(&self, maker: Role, cases: &[String]) {
        let ask = pb::PostNoticeRequest {
            parent: PARENT.into(),
            cases: cases.to_vec(),
            request_id: key(),
        };
        let posted = call!(self, at(maker), NoticeServiceClient.post_notice, ask);
        let notice = posted.expect("posted").notice.expect("a notice");
        let last = yuhui_kernel::dates::parse(&notice.last_on).expect("a day");
        self.on(last.next_day().expect("a day"));
        let ask = pb::CloseNoticeRequest {
            name: notice.name,
            proof: "照片两张".into(),
            documents: Vec::new(),
            request_id: key(),
        };
        call!(self, at(maker), NoticeServiceClient.close_notice, ask).expect("closed");
    }

    /// Sealed by the county, recorded by the city, and both shares sent.
    pub async fn fund(&self) {
        let registrar = || at(Role::CityHealthRegistrar);
        let ask = pb::PublishSeedRequest {
            round: ROUND,
            seed: "公开摇号结果 07 12 23 31".into(),
            request_id: key(),
        };
        call!(self, registrar(), SamplingServiceClient.publish_seed, ask).expect("published");
        let ask = pb::BuildRosterRequest {
            parent: PARENT.into(),
            programme: Programme::P1.into(),
            round: ROUND,
            request_id: key(),
        };
        let maker = at(Role::CountyHealthReviewer);
        let built = call!(self, maker, RosterServiceClient.build_roster, ask).expect("built");
        let name = built.roster.expect("a roster").name;
        let ask = pb::SealRosterRequest {
            etag: self.roster_etag(&name).await,
            name: name.clone(),
            request_id: key(),
        };
        let checker = at(Role::CountyHealthApprover);
        call!(self, checker, RosterServiceClient.seal_roster, ask).expect("sealed");
        let ask = pb::DrawSampleRequest {
            roster: name.clone(),
            request_id: key(),
        };
        let drawn = call!(self, registrar(), SamplingServiceClient.draw_sample, ask);
        for line in drawn.expect("drawn").sample.expect("a sample").lines {
            let ask = pb::RecordSampleResultRequest {
                roster: name.clone(),
                case: line.case,
                result: pb::sampled_line::Result::Passed.into(),
                request_id: key(),
                ..Default::default()
            };
            let looked = call!(
                self,
                registrar(),
                SamplingServiceClient.record_sample_result,
                ask
            );
            looked.expect("looked at");
        }
        let ask = pb::ProposeRecordingRequest {
            name: name.clone(),
            note: "形式审查通过".into(),
            request_id: key(),
        };
        call!(
            self,
            registrar(),
            RosterServiceClient.propose_recording,
            ask
        )
        .expect("checked");
        let ask = pb::ApproveRecordingRequest {
            etag: self.roster_etag(&name).await,
            name,
            request_id: key(),
        };
        let recorder = at(Role::CityHealthApprover);
        call!(self, recorder, RosterServiceClient.approve_recording, ask).expect("recorded");
        self.settle().await;
        self.shares().await;
        self.settle().await;
    }

    async fn shares(&self) {
        let ask = funding::ListSharesRequest {
            parent: PARENT.into(),
            round: ROUND,
        };
        let maker = at(Role::CountyFinanceMaker);
        let listed = call!(self, maker, FundingServiceClient.list_shares, ask).expect("listed");
        let due = listed.shares.into_iter().find(|it| it.round == ROUND);
        let due = due.expect("a share");
        let ask = funding::ProposeCountyShareRequest {
            parent: PARENT.into(),
            round: ROUND,
            amount_fen: due.county_due_fen,
            document: "旗县区拨付凭证".into(),
            request_id: key(),
        };
        let maker = at(Role::CountyFinanceMaker);
        let proposed = call!(self, maker, FundingServiceClient.propose_county_share, ask);
        let seen = proposed.expect("proposed").proposal.expect("it");
        let ask = funding::ApproveCountyShareRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: key(),
        };
        let checker = at(Role::CountyFinanceApprover);
        call!(
            self,
            checker,
            FundingServiceClient.approve_county_share,
            ask
        )
        .expect("sent");
        let ask = funding::ProposeCityShareRequest {
            parent: PARENT.into(),
            round: ROUND,
            amount_fen: due.city_due_fen,
            document: "市级拨付凭证".into(),
            request_id: key(),
        };
        let maker = at(Role::CityFinanceMaker);
        let proposed = call!(self, maker, FundingServiceClient.propose_city_share, ask);
        let seen = proposed.expect("proposed").proposal.expect("it");
        let ask = funding::ApproveCityShareRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: key(),
        };
        let checker = at(Role::CityFinanceApprover);
        call!(self, checker, FundingServiceClient.approve_city_share, ask).expect("sent");
    }
}
