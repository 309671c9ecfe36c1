//! Money of a contested case stays in the deposit (C.8).

use yuhui_kernel::{dates, resource_name};
use yuhui_platform::{Result, audit};
use yuhui_proto::internal::v1::CaseContestable;

use super::act::{Act, inconsistent};
use crate::store::reservations;

/// C.8: “the system keeps the money of a contested case reserved in the ledger until the term has run”:
/// what the case's line gave back is not sent back to the treasuries before.
pub async fn contestable(act: &mut Act<'_>, event: &CaseContestable) -> Result<()> {
    let until = match event.until_on.as_str() {
        "" => None,
        day => Some(dates::parse(day).map_err(|_| inconsistent(format!("`{day}` is no day")))?),
    };
    if resource_name::child(&event.case, "cases").is_none_or(|(county, _)| county != act.tx.scope())
    {
        return Err(inconsistent("the case is another county's").into());
    }
    reservations::save(act.tx, &event.case, until).await?;
    let entry = audit::Entry::new("funding.line.reserve", &event.case).after(&event.until_on);
    act.record(entry).await
}
