//! What one caller can do to another: nothing.

use std::time::Duration;

use tonic::{Code, transport::Endpoint};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        GetNoticeRequest, ListNoticesRequest, notice_service_client::NoticeServiceClient,
    },
};

use crate::system::{Bearer, System};

fn of_the_county() -> ListNoticesRequest {
    ListNoticesRequest {
        parent: "counties/150203".into(),
        ..ListNoticesRequest::default()
    }
}

/// Whatever a service has to say, the connection to it is everybody's.
#[tokio::test]
async fn a_long_error_is_cut_and_ends_nobodys_connection() {
    let system = System::start().await;
    let mut hostile = NoticeServiceClient::new(system.channel.clone());
    let mut honest = hostile.clone();
    let others = tokio::spawn(async move {
        for _ in 0..200 {
            honest
                .list_notices(of_the_county())
                .await
                .expect("an answer");
        }
    });
    let long = "x".repeat(20_000);
    for (name, code) in [
        ("verbose", Code::NotFound),
        (long.as_str(), Code::InvalidArgument),
    ] {
        for _ in 0..20 {
            let ask = GetNoticeRequest { name: name.into() };
            let status = hostile.get_notice(ask).await.expect_err("refused");
            assert_eq!(status.code(), code);
            assert!(status.message().len() <= 512, "{}", status.message());
            assert!(status.details().len() <= 3072, "{status:?}");
        }
    }
    others.await.expect("nobody else is refused");
}

#[tokio::test]
async fn where_a_call_comes_from_is_what_a_trusted_proxy_says() {
    let system = System::with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let mut notices = NoticeServiceClient::new(system.channel.clone());
    let mut ask = tonic::Request::new(GetNoticeRequest { name: "x".into() });
    let chain = "6.6.6.6, 203.0.113.9, 127.0.0.3".parse().expect("ascii");
    ask.metadata_mut().insert("x-forwarded-for", chain);
    let answer = notices.get_notice(ask).await.expect("an answer");
    let notice = answer.into_inner().notice.expect("a notice");
    assert_eq!(notice.posted_on, "203.0.113.9");
}

/// The connection to a service is everybody's: answers that one caller does
/// not take must not fill it.
#[tokio::test]
async fn answers_nobody_takes_are_in_nobodys_way() {
    let system = System::start().await;
    system
        .account("clerk", Role::VillageClerk, "150203004001", 1)
        .await;
    let mut honest = NoticeServiceClient::new(system.session("clerk").await);
    let token = system.sign_in("clerk").await.access_token;
    // A client that gives its answers no window keeps them from being sent.
    let stalled = Endpoint::from_shared(format!("http://{}", system.addr))
        .expect("address")
        .initial_stream_window_size(0)
        .connect()
        .await
        .expect("connected");
    let stalled = NoticeServiceClient::with_interceptor(stalled, Bearer(token));
    let mut waiting = Vec::new();
    for _ in 0..40 {
        let mut stalled = stalled.clone();
        let ask = ListNoticesRequest {
            parent: "large".into(),
            ..ListNoticesRequest::default()
        };
        waiting.push(tokio::spawn(async move { stalled.list_notices(ask).await }));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    for _ in 0..20 {
        let answer = honest.list_notices(of_the_county());
        let answer = tokio::time::timeout(Duration::from_secs(2), answer).await;
        answer.expect("in time").expect("an answer");
    }
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}
