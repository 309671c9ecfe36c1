//! Whose a request is of a contract that several services answer: its first field is a resource name,
//! `counties/{county}/services/{service}` or below.

use axum::{body::Body, extract::Request};
use http_body_util::{BodyExt as _, Limited};
use prost::Message as _;
use tonic::Status;

/// Services that answer such contracts: those whose acts are operations.
const OWNERS: [&str; 1] = ["eligibility"];

/// Longest request, in bytes: a name and little else.
const REQUEST: usize = 64 * 1024;
/// Before a message: whether it is compressed, and its length.
const PREFIX: usize = 5;

/// The service that a request is for, and the request.
pub(super) async fn owner(request: Request) -> Result<(&'static str, Request), Status> {
    let (parts, body) = request.into_parts();
    let read = Limited::new(body, REQUEST).collect().await;
    let read = read.map_err(|_| Status::resource_exhausted("the request is too large"))?;
    let body = read.to_bytes();
    let service = named(&body)?;
    Ok((service, Request::from_parts(parts, Body::from(body))))
}

fn named(body: &[u8]) -> Result<&'static str, Status> {
    let message = match body.split_at_checked(PREFIX) {
        Some(([0, ..], message)) => message,
        Some(_) => return Err(Status::unimplemented("send this request uncompressed")),
        None => return Err(Status::invalid_argument("the request is empty")),
    };
    // A message of one text reads the first field of any other.
    let name = String::decode(message)
        .map_err(|_| Status::invalid_argument("the request cannot be read"))?;
    let mut segments = name.split('/').skip(2);
    let service = match (segments.next(), segments.next()) {
        (Some("services"), Some(service)) => service,
        _ => "",
    };
    let known = OWNERS.into_iter().find(|it| *it == service);
    // What is nobody's is refused by any of them, which knows the rules of the fields too.
    let [any, ..] = OWNERS;
    Ok(known.unwrap_or(any))
}

#[cfg(test)]
mod tests {
    use tonic::Code;
    use yuhui_proto::work::v1::{ListOperationsRequest, WaitOperationRequest};

    use super::*;

    fn framed(message: &impl prost::Message) -> Vec<u8> {
        let message = message.encode_to_vec();
        let length = u32::try_from(message.len()).expect("short");
        [&[0][..], &length.to_be_bytes(), &message].concat()
    }

    #[test]
    fn the_name_in_a_request_says_whose_it_is() {
        let wait = WaitOperationRequest {
            name: "counties/150203/services/eligibility/operations/1".into(),
            timeout_ms: 5,
            revision: 7,
        };
        assert_eq!(named(&framed(&wait)).expect("named"), "eligibility");
        let list = |parent: &str| ListOperationsRequest {
            parent: parent.into(),
            ..ListOperationsRequest::default()
        };
        for nobodys in [
            "",
            "counties/150203",
            "counties/1/services/x",
            "a/b/rounds/1",
        ] {
            assert_eq!(named(&framed(&list(nobodys))).expect("any"), "eligibility");
        }
    }

    #[test]
    fn what_cannot_be_read_is_nobodys() {
        for (body, code) in [
            (&[][..], Code::InvalidArgument),
            (&[1, 0, 0, 0, 0], Code::Unimplemented),
            (&[0, 0, 0, 0, 1, 0xff], Code::InvalidArgument),
        ] {
            assert_eq!(named(body).expect_err("unreadable").code(), code);
        }
    }
}
