//! A way to one service.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use http::{Request, Response};
use tonic::{body::Body, transport::Channel};
use tower::{BoxError, Service};

use super::replicas::Replicas;
use crate::serve::Here;

/// A way to one service: in this process, by a single channel, or to whichever replica is there. Cheap
/// to clone.
#[derive(Clone)]
pub enum Line {
    /// In this process.
    Here(Here),
    /// A channel.
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
            Self::Here(_) | Self::Several(_) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self {
            Self::Here(service) => Box::pin(service.call(request)),
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

impl From<Here> for Line {
    fn from(service: Here) -> Self {
        Self::Here(service)
    }
}

impl From<Channel> for Line {
    fn from(channel: Channel) -> Self {
        Self::One(channel)
    }
}
