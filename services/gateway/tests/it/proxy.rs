//! Calls that go through to the services.

use tonic::{Code, Request};
use tonic_types::StatusExt as _;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        GetNoticeRequest, Notice, PostNoticeRequest, notice_service_client::NoticeServiceClient,
    },
    institution::v1::{
        ListInstitutionsRequest, institution_service_client::InstitutionServiceClient,
    },
    internal::v1::{DeliverRequest, event_sink_service_client::EventSinkServiceClient},
};

use crate::system::{Session, System, told};

async fn clerk(system: &System) -> Session {
    system
        .account("clerk", Role::VillageClerk, "150203004001", 1)
        .await;
    system.session("clerk").await
}

fn named(name: &str) -> Request<GetNoticeRequest> {
    Request::new(GetNoticeRequest { name: name.into() })
}

async fn seen<T>(notices: &mut NoticeServiceClient<T>, ask: Request<GetNoticeRequest>) -> Notice
where
    T: tonic::client::GrpcService<tonic::body::Body>,
    T::Error: Into<tonic::codegen::StdError>,
    T::ResponseBody: http_body::Body<Data = axum::body::Bytes> + Send + 'static,
    <T::ResponseBody as http_body::Body>::Error: Into<tonic::codegen::StdError> + Send,
{
    let answer = notices.get_notice(ask).await.expect("an answer");
    answer.into_inner().notice.expect("a notice")
}

#[tokio::test]
async fn the_service_behind_sees_the_caller_and_nothing_he_made_up() {
    let system = System::start().await;
    let mut notices = NoticeServiceClient::new(clerk(&system).await);
    let mut ask = named("x");
    for (name, value) in [
        ("x-yuhui-remote", "8.8.8.8"),
        ("x-forwarded-for", "8.8.8.8"),
        ("cookie", "a=b"),
    ] {
        ask.metadata_mut()
            .insert(name, value.parse().expect("ascii"));
    }
    let notice = seen(&mut notices, ask).await;
    assert!(
        notice.name.ends_with(" as ROLE_VILLAGE_CLERK"),
        "{notice:?}"
    );
    assert_eq!(notice.unit, "150203004001");
    assert_eq!(notice.posted_on, "127.0.0.1");
    assert!(!notice.last_on.contains("cookie"), "{}", notice.last_on);
    assert!(!notice.last_on.contains("forwarded"), "{}", notice.last_on);
}

#[tokio::test]
async fn the_public_is_let_through_to_what_is_public() {
    let system = System::start().await;
    let mut notices = NoticeServiceClient::new(system.channel.clone());
    let notice = seen(&mut notices, named("x")).await;
    assert_eq!(notice.name, " as ROLE_UNSPECIFIED");
    let post = notices.post_notice(PostNoticeRequest::default()).await;
    assert_eq!(told(post).0, Code::Unauthenticated);
}

#[tokio::test]
async fn the_refusals_of_a_service_come_through_whole() {
    let system = System::start().await;
    let mut notices = NoticeServiceClient::new(system.channel.clone());
    let refused = notices.get_notice(named("missing")).await;
    let status = refused.expect_err("missing");
    assert_eq!(status.code(), Code::NotFound);
    let details = status.get_error_details();
    assert_eq!(details.error_info().expect("info").reason, "NOT_FOUND");
    assert!(details.localized_message().is_some());
}

#[tokio::test]
async fn methods_between_services_are_refused_at_the_gateway() {
    let system = System::start().await;
    let mut sink = EventSinkServiceClient::new(clerk(&system).await);
    let answer = sink.deliver(DeliverRequest::default()).await;
    assert_eq!(told(answer).0, Code::PermissionDenied);
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_unavailable() {
    let system = System::start().await;
    let mut institutions = InstitutionServiceClient::new(system.channel.clone());
    let answer = institutions
        .list_institutions(ListInstitutionsRequest::default())
        .await;
    assert_eq!(told(answer), (Code::Unavailable, "UNAVAILABLE".into()));
}

#[tokio::test]
async fn who_calls_too_often_is_told_when_to_come_back() {
    let system = System::with(|config| {
        config.rate.per_account = 5;
        config.rate.per_remote = 5;
    })
    .await;
    let mut own = NoticeServiceClient::new(clerk(&system).await);
    let mut refused = None;
    for _ in 0..20 {
        if let Err(status) = own.get_notice(named("x")).await {
            refused = Some(status);
            break;
        }
    }
    let status = refused.expect("one too many");
    assert_eq!(status.code(), Code::ResourceExhausted);
    let details = status.get_error_details();
    assert_eq!(details.error_info().expect("info").reason, "TOO_MANY_CALLS");
    assert!(details.retry_info().is_some());
    let mut anybody = NoticeServiceClient::new(system.channel.clone());
    assert!(
        anybody.get_notice(named("x")).await.is_ok(),
        "another allowance"
    );
}
