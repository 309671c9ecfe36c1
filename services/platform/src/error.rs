//! The one error type of the services: a refusal, which the caller is told,
//! or a fault, of which the caller is told nothing but the request id.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::{
    context,
    refusal::{self, DOMAIN, ErrorReason, Refusal, name_of},
};

/// What the code of a service returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal or a fault; `?` makes one from either.
#[derive(Debug)]
pub enum Error {
    /// The request is refused; the caller is told why.
    Refused(Status),
    /// The system is at fault; the cause is logged when it becomes a status.
    Fault(anyhow::Error),
}

impl Error {
    /// A fault that has no underlying error.
    pub fn fault(cause: impl Into<String>) -> Self {
        Self::Fault(anyhow::Error::msg(cause.into()))
    }

    /// Stable reason of a refusal; `None` for faults.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Refused(status) => refusal::reason_of(status),
            Self::Fault(_) => None,
        }
    }

    /// gRPC code the caller will see.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(status) => status.code(),
            Self::Fault(_) => Code::Internal,
        }
    }

    /// Stable reason as it is kept of work that goes on later: of a fault only that it is one.
    #[must_use]
    pub fn told(&self) -> String {
        let code = || format!("{:?}", self.code()).to_uppercase();
        self.reason().unwrap_or_else(code)
    }

    /// The same in words.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Refused(status) => status.message().to_owned(),
            Self::Fault(_) => "internal fault".into(),
        }
    }

    /// Whether the same may well be done a little later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        let passes = [
            Code::Unavailable,
            Code::Aborted,
            Code::DeadlineExceeded,
            Code::ResourceExhausted,
            Code::Cancelled,
        ];
        passes.contains(&self.code())
    }

    /// Whether something that was asked does not answer. What only has too much to do is not silent:
    /// the caller comes again.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        match self {
            Self::Refused(status) => {
                status.code() == Code::Unavailable && !refusal::is_busy(status)
            }
            Self::Fault(_) => false,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(status) => write!(f, "{:?}: {}", status.code(), status.message()),
            Self::Fault(cause) => write!(f, "{cause:#}"),
        }
    }
}

impl std::error::Error for Error {}

impl<R: Refusal> From<R> for Error {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal::status(&refusal))
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        // tonic reports the end of the client's own patience as if the caller
        // had gone away; to whom it is reported, it is the deadline.
        if status.code() == Code::Cancelled
            && status.message() == tonic::TimeoutExpired(()).to_string()
        {
            return Self::Refused(late());
        }
        // What has a cause was not said by the service, but by what should have
        // carried the call to it.
        if let Some(cause) = std::error::Error::source(&status)
            && matches!(
                status.code(),
                Code::Unknown | Code::Internal | Code::Unavailable
            )
        {
            tracing::warn!(%cause, "a service does not answer");
            return refusal::unavailable("service").into();
        }
        // A service that refuses gives its reason; this is an answer of it that nobody can read.
        if status.code() == Code::Internal && status.details().is_empty() {
            return Self::Fault(anyhow::anyhow!("a service's answer: {status}"));
        }
        Self::Refused(status)
    }
}

/// The answer to a request whose time has passed.
#[must_use]
pub fn late() -> Status {
    let mut details = ErrorDetails::with_error_info(
        name_of(ErrorReason::DeadlineExceeded),
        DOMAIN,
        HashMap::new(),
    );
    details.set_localized_message("zh-CN", "处理超时，请重试");
    Status::with_error_details(
        Code::DeadlineExceeded,
        "the time allowed has passed",
        details,
    )
}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        Self::Fault(cause)
    }
}

impl From<prost::DecodeError> for Error {
    fn from(cause: prost::DecodeError) -> Self {
        Self::Fault(cause.into())
    }
}

impl From<serde_json::Error> for Error {
    fn from(cause: serde_json::Error) -> Self {
        Self::Fault(cause.into())
    }
}

impl From<std::io::Error> for Error {
    fn from(cause: std::io::Error) -> Self {
        Self::Fault(cause.into())
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(status) => status,
            Error::Fault(cause) => {
                let request_id = context::request_id();
                tracing::error!(request_id, cause = format!("{cause:#}"), "internal fault");
                internal(request_id)
            }
        }
    }
}

/// What a caller is told of a fault.
#[must_use]
pub fn internal(request_id: String) -> Status {
    let metadata = HashMap::from([("request_id".to_owned(), request_id)]);
    let mut details =
        ErrorDetails::with_error_info(name_of(ErrorReason::Internal), DOMAIN, metadata);
    details.set_localized_message("zh-CN", "系统内部错误，请凭请求编号联系管理员");
    Status::with_error_details(Code::Internal, "internal fault", details)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_fault_tells_the_caller_nothing_of_its_cause() {
        let status = Status::from(Error::fault("password of the database is wrong"));
        assert_eq!(
            (status.code(), status.message()),
            (Code::Internal, "internal fault")
        );
        assert_eq!(refusal::reason_of(&status).as_deref(), Some("INTERNAL"));
    }

    #[test]
    fn a_connection_that_breaks_is_not_an_answer() {
        let mut status = Status::unknown("transport error");
        status.set_source(Arc::new(std::io::Error::other("reset")));
        assert_eq!(Error::from(status).code(), Code::Unavailable);
        assert_eq!(Error::from(Status::unknown("odd")).code(), Code::Unknown);
    }

    #[test]
    fn an_answer_that_nobody_can_read_is_our_fault_not_the_callers() {
        let unreadable = Status::internal("failed to decode Protobuf message");
        assert!(matches!(Error::from(unreadable), Error::Fault(_)));
        let refused = Status::from(Error::fault("known"));
        assert!(matches!(Error::from(refused), Error::Refused(_)));
    }

    #[test]
    fn the_end_of_the_clients_patience_is_the_deadline() {
        let expired = Status::cancelled("Timeout expired");
        assert_eq!(Error::from(expired).code(), Code::DeadlineExceeded);
        let gone = Status::cancelled("the caller went away");
        assert_eq!(Error::from(gone).code(), Code::Cancelled);
    }
}
