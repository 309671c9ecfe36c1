//! The steps a case has taken: append-only.

use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder};
use time::OffsetDateTime;
use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{Result, caller::Caller, db::Tx};

use super::entity::transitions;
use crate::domain::{Case, State};

pub(crate) use super::entity::transitions::Model as Transition;

/// Records one step. The case's revision is its place in the sequence.
pub(crate) async fn append(
    tx: &Tx,
    caller: &Caller,
    case: &Case,
    from: State,
    action: &str,
    at: OffsetDateTime,
    reason: &str,
) -> Result<()> {
    tx.insert(transitions::ActiveModel {
        tenant: Set(case.tenant.as_str().into()),
        case_id: Set(case.id.to_string()),
        sequence: Set(case.revision),
        from_state: Set(from.as_str().into()),
        to_state: Set(case.state.as_str().into()),
        action: Set(action.into()),
        actor: Set(caller.account.clone()),
        role: Set(caller.role.as_str_name().into()),
        unit: Set(caller.unit.map(|it| it.to_string()).unwrap_or_default()),
        level: Set(i64::from(i32::from(caller.level()))),
        effective_on: Set(dates::format(at.date())),
        at: Set(rfc3339(at)),
        reason: Set(reason.into()),
    })
    .await?;
    Ok(())
}

/// Steps of a case, oldest first.
pub(crate) async fn list(tx: &Tx, case: Uuid) -> Result<Vec<Transition>> {
    Ok(tx
        .find::<transitions::Entity>()
        .filter(transitions::Column::CaseId.eq(case.to_string()))
        .order_by_asc(transitions::Column::Sequence)
        .all(tx.connection())
        .await?)
}

fn rfc3339(at: OffsetDateTime) -> String {
    at.format(&time::format_description::well_known::Rfc3339)
        .unwrap_or_default()
}
