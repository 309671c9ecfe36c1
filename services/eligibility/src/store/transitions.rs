//! The steps cases have taken: append-only.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{Error, Result, caller::Caller, db::Tx};

use super::entity::transitions;
use crate::domain::{Case, State};

pub(crate) use super::entity::transitions::Model as Transition;

/// One step of one case. The case's revision is its place in the sequence.
pub(crate) struct Taken<'a> {
    pub(crate) from: State,
    pub(crate) case: &'a Case,
    pub(crate) reason: &'a str,
}

/// Records steps that were taken by one act.
pub(crate) async fn append(
    tx: &Tx,
    caller: &Caller,
    action: &str,
    at: OffsetDateTime,
    taken: Vec<Taken<'_>>,
) -> Result<()> {
    let time = at
        .format(&Rfc3339)
        .map_err(|it| Error::fault(it.to_string()))?;
    let rows = taken.into_iter().map(|it| transitions::ActiveModel {
        tenant: NotSet,
        case_id: Set(it.case.id.to_string()),
        sequence: Set(it.case.revision),
        from_state: Set(it.from.as_str().into()),
        to_state: Set(it.case.state().as_str().into()),
        action: Set(action.into()),
        actor: Set(caller.account.clone()),
        role: Set(caller.role.as_str_name().into()),
        unit: Set(caller.unit.map(|it| it.to_string()).unwrap_or_default()),
        level: Set(i64::from(i32::from(caller.level()))),
        effective_on: Set(dates::format(at.date())),
        at: Set(time.clone()),
        reason: Set(it.reason.into()),
    });
    let rows = rows.collect();
    tx.insert_all(rows).await
}

/// Steps of a case after one, oldest first.
pub(crate) async fn page(
    tx: &Tx,
    case: Uuid,
    after: Option<i64>,
    limit: u64,
) -> Result<Vec<Transition>> {
    let mut query = tx
        .find::<transitions::Entity>()
        .filter(transitions::Column::CaseId.eq(case.to_string()));
    if let Some(after) = after {
        query = query.filter(transitions::Column::Sequence.gt(after));
    }
    Ok(query
        .order_by_asc(transitions::Column::Sequence)
        .limit(limit)
        .all(tx.connection())
        .await?)
}
