//! The gateway as a client sees it.

use std::time::Duration;

use tonic::{
    Request, Status,
    client::Grpc,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, ClientTlsConfig, Endpoint},
};
use tonic_prost::ProstCodec;
use yuhui_proto::identity::v1::{
    SignInRequest, TokenPair, identity_service_client::IdentityServiceClient,
};

/// Longest one call may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Password of every development account.
const PASSWORD: &str = "yuhui-demo-2025";

/// The gateway, and who calls.
#[derive(Clone)]
pub(crate) struct Gateway {
    channel: Channel,
    bearer: Bearer,
}

/// Shows a token, if there is one.
#[derive(Clone, Default)]
pub(crate) struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.set_timeout(PATIENCE);
        if let Some(token) = &self.0 {
            request
                .metadata_mut()
                .insert("authorization", token.clone());
        }
        Ok(request)
    }
}

impl Gateway {
    /// The gateway at `url`; nobody is signed in.
    pub(crate) fn to(url: &str) -> Self {
        let endpoint = Endpoint::from_shared(url.to_owned()).expect("a URL");
        Self {
            channel: endpoint.connect_lazy(),
            bearer: Bearer::default(),
        }
    }

    /// The gateways at all of `urls`, of which each call takes one.
    pub(crate) fn to_any<'a>(urls: impl Iterator<Item = &'a str>) -> Self {
        let endpoints = urls.map(|it| Endpoint::from_shared(it.to_owned()).expect("a URL"));
        Self {
            channel: Channel::balance_list(endpoints),
            bearer: Bearer::default(),
        }
    }

    /// A service at `address`, believed if `tls` does.
    pub(crate) fn secure(address: &str, tls: ClientTlsConfig) -> Self {
        let endpoint = Endpoint::from_shared(format!("https://{address}")).expect("a URL");
        Self {
            channel: endpoint.tls_config(tls).expect("TLS").connect_lazy(),
            bearer: Bearer::default(),
        }
    }

    /// The same gateway for the holder of `login`.
    pub(crate) async fn sign_in(&self, login: &str) -> Result<Self, Status> {
        let tokens = self.tokens(login).await?;
        Ok(self.with_token(&tokens.access_token))
    }

    /// The same gateway for whoever `token` stands for.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        let token = format!("Bearer {token}");
        Self {
            channel: self.channel.clone(),
            bearer: Bearer(Some(token.parse().expect("a header value"))),
        }
    }

    /// The tokens the holder of `login` is given.
    pub(crate) async fn tokens(&self, login: &str) -> Result<TokenPair, Status> {
        let ask = SignInRequest {
            login: login.into(),
            password: PASSWORD.into(),
            ..SignInRequest::default()
        };
        let reply = IdentityServiceClient::new(self.call()).sign_in(ask).await?;
        Ok(reply.into_inner().tokens.expect("tokens"))
    }

    /// The same gateway for the holder of `login`, who has a password of his own, or a first one and a
    /// `new` one to replace it with.
    pub(crate) async fn sign_in_with(
        &self,
        login: &str,
        password: &str,
        new: &str,
    ) -> Result<Self, Status> {
        let ask = SignInRequest {
            login: login.into(),
            password: password.into(),
            new_password: new.into(),
            ..SignInRequest::default()
        };
        let reply = IdentityServiceClient::new(self.call()).sign_in(ask).await?;
        let tokens = reply.into_inner().tokens.expect("tokens");
        Ok(self.with_token(&tokens.access_token))
    }

    /// What a generated client is built on.
    pub(crate) fn call(&self) -> InterceptedService<Channel, Bearer> {
        InterceptedService::new(self.channel.clone(), self.bearer.clone())
    }

    /// Calls the method at `path` with an empty message, whatever its type.
    pub(crate) async fn call_empty(&self, path: &str) -> Result<(), Status> {
        self.call_with(path, ()).await
    }

    /// Calls the method at `path` with any message; what it answers is not read.
    pub(crate) async fn call_with<M>(&self, path: &str, message: M) -> Result<(), Status>
    where
        M: prost::Message + 'static,
    {
        let mut client = Grpc::new(self.call());
        client
            .ready()
            .await
            .map_err(|error| Status::unavailable(error.to_string()))?;
        let path = path.parse().expect("a path");
        // `()` reads and writes any message as one without fields.
        let codec = ProstCodec::<M, ()>::default();
        client.unary(Request::new(message), path, codec).await?;
        Ok(())
    }
}
