//! How an institution used the money of a round (三(三)2(5), I6).

use serde::Serialize;
use yuhui_kernel::Money;

/// A report on the use of the money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UseReport {
    /// Round the money was paid in.
    pub round: i32,
    /// Spent on operations, as it must be.
    pub operating: Money,
    /// Spent on anything else.
    pub other: Money,
    /// Explanation.
    pub note: String,
}
