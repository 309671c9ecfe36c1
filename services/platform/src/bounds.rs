//! How much an error may say. What comes in may be long, what goes out may
//! not: whoever answers 20 kB to 20 kB lets a caller choose the size of the
//! trailers, and HTTP/2 ends the whole connection when trailers are too long,
//! with every other call on it.

use std::{borrow::Cow, collections::HashMap};

use http::{HeaderMap, HeaderName};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// Longest piece of a request that an error repeats, in bytes.
pub const ECHO: usize = 64;
/// Longest message of an error, in bytes.
pub const ERROR: usize = 512;
/// Longest text on one field at fault in one language, in bytes.
pub(crate) const VIOLATION: usize = 256;
/// Longest trailers of an answer, names and values, in bytes.
pub const TRAILERS: usize = 4096;

/// Kept of the trailers for what is not the error: names, request id, dates.
const RESERVED: usize = 256;
/// Most fields at fault that are told.
const VIOLATIONS: usize = 50;
/// Entries of `ErrorInfo.metadata` that are kept.
const ENTRIES: usize = 16;

/// A piece of a request, as far as an error repeats it.
#[must_use]
pub fn echo(text: &str) -> Cow<'_, str> {
    cut(text, ECHO)
}

/// The text, no longer than `most` bytes; what was cut is marked.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(most - '…'.len_utf8());
    Cow::Owned(format!("{}…", &text[..end]))
}

/// The status, no longer than an error may be. Details are left out from the
/// end: the last violations first, the reason last.
#[must_use]
pub fn bound(status: Status) -> Status {
    let message = cut(status.message(), ERROR);
    let room = TRAILERS - RESERVED - encoded(&message);
    if message.len() == status.message().len() && base64(status.details().len()) <= room {
        return status;
    }
    let message = message.into_owned();
    let details = status.get_error_details();
    let total = details
        .bad_request()
        .map_or(0, |it| it.field_violations.len());
    let mut kept = total.min(VIOLATIONS);
    loop {
        let short = shortened(&details, kept, total);
        let bounded = Status::with_error_details(status.code(), message.clone(), short);
        if base64(bounded.details().len()) <= room {
            return bounded;
        }
        if kept == 0 {
            return Status::new(status.code(), message);
        }
        kept -= 1;
    }
}

/// Bounds the status in headers or trailers, if there is one.
pub(crate) fn bound_headers(headers: &mut HeaderMap) {
    let Some(status) = Status::from_header_map(headers) else {
        return;
    };
    if status.message().len() <= ERROR && size(headers) <= TRAILERS {
        return;
    }
    let plain = Status::with_details(
        status.code(),
        status.message(),
        status.details().to_vec().into(),
    );
    headers.remove("grpc-message");
    headers.remove("grpc-status-details-bin");
    // Fails only for messages that are no header; these were one before.
    _ = bound(plain).add_header(headers);
    if size(headers) > TRAILERS {
        let kept = ["content-type", "grpc-status", "grpc-message"]
            .map(|name| (HeaderName::from_static(name), headers.remove(name)));
        headers.clear();
        for (name, value) in kept {
            headers.extend(value.map(|value| (name, value)));
        }
    }
}

fn size(headers: &HeaderMap) -> usize {
    let sizes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    sizes.sum()
}

/// The same details with short texts and the first `kept` of `total` violations.
fn shortened(details: &ErrorDetails, kept: usize, total: usize) -> ErrorDetails {
    let mut short = ErrorDetails::new();
    if let Some(info) = details.error_info() {
        let entries = info.metadata.iter().take(ENTRIES);
        let mut metadata: HashMap<String, String> = entries
            .map(|(key, value)| (echo(key).into_owned(), echo(value).into_owned()))
            .collect();
        if kept < total {
            metadata.insert("violations".into(), total.to_string());
        }
        short.set_error_info(echo(&info.reason), echo(&info.domain), metadata);
    }
    if let Some(retry) = details.retry_info() {
        short.set_retry_info(retry.retry_delay);
    }
    if let Some(told) = details.localized_message() {
        short.set_localized_message(echo(&told.locale), cut(&told.message, ERROR));
    }
    let conditions = details.precondition_failure();
    if let Some(first) = conditions.and_then(|it| it.violations.first()) {
        let description = cut(&first.description, ERROR);
        short.add_precondition_failure_violation(
            &*echo(&first.r#type),
            &*echo(&first.subject),
            description,
        );
    }
    if let Some(bad) = details.bad_request() {
        for it in bad.field_violations.iter().take(kept) {
            short
                .add_bad_request_violation(&*cut(&it.field, ECHO * 2), cut(&it.description, ERROR));
        }
    }
    short
}

/// Length of a message in `grpc-message`, at most: what is escaped takes three.
fn encoded(message: &str) -> usize {
    let is_plain = |it: u8| it.is_ascii_graphic() && !b"\"#%<>?`{}".contains(&it);
    let bytes = message.bytes();
    bytes.map(|it| if is_plain(it) { 1 } else { 3 }).sum()
}

/// Length of so many bytes in base64.
const fn base64(length: usize) -> usize {
    length.div_ceil(3) * 4
}

/// What a caller who asks too much is told.
#[must_use]
pub(crate) fn too_large(what: &str, most: u64) -> Status {
    Status::new(
        Code::ResourceExhausted,
        format!("{what} is larger than {most} bytes"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::{self, Violation, invalid, not_found};

    fn trailers(status: &Status) -> HeaderMap {
        let mut headers = HeaderMap::new();
        status.add_header(&mut headers).expect("headers");
        headers
    }

    #[test]
    fn what_is_repeated_of_a_request_is_short() {
        assert_eq!(echo("counties/150203"), "counties/150203");
        let long = "包".repeat(7000);
        let told = echo(&long);
        assert!(told.len() <= ECHO && told.ends_with('…'), "{told}");
        let status = refusal::status(&not_found(long));
        assert!(size(&trailers(&status)) < 1024, "{status:?}");
        assert_eq!(refusal::reason_of(&status).as_deref(), Some("NOT_FOUND"));
    }

    #[test]
    fn a_thousand_violations_are_told_by_the_first_and_their_number() {
        let many = (0..1000).map(|row| Violation::new(format!("rows[{row}]"), "有误", "is wrong"));
        let status = refusal::status(&invalid(many.collect()));
        assert!(size(&trailers(&status)) <= TRAILERS);
        let details = status.get_error_details();
        let told = &details.bad_request().expect("violations").field_violations;
        assert!(told.len() > 10, "{}", told.len());
        assert_eq!(told[0].field, "rows[0]");
        let info = details.error_info().expect("info");
        assert_eq!(info.metadata["violations"], "1000");
    }

    #[test]
    fn whoever_made_it_an_error_in_headers_is_bounded() {
        for text in ["x".repeat(20_000), "包\n".repeat(5_000)] {
            let status = Status::with_error_details(
                Code::NotFound,
                text.clone(),
                ErrorDetails::with_localized_message("zh-CN", text),
            );
            let mut headers = trailers(&status);
            headers.insert("x-other", "y".repeat(9_000).parse().expect("a header"));
            bound_headers(&mut headers);
            assert!(size(&headers) <= TRAILERS, "{}", size(&headers));
            let told = Status::from_header_map(&headers).expect("a status");
            assert_eq!(told.code(), Code::NotFound);
            assert!(told.message().len() <= ERROR, "{told:?}");
        }
    }

    #[test]
    fn what_is_short_stays_as_it_is() {
        let status = refusal::status(&not_found("counties/150203/cases/1"));
        let mut headers = trailers(&status);
        let before = headers.clone();
        bound_headers(&mut headers);
        assert_eq!(headers, before);
        let mut none = HeaderMap::from_iter([(
            http::header::CONTENT_TYPE,
            "application/grpc".parse().expect("a header"),
        )]);
        bound_headers(&mut none);
        assert_eq!(none.len(), 1);
    }
}
