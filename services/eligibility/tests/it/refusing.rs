//! What must be refused, and how.

use tonic::{Code, Status};
use yuhui_platform::refusal::reason_of;

/// Code and reason of what must be a refusal.
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.expect_err("a refusal");
    (status.code(), reason_of(&status).unwrap_or_default())
}

/// Rule of what must be a refusal for want of separation.
pub fn denied<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    use tonic_types::StatusExt as _;
    let status = answer.expect_err("a refusal");
    assert_eq!(status.code(), Code::PermissionDenied, "{status}");
    let info = status.get_details_error_info().expect("details");
    info.metadata.get("rule").cloned().unwrap_or_default()
}

/// Fields at fault in a refusal.
pub fn at_fault<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    use tonic_types::StatusExt as _;
    let status = answer.expect_err("a refusal");
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    let details = status.get_details_bad_request().expect("details");
    details
        .field_violations
        .into_iter()
        .map(|it| it.field)
        .collect()
}
