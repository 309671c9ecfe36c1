//! Bodies: that of a call is read whole before the call takes a place, that of
//! an answer holds the place until it is sent.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::Request,
};
use http::HeaderMap;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, timeout, timeout_at};
use tonic::Status;

use super::places::Budget;
use crate::{bounds, error};

/// How long a body may take, and how large it may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Bytes of the message; its frame comes on top.
    pub(super) most: u64,
    /// Between two parts.
    pub(super) pause: Duration,
    /// When all of it must be here.
    pub(super) due: Instant,
}

/// Length of what precedes a message: compressed or not, and its length.
const PREFIX: u64 = 5;

/// The same request with its body in hand. What comes slowly or never costs
/// its sender time, and nobody a place.
pub(super) async fn whole(
    request: Request,
    patience: Patience,
    budget: &mut Budget,
) -> Result<Request, Status> {
    let (parts, mut body) = request.into_parts();
    let too_large = || bounds::too_large("the message", patience.most);
    if body.size_hint().lower() > patience.most + PREFIX {
        return Err(too_large());
    }
    let mut read = Vec::new();
    loop {
        let due = patience.due.min(Instant::now() + patience.pause);
        let frame = match timeout_at(due, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(Status::cancelled("the request broke off")),
            Err(_) => return Err(error::late()),
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let length = u64::try_from(read.len() + data.len()).unwrap_or(u64::MAX);
        if length > patience.most + PREFIX {
            return Err(too_large());
        }
        budget.take(data.len())?;
        read.extend_from_slice(&data);
    }
    Ok(Request::from_parts(parts, Body::from(read)))
}

/// The body of a call, drained if nobody reads it to its end: HTTP/2 takes what arrives after a refusal
/// for a breach of the protocol, and enough of those end the connection.
pub(super) struct Drained(Option<Incoming>);

/// Most that is drained, in bytes, and for how long.
const DRAIN: usize = 64 * 1024;
const DRAIN_FOR: Duration = Duration::from_secs(1);

impl Drained {
    pub(super) fn new(inner: Incoming) -> Self {
        Self(Some(inner))
    }
}

impl http_body::Body for Drained {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.0 {
            Some(inner) => Pin::new(inner).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map(Incoming::size_hint).unwrap_or_default()
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        let Some(mut inner) = self.0.take().filter(|it| !it.is_end_stream()) else {
            return;
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let drain = async move {
            let mut left = DRAIN;
            while let Some(Ok(frame)) = inner.frame().await {
                let length = frame.data_ref().map_or(0, Bytes::len);
                if length >= left {
                    return;
                }
                left -= length;
            }
        };
        // What comes later may be refused as the protocol has it.
        runtime.spawn(timeout(DRAIN_FOR, drain));
    }
}

/// The body of an answer. It keeps what the call holds until it is sent or
/// given up, bounds the error in its trailers, and ends a stream that is due.
pub(super) struct Answer<T> {
    inner: Body,
    _held: T,
    due: Option<Pin<Box<Sleep>>>,
    is_over: bool,
}

impl<T> Answer<T> {
    pub(super) fn new(inner: Body, held: T) -> Self {
        Self {
            inner,
            _held: held,
            due: None,
            is_over: false,
        }
    }

    /// Ends it with `DEADLINE_EXCEEDED`, should it still go on then.
    pub(super) fn until(mut self, due: Instant) -> Self {
        self.due = Some(Box::pin(tokio::time::sleep_until(due)));
        self
    }
}

impl<T: Unpin> http_body::Body for Answer<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        if let Some(due) = &mut self.due
            && due.as_mut().poll(context).is_ready()
        {
            self.is_over = true;
            self.inner = Body::empty();
            let mut trailers = HeaderMap::new();
            // Fails only for messages that are no header, and this is one of ours.
            _ = error::late().add_header(&mut trailers);
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        Poll::Ready(frame.map(|frame| frame.map(bounded)))
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.due {
            Some(_) => SizeHint::default(),
            None => self.inner.size_hint(),
        }
    }
}

fn bounded(frame: Frame<Bytes>) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(mut trailers) => {
            bounds::bound_headers(&mut trailers);
            Frame::trailers(trailers)
        }
        Err(frame) => frame,
    }
}
