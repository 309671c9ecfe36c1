//! Institutions with their records.

use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, entity::prelude::*};
use time::Date;
use yuhui_kernel::{CreditCode, Registrar, Tenant};
use yuhui_platform::{
    Caller, Result,
    db::{TenantEntity, Tx},
    paging::Page,
    refusal,
};
use yuhui_proto::authz::v1::Reach;

use super::corrupt;
use crate::domain::{Institution, Kind, Record};

/// A row of `institutions`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "institutions")]
pub struct Model {
    /// County.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Blind reference.
    pub institution_ref: String,
    /// Unified social credit code.
    pub credit_code: String,
    /// Name.
    pub display_name: String,
    /// `NURSERY` or `KINDERGARTEN`.
    pub kind: String,
    /// Registrar.
    pub registered_with: String,
    /// Registration date.
    pub registered_on: Date,
    /// Township of the premises.
    pub township: String,
    /// Licensed places.
    pub licensed_places: i32,
    /// What was decided about it: a handful of dated entries, read and
    /// written as a whole.
    pub record: Json,
    /// Counts the changes of the record.
    pub version: i64,
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

/// An institution and how many changes it has seen.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The institution.
    pub institution: Institution,
    version: i64,
}

impl Model {
    pub(super) fn into_domain(self) -> Result<Institution> {
        self.read().ok_or_else(|| corrupt("institutions"))
    }

    fn read(self) -> Option<Institution> {
        Some(Institution {
            tenant: Tenant::parse(&self.tenant).ok()?,
            id: self.id,
            institution_ref: self.institution_ref,
            credit_code: CreditCode::parse(&self.credit_code).ok()?,
            display_name: self.display_name,
            kind: serde_json::from_value::<Kind>(self.kind.into()).ok()?,
            registered_with: serde_json::from_value::<Registrar>(self.registered_with.into())
                .ok()?,
            registered_on: self.registered_on,
            township: self.township.parse().ok()?,
            licensed_places: self.licensed_places,
            record: serde_json::from_value(self.record).ok()?,
        })
    }
}

/// Adds an institution.
pub async fn add(tx: &Tx, it: &Institution) -> Result<()> {
    tx.insert(ActiveModel {
        tenant: Set(it.tenant.to_string()),
        id: Set(it.id),
        institution_ref: Set(it.institution_ref.clone()),
        credit_code: Set(it.credit_code.to_string()),
        display_name: Set(it.display_name.clone()),
        kind: Set(name_of(&it.kind)?),
        registered_with: Set(name_of(&it.registered_with)?),
        registered_on: Set(it.registered_on),
        township: Set(it.township.to_string()),
        licensed_places: Set(it.licensed_places),
        record: Set(serde_json::to_value(&it.record)?),
        version: Set(0),
    })
    .await?;
    Ok(())
}

/// The name of a plain enum value.
fn name_of(value: &impl serde::Serialize) -> Result<String> {
    let name = serde_json::to_value(value)?;
    let name = name.as_str().ok_or_else(|| corrupt("institutions"))?;
    Ok(name.to_owned())
}

/// The tenant's institution with that id.
pub async fn find(tx: &Tx, id: Uuid) -> Result<Option<Stored>> {
    let row = tx.find::<Entity>().filter(Column::Id.eq(id));
    read(row.one(tx.connection()).await?)
}

/// The same, locked until the transaction ends: what it reports of itself and what an office makes
/// of it meet here.
pub async fn locked(tx: &Tx, id: Uuid) -> Result<Option<Stored>> {
    let row = tx.find::<Entity>().filter(Column::Id.eq(id));
    read(row.lock_exclusive().one(tx.connection()).await?)
}

fn read(row: Option<Model>) -> Result<Option<Stored>> {
    let stored = |row: Model| {
        Ok(Stored {
            version: row.version,
            institution: row.into_domain()?,
        })
    };
    row.map(stored).transpose()
}

/// Replaces the record of an institution that nobody changed meanwhile.
pub async fn replace_record(tx: &Tx, stored: &Stored, record: &Record) -> Result<()> {
    let updated = tx
        .update_where::<Entity>()
        .set(ActiveModel {
            record: Set(serde_json::to_value(record)?),
            version: Set(stored.version + 1),
            ..<ActiveModel as Default>::default()
        })
        .filter(Column::Id.eq(stored.institution.id))
        .filter(Column::Version.eq(stored.version))
        .exec(tx.connection())
        .await?;
    if updated.rows_affected == 1 {
        Ok(())
    } else {
        Err(refusal::aborted().into())
    }
}

/// A page of the tenant's institutions registered by `day`, in the order of
/// their registration here.
pub async fn list(tx: &Tx, day: Date, page: &Page) -> Result<(Vec<Institution>, String)> {
    let mut query = tx
        .find::<Entity>()
        .filter(Column::RegisteredOn.lte(day))
        .order_by_asc(Column::Id)
        .limit(page.limit());
    if let Some(after) = page.key(|it| Uuid::parse_str(it).ok())? {
        query = query.filter(Column::Id.gt(after));
    }
    let rows = query.all(tx.connection()).await?;
    let (rows, next) = page.cut(rows, |row| row.id.to_string());
    let institutions: Result<_> = rows.into_iter().map(Model::into_domain).collect();
    Ok((institutions?, next))
}

/// The institution that `name` names, if the caller reaches it: an
/// institution's own account reaches itself alone, a township what is in it.
pub async fn reach(tx: &Tx, caller: &Caller, id: Uuid, name: &str) -> Result<Stored> {
    reached(find(tx, id).await?, caller, name)
}

/// The same, locked for an act on it.
pub async fn reach_locked(tx: &Tx, caller: &Caller, id: Uuid, name: &str) -> Result<Stored> {
    reached(locked(tx, id).await?, caller, name)
}

fn reached(stored: Option<Stored>, caller: &Caller, name: &str) -> Result<Stored> {
    let is_reached = |it: &Stored| match caller.reach {
        Reach::OwnRecords => {
            caller.person.as_deref() == Some(it.institution.institution_ref.as_str())
        }
        // The township of the premises (I3).
        Reach::OwnUnit => caller.covers(&it.institution.township),
        _ => true,
    };
    stored
        .filter(is_reached)
        .ok_or_else(|| refusal::not_found(name).into())
}
