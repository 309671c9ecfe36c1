//! The body of an answer on its way out.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use yuhui_platform::refusal::{self, unavailable};

/// Passes a body on. Should the service vanish halfway, the caller is told so
/// in the trailers, instead of losing the connection.
pub(super) struct Relay<B> {
    inner: B,
    service: &'static str,
    is_over: bool,
}

impl<B> Relay<B> {
    pub(super) fn new(inner: B, service: &'static str) -> Self {
        Self {
            inner,
            service,
            is_over: false,
        }
    }
}

impl<B> Body for Relay<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Ready(Some(Err(error))) => {
                self.is_over = true;
                tracing::warn!(service = self.service, %error, "an answer broke off");
                Poll::Ready(Some(Ok(Frame::trailers(broken_off(self.service)))))
            }
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(frame))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

fn broken_off(service: &str) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    // Fails only for messages that are no header, and this is one of ours.
    _ = refusal::status(&unavailable(service)).add_header(&mut trailers);
    trailers
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use http_body_util::{BodyExt as _, StreamBody};
    use tonic::{Code, Status};

    use super::*;

    #[tokio::test]
    async fn an_answer_that_breaks_off_ends_in_a_status() {
        let frames = [
            Ok(Frame::data(Bytes::from("half"))),
            Err("connection reset"),
        ];
        let relay = Relay::new(StreamBody::new(stream::iter(frames)), "eligibility");
        let whole = relay.collect().await.expect("no error");
        let trailers = whole.trailers().expect("trailers");
        let status = Status::from_header_map(trailers).expect("a status");
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(refusal::reason_of(&status).as_deref(), Some("UNAVAILABLE"));
    }
}
