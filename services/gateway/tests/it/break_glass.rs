//! Emergency access (DYN-8): reads only, for four hours, on record, reviewed.

use tonic::{Code, Status};
use yuhui_proto::{
    audit::v1::{ListEntriesRequest, audit_service_client::AuditServiceClient},
    authz::v1::Role,
    eligibility::v1::{
        GetNoticeRequest, PostNoticeRequest, notice_service_client::NoticeServiceClient,
    },
    identity::v1::{
        BreakGlass, CloseBreakGlassRequest, GetSessionRequest, ListBreakGlassRequest,
        OpenBreakGlassRequest, OpenGrantedSessionRequest, ReviewBreakGlassRequest,
        break_glass::{State, Verdict},
        break_glass_service_client::BreakGlassServiceClient,
        identity_service_client::IdentityServiceClient,
    },
};

use crate::system::{Session, System, told};

const COUNTY: &str = "counties/150203";

impl System {
    async fn emergencies(&self, login: &str) -> BreakGlassServiceClient<Session> {
        BreakGlassServiceClient::new(self.session(login).await)
    }

    async fn break_glass(&self, login: &str, request_id: &str) -> Result<BreakGlass, Status> {
        let ask = OpenBreakGlassRequest {
            parent: COUNTY.into(),
            reason: "数据库故障，需核对写入情况".into(),
            request_id: request_id.into(),
        };
        let answer = self.emergencies(login).await.open_break_glass(ask).await?;
        Ok(answer.into_inner().break_glass.expect("one"))
    }

    async fn reading(&self, login: &str, name: &str) -> Result<Session, Status> {
        let ask = OpenGrantedSessionRequest { name: name.into() };
        let mut identity = IdentityServiceClient::new(self.session(login).await);
        let answer = identity.open_granted_session(ask).await?.into_inner();
        Ok(self.bearing(answer.tokens.expect("tokens").access_token))
    }

    async fn reported(&self, login: &str, unreviewed: bool) -> Result<Vec<BreakGlass>, Status> {
        let parent = match login {
            "inspector" | "elsewhere" => COUNTY,
            _ => "counties/-",
        };
        let ask = ListBreakGlassRequest {
            parent: parent.into(),
            unreviewed,
            ..ListBreakGlassRequest::default()
        };
        let answer = self.emergencies(login).await.list_break_glass(ask).await?;
        Ok(answer.into_inner().break_glass)
    }

    async fn review(&self, login: &str, name: &str) -> Result<BreakGlass, Status> {
        let ask = ReviewBreakGlassRequest {
            name: name.into(),
            verdict: Verdict::Justified.into(),
            words: "情况属实".into(),
            request_id: format!("review-{login}"),
        };
        let answer = self
            .emergencies(login)
            .await
            .review_break_glass(ask)
            .await?;
        Ok(answer.into_inner().break_glass.expect("one"))
    }
}

async fn see(session: &Session) -> Result<(String, String, String), Status> {
    let ask = GetNoticeRequest { name: "any".into() };
    let answer = NoticeServiceClient::new(session.clone())
        .get_notice(ask)
        .await?;
    let notice = answer.into_inner().notice.expect("a notice");
    Ok((notice.name, notice.unit, notice.objections_to))
}

async fn start() -> System {
    let system = System::start().await;
    for (login, role, unit, holder) in [
        ("operator", Role::SystemAdministrator, "", 1),
        ("second", Role::SystemAdministrator, "", 2),
        ("watcher", Role::AuditAdministrator, "", 3),
        ("inspector", Role::CountyDisciplineInspector, "150203", 4),
        ("elsewhere", Role::CountyDisciplineInspector, "150204", 5),
        ("reviewer", Role::CountyHealthReviewer, "150203", 6),
        ("city", Role::CityDisciplineInspector, "150200", 7),
    ] {
        system.account(login, role, unit, holder).await;
    }
    system
}

#[tokio::test]
async fn an_emergency_access_reads_one_county_and_changes_nothing() {
    let system = start().await;
    for login in ["watcher", "inspector", "reviewer"] {
        let refused = told(system.break_glass(login, "open").await);
        assert_eq!(refused.0, Code::PermissionDenied, "{login}");
    }
    let open = system
        .break_glass("operator", "open")
        .await
        .expect("opened");
    assert_eq!(open.state(), State::Open);
    let lasts = open.end_time.expect("an end").seconds - open.open_time.expect("a start").seconds;
    assert_eq!(lasts, 4 * 3600);
    let twice = told(system.break_glass("operator", "again").await);
    assert_eq!(twice.1, "BREAK_GLASS_OPEN");
    let not_his = told(system.reading("second", &open.name).await);
    assert_eq!(not_his.0, Code::NotFound);

    let reading = system.reading("operator", &open.name).await.expect("reads");
    let (name, unit, who) = see(&reading).await.expect("seen");
    assert!(name.ends_with("as ROLE_COUNTY_AUDITOR"), "{name}");
    assert_eq!(
        (unit.as_str(), who.as_str()),
        ("150203", "operator（应急访问） with 1")
    );
    let mut notices = NoticeServiceClient::new(reading.clone());
    let post = notices.post_notice(PostNoticeRequest::default()).await;
    assert_eq!(told(post), (Code::PermissionDenied, "READ_ONLY".into()));
    let ask = OpenGrantedSessionRequest {
        name: open.name.clone(),
    };
    let mut identity = IdentityServiceClient::new(reading.clone());
    assert_eq!(
        told(identity.open_granted_session(ask).await).1,
        "READ_ONLY"
    );
    let session = identity.get_session(GetSessionRequest {}).await;
    let session = session.expect("a session").into_inner();
    assert_eq!(session.under, open.name);
    let acts =
        |it: &&String| it.ends_with("FundingService.ApproveRemittance") || it.ends_with("SignOut");
    assert_eq!(session.methods.iter().find(acts), None);
    assert!(
        session
            .methods
            .iter()
            .any(|it| it.ends_with("CaseService.GetCase"))
    );

    // Those who are told of it see it at once, with what was called.
    for login in ["watcher", "inspector", "city"] {
        let told = system.reported(login, true).await.expect("listed");
        assert_eq!((told.len(), told[0].calls), (1, 2), "{login}");
    }
    let elsewhere = system.reported("elsewhere", true).await;
    assert_eq!(told(elsewhere).0, Code::NotFound);
    let ask = ListEntriesRequest {
        parent: "counties/-".into(),
        service: "gateway".into(),
        ..ListEntriesRequest::default()
    };
    let mut audit = AuditServiceClient::new(system.session("watcher").await);
    let record = audit.list_entries(ask).await.expect("read").into_inner();
    let record = record.entries.iter().filter(|it| it.object == open.name);
    let notes: Vec<_> = record
        .map(|it| (it.action.as_str(), it.reason.as_str()))
        .collect();
    assert_eq!(
        notes,
        [
            ("break_glass.open", "数据库故障，需核对写入情况"),
            (
                "break_glass.call",
                "/yuhui.eligibility.v1.NoticeService/GetNotice"
            ),
            (
                "break_glass.call",
                "/yuhui.identity.v1.IdentityService/GetSession"
            ),
        ]
    );
}

#[tokio::test]
async fn it_ends_when_it_is_closed_and_waits_for_its_review() {
    let system = start().await;
    let open = system
        .break_glass("operator", "open")
        .await
        .expect("opened");
    let reading = system.reading("operator", &open.name).await.expect("reads");
    let close = async |login: &str| {
        let ask = CloseBreakGlassRequest {
            name: open.name.clone(),
            request_id: format!("close-{login}"),
        };
        let answer = system
            .emergencies(login)
            .await
            .close_break_glass(ask)
            .await?;
        Ok::<_, Status>(answer.into_inner().break_glass.expect("one"))
    };
    assert_eq!(told(close("second").await).0, Code::NotFound);
    assert_eq!(
        close("operator").await.expect("closed").state(),
        State::Ended
    );
    assert_eq!(told(see(&reading).await).0, Code::Unauthenticated);
    let late = told(system.reading("operator", &open.name).await);
    assert_eq!(late.1, "BREAK_GLASS_ENDED");
    assert_eq!(
        told(system.review("elsewhere", &open.name).await).0,
        Code::NotFound
    );
    let reviewed = system
        .review("inspector", &open.name)
        .await
        .expect("reviewed");
    assert_eq!(
        (reviewed.state(), reviewed.verdict()),
        (State::Reviewed, Verdict::Justified)
    );
    assert_eq!(
        told(system.review("city", &open.name).await).1,
        "ALREADY_REVIEWED"
    );
    assert!(
        system
            .reported("watcher", true)
            .await
            .expect("listed")
            .is_empty()
    );

    // One that is reviewed while it is open ends by it.
    let open = system
        .break_glass("operator", "anew")
        .await
        .expect("opened");
    let reading = system.reading("operator", &open.name).await.expect("reads");
    system.review("city", &open.name).await.expect("reviewed");
    assert_eq!(told(see(&reading).await).0, Code::Unauthenticated);
    assert_eq!(
        system
            .reported("watcher", false)
            .await
            .expect("listed")
            .len(),
        2
    );
}
