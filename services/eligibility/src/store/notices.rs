//! Notices.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect,
};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{
    Error, Result,
    db::Tx,
    vault::{Row, Sealed},
};

use super::{CHUNK, entity::notices, one_row, work};
use crate::domain::{Case, deadline::Year, notice::Notice};

/// Who claims on a notice, line by line.
pub(crate) const CLAIMANTS: Sealed = Sealed {
    table: "notices",
    column: "claimants_sealed",
    tenant: "tenant",
    row: Row::Text("id"),
};

/// One notice, if this tenant has it.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Option<Notice>> {
    let row = tx
        .find::<notices::Entity>()
        .filter(notices::Column::Id.eq(id.to_string()))
        .one(tx.connection())
        .await?;
    row.map(|it| Ok(serde_json::from_str(&it.body)?))
        .transpose()
}

/// One notice, locked until the transaction ends: whoever closes it and whoever brings a case back
/// to it meet here.
pub(crate) async fn locked(tx: &Tx, id: Uuid) -> Result<Option<Notice>> {
    let row = tx
        .find::<notices::Entity>()
        .filter(notices::Column::Id.eq(id.to_string()))
        .lock_exclusive()
        .one(tx.connection())
        .await?;
    row.map(|it| Ok(serde_json::from_str(&it.body)?))
        .transpose()
}

/// Notices still open for objections on a day, by id.
pub(crate) async fn open(
    tx: &Tx,
    on: Date,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<Notice>> {
    let mut query = tx
        .find::<notices::Entity>()
        .filter(notices::Column::Closed.eq(false))
        .filter(notices::Column::LastOn.gte(dates::format(on)));
    if let Some(after) = after {
        query = query.filter(notices::Column::Id.gt(after));
    }
    let rows = query
        .order_by_asc(notices::Column::Id)
        .limit(limit)
        .all(tx.connection())
        .await?;
    rows.into_iter()
        .map(|it| Ok(serde_json::from_str(&it.body)?))
        .collect()
}

/// Notices whose last day is before `on` and that are not closed, in a unit and below, by id.
pub(crate) async fn unclosed(
    tx: &Tx,
    unit_prefix: &str,
    on: Date,
    after: Option<&str>,
    limit: Option<u64>,
) -> Result<Vec<Notice>> {
    let mut query = tx
        .find::<notices::Entity>()
        .filter(notices::Column::Closed.eq(false))
        .filter(notices::Column::LastOn.lt(dates::format(on)));
    if !unit_prefix.is_empty() {
        query = query.filter(notices::Column::Unit.starts_with(unit_prefix));
    }
    if let Some(after) = after {
        query = query.filter(notices::Column::Id.gt(after));
    }
    let rows = query
        .order_by_asc(notices::Column::Id)
        .limit(limit)
        .all(tx.connection())
        .await?;
    rows.into_iter()
        .map(|it| Ok(serde_json::from_str(&it.body)?))
        .collect()
}

/// Last days of notices.
pub(crate) async fn ends(tx: &Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, Date>> {
    let unreadable = || Error::fault("a notice has an unreadable id or last day");
    let mut ends = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<(String, String)> = tx
            .find::<notices::Entity>()
            .filter(notices::Column::Id.is_in(chunk.iter().map(Uuid::to_string)))
            .select_only()
            .column(notices::Column::Id)
            .column(notices::Column::LastOn)
            .into_tuple()
            .all(tx.connection())
            .await?;
        for (id, last_on) in rows {
            let id = Uuid::parse_str(&id).map_err(|_| unreadable())?;
            ends.insert(id, dates::parse(&last_on).map_err(|_| unreadable())?);
        }
    }
    Ok(ends)
}

/// Notices that a case was ever on, by id: of its village, its township and its county.
pub(crate) async fn of_case(tx: &Tx, case: &Case) -> Result<Vec<Notice>> {
    let township = case.unit.township().map(|it| it.to_string());
    let mut units = vec![case.unit.to_string(), case.tenant.code().to_string()];
    units.extend(township);
    let rows = tx
        .find::<notices::Entity>()
        .filter(notices::Column::Unit.is_in(units))
        .filter(notices::Column::Body.contains(case.id.to_string()))
        .order_by_asc(notices::Column::Id)
        .all(tx.connection())
        .await?;
    let found = rows
        .into_iter()
        .map(|it| Ok(serde_json::from_str(&it.body)?));
    found.collect()
}

/// Who claims on a notice, line by line.
pub(crate) async fn claimants(tx: &Tx, notice: &Notice) -> Result<Vec<String>> {
    let sealed = tx
        .find::<notices::Entity>()
        .filter(notices::Column::Id.eq(notice.id.to_string()))
        .select_only()
        .column(notices::Column::ClaimantsSealed);
    let sealed: Option<Vec<u8>> = sealed.into_tuple().one(tx.connection()).await?;
    let sealed = sealed.ok_or_else(|| Error::fault("a notice is gone"))?;
    let place = CLAIMANTS.at(notice.tenant, notice.id);
    Ok(serde_json::from_str(&tx.vault()?.unseal(&place, &sealed)?)?)
}

/// A new notice, and who claims on it, line by line.
pub(crate) async fn insert(
    tx: &Tx,
    year: &Year<'_>,
    notice: &Notice,
    claimants: &[String],
) -> Result<()> {
    let place = CLAIMANTS.at(notice.tenant, notice.id);
    let sealed = tx
        .vault()?
        .seal(&place, &serde_json::to_string(claimants)?)?;
    let row = notices::ActiveModel {
        claimants_sealed: Set(sealed),
        ..row(notice)?
    };
    tx.insert(row).await?;
    let item = year.item_of_notice(notice);
    work::add(tx, &Vec::from_iter(item)).await
}

/// Closes a notice that is open; lost races abort.
pub(crate) async fn close(tx: &Tx, year: &Year<'_>, notice: &Notice) -> Result<()> {
    let result = tx
        .update_where::<notices::Entity>()
        .set(row(notice)?)
        .filter(notices::Column::Id.eq(notice.id.to_string()))
        .filter(notices::Column::Closed.eq(false))
        .exec(tx.connection())
        .await?;
    one_row(result.rows_affected)?;
    work::follow(tx, notice.id, year.item_of_notice(notice)).await
}

fn row(notice: &Notice) -> Result<notices::ActiveModel> {
    Ok(notices::ActiveModel {
        tenant: Set(notice.tenant.as_str().into()),
        id: Set(notice.id.to_string()),
        unit: Set(notice.unit.to_string()),
        posted_on: Set(dates::format(notice.posted_on)),
        last_on: Set(dates::format(notice.last_on)),
        closed: Set(notice.closed),
        body: Set(serde_json::to_string(notice)?),
        claimants_sealed: NotSet,
    })
}
