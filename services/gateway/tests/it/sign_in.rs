//! Signing in, and being refused.

use tonic::Code;
use tonic_types::StatusExt as _;
use yuhui_proto::{
    authz::v1::Role,
    identity::v1::{
        GetSessionRequest, SignInRequest, identity_service_client::IdentityServiceClient,
    },
};

use crate::system::{PASSWORD, System, told};

#[tokio::test]
async fn who_signs_in_learns_who_he_is_and_what_he_may_call() {
    let system = System::start().await;
    let unit = "150203004001";
    system.account("clerk", Role::VillageClerk, unit, 1).await;
    let answer = system.try_sign_in(" Clerk ", PASSWORD).await.expect("in");
    let account = answer.account.expect("account");
    assert_eq!(
        (account.login.as_str(), account.unit.as_str()),
        ("clerk", unit)
    );

    let session = system.bearing(answer.tokens.expect("tokens").access_token);
    let mut identity = IdentityServiceClient::new(session);
    let told = identity.get_session(GetSessionRequest {}).await;
    let told = told.expect("a session").into_inner();
    assert_eq!(told.account.expect("account").role(), Role::VillageClerk);
    let may = |method: &str| told.methods.iter().any(|it| it == method);
    assert!(may("yuhui.eligibility.v1.NoticeService.PostNotice"));
    assert!(may("yuhui.identity.v1.IdentityService.SignOut"));
    assert!(!may("yuhui.identity.v1.AccountService.CreateAccount"));
    assert!(!may("yuhui.internal.v1.EventSinkService.Deliver"));
}

#[tokio::test]
async fn an_unknown_login_and_a_wrong_password_get_the_same_answer() {
    let system = System::start().await;
    system
        .account("clerk", Role::VillageClerk, "150203004001", 1)
        .await;
    let wrong = system.try_sign_in("clerk", "not the password").await;
    let unknown = system.try_sign_in("nobody", PASSWORD).await;
    let (wrong, unknown) = (wrong.expect_err("wrong"), unknown.expect_err("unknown"));
    assert_eq!(wrong.code(), Code::Unauthenticated);
    assert_eq!(wrong.code(), unknown.code());
    assert_eq!(wrong.message(), unknown.message());
    assert_eq!(wrong.details(), unknown.details());
}

/// Eleven wrong passwords from somewhere.
async fn guess(system: &System, login: &str) {
    for _ in 0..11 {
        let answer = system.try_sign_in(login, "not the password").await;
        answer.expect_err("wrong");
    }
}

#[tokio::test]
async fn a_login_that_no_text_may_be_is_the_callers_fault() {
    let system = System::start().await;
    // PostgreSQL keeps no NUL in a text.
    for login in ["clerk\0", "\u{202e}krelc", "\u{200b}", "clerk\n"] {
        let answer = system.try_sign_in(login, PASSWORD).await;
        let status = answer.expect_err("malformed");
        assert_eq!(status.code(), Code::InvalidArgument, "{login:?}");
        let told = status.get_details_bad_request().expect("the fields");
        assert_eq!(told.field_violations.len(), 1, "{told:?}");
        assert_eq!(told.field_violations[0].field, "login");
    }
}

#[tokio::test]
async fn guessing_stops_even_at_the_right_password_and_at_logins_that_do_not_exist() {
    let system = System::start().await;
    system
        .account("clerk", Role::VillageClerk, "150203004001", 1)
        .await;
    for login in ["clerk", "nobody"] {
        for _ in 0..3 {
            let answer = system.try_sign_in(login, "not the password").await;
            assert_eq!(told(answer).1, "WRONG_CREDENTIALS");
        }
        let status = system.try_sign_in(login, PASSWORD).await.expect_err("late");
        assert_eq!(status.code(), Code::ResourceExhausted, "{login}");
        let details = status.get_error_details();
        assert!(
            details
                .retry_info()
                .is_some_and(|it| it.retry_delay.is_some())
        );
    }
}

#[tokio::test]
async fn strangers_lock_nobody_out_who_was_there_before() {
    let system = System::start().await;
    system
        .account("clerk", Role::VillageClerk, "150203004001", 1)
        .await;
    let answer = system.try_sign_in("clerk", PASSWORD).await.expect("in");
    let session = system.bearing(answer.tokens.expect("tokens").access_token);
    let device = answer.device_token;
    guess(&system, "clerk").await;
    let stranger = system.try_sign_in("clerk", PASSWORD).await;
    assert_eq!(told(stranger).1, "TOO_MANY_ATTEMPTS");

    // The officer's own device signs in, and his open session goes on.
    let ask = |password: &str| SignInRequest {
        login: "clerk".into(),
        password: password.into(),
        device_token: device.clone(),
        ..SignInRequest::default()
    };
    let again = system.identity().sign_in(ask(PASSWORD)).await;
    let again = again.expect("a known device").into_inner();
    assert!(!again.device_token.is_empty());
    let mut identity = IdentityServiceClient::new(session);
    let own = identity.get_session(GetSessionRequest {}).await;
    own.expect("the session lasts");

    // It is trusted as long as it does not guess, and for one account only.
    for _ in 0..10 {
        let wrong = system.identity().sign_in(ask("not the password")).await;
        assert_eq!(told(wrong).1, "WRONG_CREDENTIALS");
    }
    guess(&system, "clerk").await;
    let late = system.identity().sign_in(ask(PASSWORD)).await;
    assert_eq!(told(late).1, "TOO_MANY_ATTEMPTS");
}

#[tokio::test]
async fn a_success_starts_the_count_anew() {
    let system = System::with(|config| config.sign_in.free = 2).await;
    system
        .account("clerk", Role::VillageClerk, "150203004001", 1)
        .await;
    for _ in 0..4 {
        let wrong = system.try_sign_in("clerk", "not the password").await;
        assert_eq!(told(wrong).1, "WRONG_CREDENTIALS");
        system.sign_in("clerk").await;
    }
}

#[tokio::test]
async fn one_network_does_not_try_login_after_login() {
    let system = System::with(|config| config.sign_in.network = 3).await;
    for login in ["a1", "a2", "a3"] {
        let answer = system.try_sign_in(login, PASSWORD).await;
        assert_eq!(told(answer).1, "WRONG_CREDENTIALS");
    }
    let answer = system.try_sign_in("a4", PASSWORD).await;
    assert_eq!(
        told(answer),
        (Code::ResourceExhausted, "TOO_MANY_ATTEMPTS".into())
    );
}

#[tokio::test]
async fn without_the_store_of_counts_nobody_signs_in() {
    let system = System::start().await;
    system
        .account("clerk", Role::VillageClerk, "150203004001", 1)
        .await;
    system.store.cut();
    let answer = system.try_sign_in("clerk", PASSWORD).await;
    assert_eq!(told(answer).0, Code::Unavailable);
}
