//! Tokens at the gateway: only what the gateway signed, for as long as it lasts.

use tonic::Code;
use yuhui_proto::identity::v1::{
    GetSessionRequest, RefreshSessionRequest, identity_service_client::IdentityServiceClient,
};

use crate::harness::{gateway::Gateway, topology::on_one_and_on_two};

const CLERK: &str = "village-clerk.150203001001";
const SESSION: &str = "/yuhui.identity.v1.IdentityService/GetSession";

/// The code of a call that shows `token`.
async fn shown(gateway: &Gateway, token: &str) -> Code {
    match gateway.with_token(token).call_empty(SESSION).await {
        Ok(()) => Code::Ok,
        Err(status) => status.code(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_known_by_its_token_and_ends_when_the_refresh_token_is_stolen() {
    on_one_and_on_two(async |gateway| {
        let tokens = gateway.tokens(CLERK).await.expect("signed in");

        // Given a token, the caller is known by it.
        let known = gateway.with_token(&tokens.access_token);
        let session = IdentityServiceClient::new(known.call())
            .get_session(GetSessionRequest {})
            .await
            .expect("a session")
            .into_inner();
        assert_eq!(session.account.expect("account").login, CLERK);

        // One letter changed in any part of it, and it is nobody's.
        for part in 0..3 {
            let mut parts: Vec<String> = tokens.access_token.split('.').map(Into::into).collect();
            let first = if parts[part].starts_with('A') {
                "B"
            } else {
                "A"
            };
            parts[part].replace_range(0..1, first);
            let forged = shown(&gateway, &parts.join(".")).await;
            assert_eq!(forged, Code::Unauthenticated, "part {part}");
        }
        assert_eq!(shown(&gateway, "").await, Code::Unauthenticated);

        // A refresh token is good for one new pair; used again, it ends the session.
        let refresh = RefreshSessionRequest {
            refresh_token: tokens.refresh_token.clone(),
        };
        let mut client = IdentityServiceClient::new(gateway.call());
        let renewed = client.refresh_session(refresh.clone()).await.expect("new");
        let renewed = renewed.into_inner().tokens.expect("tokens");
        assert_eq!(shown(&gateway, &renewed.access_token).await, Code::Ok);
        let again = client.refresh_session(refresh).await;
        assert_eq!(again.expect_err("stolen").code(), Code::Unauthenticated);
        let ended = shown(&gateway, &renewed.access_token).await;
        assert_eq!(ended, Code::Unauthenticated);
    })
    .await;
}
