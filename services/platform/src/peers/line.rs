//! A way to one service.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use http::{Request, Response};
use tonic::{body::Body, transport::Channel};
use tower::{BoxError, Service};

use super::replicas::Replicas;

/// A way to one service: a single channel, or whichever replica is there. Cheap to clone.
#[derive(Clone)]
pub enum Line {
    /// A pipe.
    One(Channel),
    /// Replicas at addresses.
    Several(Replicas),
}

impl Service<Request<Body>> for Line {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::One(channel) => channel.poll_ready(context).map_err(Into::into),
            Self::Several(_) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self {
            Self::One(channel) => {
                let answer = channel.call(request);
                Box::pin(async move { Ok(answer.await?) })
            }
            Self::Several(replicas) => {
                let replicas = replicas.clone();
                Box::pin(async move { replicas.call(request).await })
            }
        }
    }
}
