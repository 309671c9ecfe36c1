//! A signed-in account at a gateway. Sessions are short: it signs in again before the token ends.

use anyhow::{Context as _, Result};
use secrecy::{ExposeSecret as _, SecretString};
use time::{Duration, OffsetDateTime};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};
use yuhui_platform::clock;
use yuhui_proto::identity::v1::{SignInRequest, identity_service_client::IdentityServiceClient};

/// Life a token must have left to be used.
const RESERVE: Duration = Duration::seconds(45);

/// Login and password of an account.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Login.
    pub login: String,
    /// Password.
    pub password: SecretString,
}

/// An account and its session, if it has one.
pub(crate) struct Session {
    channel: Channel,
    credentials: Credentials,
    token: Option<Token>,
}

struct Token {
    bearer: Bearer,
    ends: OffsetDateTime,
}

impl Session {
    pub(crate) fn new(channel: Channel, credentials: Credentials) -> Self {
        Self {
            channel,
            credentials,
            token: None,
        }
    }

    /// The gateway as this account calls it.
    pub(crate) async fn channel(&mut self) -> Result<SignedIn> {
        let now = clock::real_now();
        let bearer = match &self.token {
            Some(token) if token.ends - RESERVE > now => token.bearer.clone(),
            _ => self.sign_in().await?,
        };
        Ok(InterceptedService::new(self.channel.clone(), bearer))
    }

    async fn sign_in(&mut self) -> Result<Bearer> {
        let login = &self.credentials.login;
        let ask = SignInRequest {
            login: login.clone(),
            password: self.credentials.password.expose_secret().into(),
            ..SignInRequest::default()
        };
        let answer = IdentityServiceClient::new(self.channel.clone())
            .sign_in(ask)
            .await
            .with_context(|| format!("sign in as {login}"))?;
        let tokens = answer.into_inner().tokens.context("no tokens")?;
        let ends = tokens.access_expire_time.context("a token without end")?;
        let bearer = Bearer(format!("Bearer {}", tokens.access_token).parse()?);
        self.token = Some(Token {
            bearer: bearer.clone(),
            ends: OffsetDateTime::from_unix_timestamp(ends.seconds)?,
        });
        Ok(bearer)
    }
}

/// A channel that shows the session's token with each call.
pub(crate) type SignedIn = InterceptedService<Channel, Bearer>;

/// Shows the session's token with each call.
#[derive(Clone)]
pub(crate) struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let metadata = request.metadata_mut();
        metadata.insert("authorization", self.0.clone());
        Ok(request)
    }
}
