//! The way of one family's claim to its confirmation, act by act.

use time::Date;
use yuhui_kernel::dates;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        AcceptCaseRequest, BankAccount, Claim, CloseNoticeRequest, ConfirmCaseRequest,
        CreateCaseRequest, Document, GetCaseRequest, LodgeCaseRequest, PostNoticeRequest,
        ReportCaseRequest, ReviewCaseRequest, SignCaseRequest,
        case_service_client::CaseServiceClient, notice_service_client::NoticeServiceClient,
    },
    types::v1::Programme,
};

use super::{Many, family::Family};
use crate::harness::cases::key;

const BANK: &str = "包头农商银行";
const NOTE: &str = "入户核实";

/// One act on one case at a desk.
macro_rules! act {
    ($many:expr, $role:ident, $method:ident, $request:ident { $($field:ident $(: $value:expr)?),* }) => {
        CaseServiceClient::new($many.desk(Role::$role).await.call())
            .$method($request {
                $($field $(: $value)?,)*
                request_id: key(),
                ..Default::default()
            })
            .await
            .expect(stringify!($method))
            .into_inner()
            .case
            .expect("a case")
    };
}

impl Many {
    /// Etag of a case, as its county sees it.
    pub(crate) async fn etag(&self, name: &str) -> String {
        let desk = self.desk(Role::CountyHealthReviewer).await;
        let ask = GetCaseRequest { name: name.into() };
        let seen = CaseServiceClient::new(desk.call()).get_case(ask).await;
        seen.expect("read").into_inner().case.expect("a case").etag
    }

    /// The family's claim, confirmed; answers the name of its case.
    pub(super) async fn confirmed(&self, family: &Family) -> String {
        let parent = self.parent();
        let claim = Some(self.claim(family));
        let ask = CreateCaseRequest {
            parent,
            claim,
            request_id: key(),
        };
        let clerk = self.desk(Role::VillageClerk).await;
        let created = CaseServiceClient::new(clerk.call()).create_case(ask).await;
        let created = created.expect("created").into_inner().case;
        let name = created.expect("a case").name;
        act!(
            self,
            VillageClerk,
            lodge_case,
            LodgeCaseRequest { name: name.clone() }
        );
        act!(
            self,
            VillageClerk,
            accept_case,
            AcceptCaseRequest {
                name: name.clone(),
                originals_seen: true
            }
        );
        act!(
            self,
            VillageClerk,
            report_case,
            ReportCaseRequest {
                name: name.clone(),
                agree: true,
                note: NOTE.into()
            }
        );
        act!(
            self,
            VillageHead,
            sign_case,
            SignCaseRequest {
                etag: self.etag(&name).await,
                name: name.clone(),
                agree: true
            }
        );
        self.notice(Role::VillageClerk, &name).await;
        act!(
            self,
            TownshipReviewer,
            report_case,
            ReportCaseRequest {
                name: name.clone(),
                agree: true,
                note: NOTE.into()
            }
        );
        act!(
            self,
            TownshipLead,
            sign_case,
            SignCaseRequest {
                etag: self.etag(&name).await,
                name: name.clone(),
                agree: true
            }
        );
        self.notice(Role::TownshipReviewer, &name).await;
        act!(
            self,
            CountyHealthReviewer,
            review_case,
            ReviewCaseRequest { name: name.clone() }
        );
        self.notice(Role::CountyHealthReviewer, &name).await;
        act!(
            self,
            CountyHealthApprover,
            confirm_case,
            ConfirmCaseRequest {
                etag: self.etag(&name).await,
                name: name.clone()
            }
        );
        name
    }

    /// What the father hands in, at the first village, for the child of a family whose mother has claimed for
    /// it.
    pub(crate) fn rival_claim(&self, serial: u32) -> Claim {
        let family = Family::of(serial);
        let account = Some(BankAccount {
            holder_name: family.father.name.clone(),
            account_number: format!("1107{serial:012}"),
            bank_name: BANK.into(),
            corporate: false,
        });
        Claim {
            claimant_number: family.father.number.clone(),
            claimant_name: family.father.name.clone(),
            account,
            village: self.village().to_string(),
            ..self.claim(&family)
        }
    }

    /// What the mother hands in.
    pub(crate) fn claim(&self, family: &Family) -> Claim {
        Claim {
            programme: Programme::P1.into(),
            claimant_number: family.mother.number.clone(),
            child_number: family.second.number.clone(),
            claimant_name: family.mother.name.clone(),
            village: family.village(self.village()).to_string(),
            account: Some(BankAccount {
                holder_name: family.mother.name.clone(),
                account_number: family.account(),
                bank_name: BANK.into(),
                corporate: false,
            }),
            documents: vec![Document {
                kind: "MARRIAGE_CERTIFICATE".into(),
                ..Document::default()
            }],
            truth_signed: true,
            ..Claim::default()
        }
    }

    /// Posts a notice for the case, waits for its end and takes it down.
    async fn notice(&self, role: Role, case: &str) {
        let desk = self.desk(role).await;
        let mut client = NoticeServiceClient::new(desk.call());
        let ask = PostNoticeRequest {
            parent: self.parent(),
            cases: vec![case.to_owned()],
            request_id: key(),
        };
        let posted = client.post_notice(ask).await.expect("posted").into_inner();
        let notice = posted.notice.expect("a notice");
        let last: Date = dates::parse(&notice.last_on).expect("a day");
        self.on(dates::add_days(last, 1));
        let ask = CloseNoticeRequest {
            name: notice.name,
            proof: "照片两张".into(),
            documents: Vec::new(),
            request_id: key(),
        };
        let closed = client.close_notice(ask).await.expect("closed").into_inner();
        assert_eq!(closed.moved, 1, "the notice of {case}");
    }
}
