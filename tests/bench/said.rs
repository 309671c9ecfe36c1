//! A tonic service that says what it was told to say, whatever it is asked: what a call costs at least.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use prost::Message;
use tonic::{
    Request, Response, Status,
    body::Body,
    codegen::Service,
    server::{Grpc, NamedService, UnaryService},
};
use tonic_prost::ProstCodec;
use yuhui_proto::{eligibility::v1::ListCasesResponse, identity::v1::GetSessionResponse};

/// The service.
pub(crate) struct Said<M>(Arc<M>);

impl<M> Said<M> {
    /// One that says `answer`.
    pub(crate) fn of(answer: M) -> Self {
        Self(Arc::new(answer))
    }
}

impl<M> Clone for Said<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl NamedService for Said<GetSessionResponse> {
    const NAME: &'static str = "yuhui.identity.v1.IdentityService";
}

impl NamedService for Said<ListCasesResponse> {
    const NAME: &'static str = "yuhui.eligibility.v1.CaseService";
}

impl NamedService for Said<Vec<u8>> {
    const NAME: &'static str = "yuhui.bench.Bytes";
}

impl<M: Clone> UnaryService<()> for Said<M> {
    type Response = M;
    type Future = Ready<Result<Response<M>, Status>>;

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(M::clone(&self.0))))
    }
}

impl<M: Message + Default + Clone + 'static> Service<http::Request<Body>> for Said<M> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let said = self.clone();
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<M, ()>::default());
            Ok(grpc.unary(said, request).await)
        })
    }
}
