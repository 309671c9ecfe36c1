//! What the offices do with the claims of many families, one act on each before the next act.

use std::collections::HashMap;

use time::Date;
use yuhui_kernel::dates;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        AcceptCaseRequest, CloseNoticeRequest, ConfirmCaseRequest, CreateCaseRequest,
        ListCasesRequest, LodgeCaseRequest, PostNoticeRequest, ReportCaseRequest,
        ReviewCaseRequest, SignCaseRequest, case_service_client::CaseServiceClient,
        notice_service_client::NoticeServiceClient,
    },
};

use super::{
    harness::cases::key,
    many::{
        Many,
        family::{Family, VILLAGES},
    },
    meter::Meter,
};

/// Cases of a page.
const PAGE: i32 = 50;
const NOTE: &str = "入户核实";

/// One act on each case at a desk.
macro_rules! each {
    ($many:expr, $meter:expr, $names:expr, $role:ident, $title:literal, $method:ident,
     $request:ident { $($field:ident : $value:expr),* }) => {{
        let desk = $many.desk(Role::$role).await;
        // What is approved was looked at before, which is not measured.
        let mut seen = HashMap::new();
        for name in $names {
            seen.insert(name.clone(), $many.etag(name).await);
        }
        let act = async |name: String| {
            let etag = seen.get(&name).cloned().unwrap_or_default();
            let ask = $request { name, etag, $($field: $value,)* request_id: key() };
            let done = CaseServiceClient::new(desk.call()).$method(ask).await;
            done.expect($title).into_inner()
        };
        $meter.each($title, $names, act).await;
    }};
}

impl Many {
    /// The claims of so many families, to their confirmation.
    pub(crate) async fn confirm_measured(&self, families: u32, meter: &mut Meter) {
        // Those of one village, whose clerk drafts for them.
        let serials: Vec<u32> = (0..families).map(|it| it * VILLAGES).collect();
        for serial in &serials {
            self.register(*serial, serial + 1).await;
        }
        let clerk = self.desk(Role::VillageClerk).await;
        let create = async |serial: u32| {
            let ask = CreateCaseRequest {
                parent: self.parent(),
                claim: Some(self.claim(&Family::of(serial))),
                request_id: key(),
            };
            let created = CaseServiceClient::new(clerk.call()).create_case(ask).await;
            created.expect("created").into_inner()
        };
        let created = meter.each("draft a claim", &serials, create).await;
        let names = created.into_iter().filter_map(|it| Some(it.case?.name));
        let names: Vec<String> = names.collect();

        each!(
            self,
            meter,
            &names,
            VillageClerk,
            "lodge",
            lodge_case,
            LodgeCaseRequest {}
        );
        each!(
            self,
            meter,
            &names,
            VillageClerk,
            "take up",
            accept_case,
            AcceptCaseRequest {
                originals_seen: true
            }
        );
        each!(
            self,
            meter,
            &names,
            VillageClerk,
            "report",
            report_case,
            ReportCaseRequest {
                agree: true,
                note: NOTE.into(),
                children_present: 0,
                inspection: String::new()
            }
        );
        each!(
            self,
            meter,
            &names,
            VillageHead,
            "sign",
            sign_case,
            SignCaseRequest {
                agree: true,
                note: NOTE.into()
            }
        );
        self.notices(Role::VillageClerk, &names, Some(meter)).await;
        // The township does what the village did.
        let mut again = Meter::default();
        each!(
            self,
            again,
            &names,
            TownshipReviewer,
            "report",
            report_case,
            ReportCaseRequest {
                agree: true,
                note: NOTE.into(),
                children_present: 0,
                inspection: String::new()
            }
        );
        each!(
            self,
            again,
            &names,
            TownshipLead,
            "sign",
            sign_case,
            SignCaseRequest {
                agree: true,
                note: NOTE.into()
            }
        );
        self.notices(Role::TownshipReviewer, &names, None).await;
        each!(
            self,
            meter,
            &names,
            CountyHealthReviewer,
            "review",
            review_case,
            ReviewCaseRequest {
                note: String::new()
            }
        );
        self.notices(Role::CountyHealthReviewer, &names, None).await;
        each!(
            self,
            meter,
            &names,
            CountyHealthApprover,
            "confirm",
            confirm_case,
            ConfirmCaseRequest {
                note: String::new()
            }
        );

        let reviewer = self.desk(Role::CountyHealthReviewer).await;
        let page = async |_: String| {
            let ask = ListCasesRequest {
                parent: self.parent(),
                page_size: PAGE,
                ..ListCasesRequest::default()
            };
            let page = CaseServiceClient::new(reviewer.call())
                .list_cases(ask)
                .await;
            page.expect("a page").into_inner()
        };
        meter.each("read a page", &names, page).await;
    }

    /// Posts a notice for each case, waits for their end and takes them down.
    async fn notices(&self, role: Role, cases: &[String], meter: Option<&mut Meter>) {
        let mut silent = Meter::default();
        let meter = meter.unwrap_or(&mut silent);
        let desk = self.desk(role).await;
        let post = async |case: String| {
            let ask = PostNoticeRequest {
                parent: self.parent(),
                cases: vec![case],
                request_id: key(),
            };
            let posted = NoticeServiceClient::new(desk.call()).post_notice(ask).await;
            posted.expect("posted").into_inner()
        };
        let posted = meter.each("post", cases, post).await;
        let notices: Vec<_> = posted.into_iter().filter_map(|it| it.notice).collect();
        let last = notices
            .iter()
            .map(|it| &it.last_on)
            .max()
            .expect("a notice");
        let last: Date = dates::parse(last).expect("a day");
        self.on(dates::add_days(last, 1));
        let names: Vec<String> = notices.into_iter().map(|it| it.name).collect();
        let desk = self.desk(role).await;
        let close = async |name: String| {
            let ask = CloseNoticeRequest {
                name,
                proof: "照片两张".into(),
                documents: Vec::new(),
                request_id: key(),
            };
            let closed = NoticeServiceClient::new(desk.call())
                .close_notice(ask)
                .await;
            closed.expect("closed").into_inner()
        };
        meter.each("take down", &names, close).await;
    }
}
