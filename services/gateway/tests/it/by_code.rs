//! What opens with a code: an address that is wrong too often waits.

use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use yuhui_proto::{
    eligibility::v1::{GetNoticeRequest, notice_service_client::NoticeServiceClient},
    portal::v1::{GetStatusRequest, status_service_client::StatusServiceClient},
};

use crate::system::System;

async fn ask(system: &System, code: &str) -> Result<(), Status> {
    let ask = GetStatusRequest {
        receipt_number: "150203P120250310ABC".into(),
        code: code.into(),
    };
    let mut anybody = StatusServiceClient::new(system.channel.clone());
    anybody.get_status(ask).await.map(|_| ())
}

#[tokio::test]
async fn an_address_that_was_wrong_five_times_is_told_nothing_more() {
    let system = System::start().await;
    for _ in 0..7 {
        ask(&system, "right")
            .await
            .expect("being right costs nothing");
    }
    for _ in 0..5 {
        let status = ask(&system, "wrong").await.expect_err("wrong");
        assert_eq!(status.code(), Code::NotFound);
    }
    let status = ask(&system, "right").await.expect_err("too late");
    assert_eq!(status.code(), Code::ResourceExhausted);
    let details = status.get_error_details();
    assert_eq!(
        details.error_info().expect("info").reason,
        "TOO_MANY_MISSES"
    );
    let wait = details.retry_info().and_then(|it| it.retry_delay);
    assert!(wait.is_some_and(|it| it.as_secs() > 3000), "{wait:?}");
    let mut notices = NoticeServiceClient::new(system.channel.clone());
    let name = "x".to_owned();
    assert!(notices.get_notice(GetNoticeRequest { name }).await.is_ok());
}

#[tokio::test]
async fn who_cannot_be_counted_is_told_nothing() {
    let system = System::start().await;
    system.store.cut();
    let status = ask(&system, "right").await.expect_err("nobody counts");
    assert_eq!(status.code(), Code::Unavailable);
}
