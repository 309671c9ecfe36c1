//! How sessions go on and end.

use std::time::Duration;

use tonic::Code;
use yuhui_platform::token::{Claims, Signer};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{PostNoticeRequest, notice_service_client::NoticeServiceClient},
    identity::v1::{
        ChangePasswordRequest, GetSessionRequest, RefreshSessionRequest, RefreshSessionResponse,
        SignOutRequest, TokenPair, identity_service_client::IdentityServiceClient,
    },
};

use crate::system::{Bearer, PASSWORD, System, told};

const UNIT: &str = "150203004001";

async fn clerk() -> System {
    let system = System::start().await;
    system.account("clerk", Role::VillageClerk, UNIT, 1).await;
    system
}

/// Whether the gateway still takes a token.
async fn opens(system: &System, tokens: &TokenPair) -> bool {
    let session = system.bearing(tokens.access_token.clone());
    let mut identity = IdentityServiceClient::new(session);
    match identity.get_session(GetSessionRequest {}).await {
        Ok(_) => true,
        Err(status) => {
            assert_eq!(status.code(), Code::Unauthenticated);
            false
        }
    }
}

async fn refresh(system: &System, token: &str) -> Result<TokenPair, tonic::Status> {
    let ask = RefreshSessionRequest {
        refresh_token: token.into(),
    };
    let answer = system.identity().refresh_session(ask).await?;
    let RefreshSessionResponse { tokens } = answer.into_inner();
    Ok(tokens.expect("tokens"))
}

#[tokio::test]
async fn a_refresh_token_is_good_for_one_new_pair() {
    let system = clerk().await;
    let first = system.sign_in("clerk").await;
    let second = refresh(&system, &first.refresh_token).await.expect("new");
    assert_ne!(first.refresh_token, second.refresh_token);
    assert!(opens(&system, &second).await);
    let third = refresh(&system, &second.refresh_token).await.expect("new");
    assert!(opens(&system, &third).await);
}

#[tokio::test]
async fn a_dead_refresh_token_that_turns_up_again_ends_the_session() {
    let system = clerk().await;
    let first = system.sign_in("clerk").await;
    let other = system.sign_in("clerk").await;
    let second = refresh(&system, &first.refresh_token).await.expect("new");
    let stolen = refresh(&system, &first.refresh_token).await;
    assert_eq!(
        told(stolen),
        (Code::Unauthenticated, "SESSION_ENDED".into())
    );
    assert!(!opens(&system, &second).await);
    let after = refresh(&system, &second.refresh_token).await;
    assert_eq!(told(after).1, "SESSION_ENDED");
    assert!(opens(&system, &other).await, "other sessions go on");
}

#[tokio::test]
async fn a_refresh_token_nobody_gave_out_ends_nothing() {
    let system = clerk().await;
    let tokens = system.sign_in("clerk").await;
    let made_up = refresh(&system, "made up").await;
    assert_eq!(told(made_up).1, "SESSION_ENDED");
    assert!(opens(&system, &tokens).await);
}

#[tokio::test]
async fn a_session_ended_by_signing_out_stays_ended_when_the_gateway_starts_again() {
    let system = clerk().await;
    let (ended, going_on) = (system.sign_in("clerk").await, system.sign_in("clerk").await);
    let session = system.bearing(ended.access_token.clone());
    let mut identity = IdentityServiceClient::new(session);
    identity.sign_out(SignOutRequest {}).await.expect("out");
    drop(identity);
    assert!(!opens(&system, &ended).await);

    let system = system.restarted().await;
    assert!(!opens(&system, &ended).await);
    assert!(refresh(&system, &ended.refresh_token).await.is_err());
    assert!(opens(&system, &going_on).await);
}

#[tokio::test]
async fn a_changed_password_ends_all_other_sessions() {
    let system = clerk().await;
    let (own, other) = (system.sign_in("clerk").await, system.sign_in("clerk").await);
    let mut identity = IdentityServiceClient::new(system.bearing(own.access_token.clone()));
    let change = |old: &str, new: &str| ChangePasswordRequest {
        old_password: old.into(),
        new_password: new.into(),
    };
    let short = identity.change_password(change(PASSWORD, "short")).await;
    assert_eq!(told(short).0, Code::InvalidArgument);
    let same = identity.change_password(change(PASSWORD, PASSWORD)).await;
    assert_eq!(told(same).0, Code::InvalidArgument);
    let wrong = identity
        .change_password(change("not the password", "staple battery"))
        .await;
    assert_eq!(told(wrong).1, "WRONG_CREDENTIALS");
    identity
        .change_password(change(PASSWORD, "staple battery"))
        .await
        .expect("changed");

    assert!(opens(&system, &own).await);
    assert!(!opens(&system, &other).await);
    assert!(system.try_sign_in("clerk", PASSWORD).await.is_err());
    assert!(system.try_sign_in("clerk", "staple battery").await.is_ok());
}

#[tokio::test]
async fn if_it_cannot_be_asked_whether_a_session_lasts_nobody_is_let_through() {
    let system = clerk().await;
    let tokens = system.sign_in("clerk").await;
    assert!(opens(&system, &tokens).await);
    system.store.cut();
    let session = system.bearing(tokens.access_token);
    let answer = IdentityServiceClient::new(session)
        .get_session(GetSessionRequest {})
        .await;
    assert_eq!(told(answer).0, Code::Unavailable);
}

#[tokio::test]
async fn tokens_of_the_wrong_kind_open_nothing() {
    let system = clerk().await;
    let genuine = system.sign_in("clerk").await.access_token;
    let payload = |sid: &str| Claims {
        sub: "somebody".into(),
        sid: sid.into(),
        role: "ROLE_VILLAGE_CLERK".into(),
        unit: UNIT.into(),
        ..Claims::default()
    };
    let life = Duration::from_secs(60);
    let stranger = Signer::generate("gateway").expect("key");
    let mint = |signer: &Signer, claims: Claims| signer.mint(&claims).expect("token");
    let own = &system.deps.signer;
    for (what, token) in [
        (
            "a token for a service",
            mint(own, payload("s").lasting("eligibility", life)),
        ),
        (
            "a token of no session",
            mint(own, payload("").lasting("yuhui", life)),
        ),
        (
            "a token of an unknown session",
            mint(own, payload("s").lasting("yuhui", life)),
        ),
        (
            "a token under an unknown key",
            mint(&stranger, payload("s").lasting("yuhui", life)),
        ),
        ("a changed token", genuine.replacen('.', ".e", 1)),
        ("no token", "x".into()),
    ] {
        let mut identity = IdentityServiceClient::new(system.bearing(token));
        let answer = identity.get_session(GetSessionRequest {}).await;
        assert_eq!(told(answer).0, Code::Unauthenticated, "{what}");
    }
}

#[tokio::test]
async fn a_session_token_is_worth_nothing_behind_the_gateway() {
    let system = clerk().await;
    let token = system.sign_in("clerk").await.access_token;
    let mut notices = NoticeServiceClient::with_interceptor(system.inside.clone(), Bearer(token));
    let answer = notices.post_notice(PostNoticeRequest::default()).await;
    assert_eq!(told(answer).0, Code::Unauthenticated);
}
