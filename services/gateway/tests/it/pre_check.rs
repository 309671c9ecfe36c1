//! The pre-check at the gateway: for anybody, but not without end.

use tonic::Code;
use tonic_types::StatusExt as _;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        GetNoticeRequest, PreCheckRequest, notice_service_client::NoticeServiceClient,
        pre_check_service_client::PreCheckServiceClient,
    },
    types::v1::Programme,
};

use crate::system::{System, told};

fn question() -> PreCheckRequest {
    PreCheckRequest {
        programme: Programme::P1.into(),
        ..PreCheckRequest::default()
    }
}

#[tokio::test]
async fn anybody_is_answered_until_he_asks_too_often() {
    let system = System::with(|config| config.rate.pre_checks_per_minute = 3).await;
    let mut anybody = PreCheckServiceClient::new(system.channel.clone());
    for _ in 0..3 {
        let answer = anybody.pre_check(question()).await;
        let answer = answer.expect("an answer").into_inner();
        assert_eq!(answer.pack_version, "asked by ``");
    }
    let refused = anybody.pre_check(question()).await;
    let status = refused.expect_err("one too many");
    assert_eq!(status.code(), Code::ResourceExhausted);
    let details = status.get_error_details();
    assert_eq!(details.error_info().expect("info").reason, "TOO_MANY_CALLS");
    let wait = details.retry_info().and_then(|it| it.retry_delay);
    assert!(wait.is_some_and(|it| it.as_secs() > 1), "{wait:?}");

    // Signing in at the same address opens no second allowance; other calls go on.
    system
        .account("clerk", Role::VillageClerk, "150203004001", 1)
        .await;
    let session = system.session("clerk").await;
    let mut clerk = PreCheckServiceClient::new(session.clone());
    let refused = clerk.pre_check(question()).await;
    assert_eq!(told(refused).0, Code::ResourceExhausted);
    let mut notices = NoticeServiceClient::new(session);
    let name = "x".to_owned();
    assert!(notices.get_notice(GetNoticeRequest { name }).await.is_ok());
}
