//! What may be paid changes: a case is struck off, held or let go, or money has arrived for its roster.

use yuhui_kernel::{Tenant, resource_name};
use yuhui_platform::{Result, audit, db::Tx};
use yuhui_proto::internal::v1::{HoldChanged, LineTerminated, RoundFunded};

use crate::{
    domain::line::Step,
    refusal::Refused,
    store::{fund, lines, standing},
};

/// A case struck off its roster (F24): a line that waits is cancelled, and one
/// still to come will be. What was sent is the bank's to answer for.
pub async fn terminate(tx: &Tx, tenant: Tenant, event: &LineTerminated) -> Result<audit::Entry> {
    own_case(&event.case, tenant)?;
    standing::terminate(tx, &event.case, &event.roster).await?;
    let mut waiting = Vec::new();
    for row in lines::of_cases(tx, std::slice::from_ref(&event.case)).await? {
        if row.roster == event.roster && row.state()?.after(Step::Cancel).is_ok() {
            waiting.push(row.id);
        }
    }
    lines::cancel(tx, &waiting).await?;
    let entry = audit::Entry::new("disbursement.line.cancel", &event.case);
    Ok(entry.after(&waiting).reason(&event.reason))
}

/// A hold set or lifted (F28).
pub async fn change_hold(tx: &Tx, tenant: Tenant, event: &HoldChanged) -> Result<audit::Entry> {
    own_case(&event.case, tenant)?;
    standing::set_held(tx, &event.case, event.held).await?;
    lines::set_held(tx, &event.case, event.held).await?;
    let entry = audit::Entry::new("disbursement.case.hold", &event.case);
    Ok(entry.after(&event.held))
}

/// Both shares have arrived for rosters of a round (R-FUN-3).
pub async fn fund_rosters(tx: &Tx, event: &RoundFunded) -> Result<audit::Entry> {
    let new = fund::add(tx, event.round, &event.rosters).await?;
    let object = format!("counties/{}/rounds/{}", tx.scope(), event.round);
    let entry = audit::Entry::new("disbursement.round.funded", object);
    Ok(entry.after(&event.rosters).note(format!("{new} new")))
}

/// A case must be the county's.
pub fn own_case(case: &str, tenant: Tenant) -> Result<()> {
    if resource_name::is_of(case, tenant.as_str()) {
        Ok(())
    } else {
        Err(Refused::BadEvent("a case of another county").into())
    }
}
