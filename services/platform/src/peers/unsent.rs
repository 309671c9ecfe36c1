//! Whether a call that failed was ever seen by the other side.

use std::error::Error;

use tonic::ConnectError;

/// What is known of a call that failed without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// There is no connection, so nothing was sent.
    ToConnect,
    /// The connection ended before the other side looked at the call.
    Unseen,
    /// Anything may have been done.
    Unknown,
}

impl Failed {
    pub(super) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<ConnectError>() {
                return Self::ToConnect;
            }
            // hyper takes back what it had not passed on yet.
            if error
                .downcast_ref::<hyper::Error>()
                .is_some_and(hyper::Error::is_canceled)
            {
                return Self::Unseen;
            }
            // RFC 9113, 8.7: streams that were refused, or lie beyond what GOAWAY names.
            if error.downcast_ref().is_some_and(is_refused) {
                return Self::Unseen;
            }
            cause = error.source();
        }
        Self::Unknown
    }
}

fn is_refused(error: &h2::Error) -> bool {
    let gone = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
    error.is_remote() && (gone || error.reason() == Some(h2::Reason::REFUSED_STREAM))
}
