//! Inspections on site (I3).

use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, entity::prelude::*};
use time::Date;
use yuhui_kernel::Hand;
use yuhui_platform::{
    Caller, Result,
    db::{TenantEntity, Tx},
    paging::Page,
    refusal,
};

use super::corrupt;
use crate::domain::{Inspection, Recorded};

/// A row of `inspections`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "inspections")]
pub struct Model {
    /// County.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// The inspection.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The institution.
    pub institution_id: Uuid,
    /// What was found.
    pub inspection: Json,
    /// Account that recorded it.
    pub recorded_by: String,
    /// Person behind that account.
    pub recorded_person: Option<String>,
    /// Day of the record.
    pub recorded_on: Date,
    /// Account that signed it; empty if none did.
    pub signed_by: String,
    /// When.
    pub signed_on: Option<Date>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}

/// Keeps what was found.
pub async fn record(tx: &Tx, institution: Uuid, it: &Recorded) -> Result<()> {
    tx.insert(ActiveModel {
        tenant: Set(tx.scope().to_owned()),
        id: Set(it.id),
        institution_id: Set(institution),
        inspection: Set(serde_json::to_value(&it.inspection)?),
        recorded_by: Set(it.by.account.clone()),
        recorded_person: Set(it.by.person.clone()),
        recorded_on: Set(it.recorded_on),
        signed_by: Set(String::new()),
        signed_on: Set(None),
    })
    .await?;
    Ok(())
}

/// The inspection of an institution with that id.
pub async fn find(tx: &Tx, institution: Uuid, id: Uuid) -> Result<Option<Recorded>> {
    let row = tx
        .find::<Entity>()
        .filter(Column::Id.eq(id))
        .filter(Column::InstitutionId.eq(institution))
        .one(tx.connection())
        .await?;
    row.map(read).transpose()
}

/// A page of the inspections of an institution, oldest first.
pub async fn page(tx: &Tx, institution: Uuid, page: &Page) -> Result<Vec<Recorded>> {
    let mut query = tx
        .find::<Entity>()
        .filter(Column::InstitutionId.eq(institution))
        .order_by_asc(Column::Id)
        .limit(page.limit());
    if let Some(after) = page.key(|it| it.parse::<Uuid>().ok())? {
        query = query.filter(Column::Id.gt(after));
    }
    let rows = query.all(tx.connection()).await?;
    rows.into_iter().map(read).collect()
}

/// Signs one; a lost race if somebody has.
pub async fn sign(tx: &Tx, caller: &Caller, today: Date, id: Uuid) -> Result<()> {
    let signed = tx
        .update_where::<Entity>()
        .set(ActiveModel {
            signed_by: Set(caller.account.clone()),
            signed_on: Set(Some(today)),
            ..<ActiveModel as Default>::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::SignedBy.eq(""))
        .exec(tx.connection())
        .await?;
    match signed.rows_affected {
        1 => Ok(()),
        _ => Err(refusal::aborted().into()),
    }
}

fn read(row: Model) -> Result<Recorded> {
    let inspection: Inspection =
        serde_json::from_value(row.inspection).map_err(|_| corrupt("inspections"))?;
    Ok(Recorded {
        id: row.id,
        inspection,
        by: Hand {
            account: row.recorded_by,
            person: row.recorded_person,
        },
        recorded_on: row.recorded_on,
        signed: row.signed_on.map(|on| (row.signed_by, on)),
    })
}
