//! 应急访问 (DYN-8): read only, four hours, reviewed afterwards.

use std::time::Duration;

use yuhui_proto::authz::v1::Role;

/// How long an emergency access lasts.
pub const LIFE: Duration = Duration::from_secs(4 * 3600);
/// In whose place it reads: who sees everything of a county and changes nothing.
pub const READS_AS: Role = Role::CountyAuditor;

/// Where an emergency access stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It may be used.
    Open,
    /// It has ended, and waits for its review.
    Ended,
    /// It was reviewed.
    Reviewed,
}

impl State {
    /// Where one stands that ends at `ends_us`.
    #[must_use]
    pub fn of(ends_us: i64, is_reviewed: bool, now_us: i64) -> Self {
        match is_reviewed {
            true => Self::Reviewed,
            false if now_us < ends_us => Self::Open,
            false => Self::Ended,
        }
    }
}
