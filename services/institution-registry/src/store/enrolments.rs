//! Stays as institutions reported and counties checked them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, entity::prelude::*};
use time::Date;
use yuhui_kernel::dates;
use yuhui_platform::{
    Caller, Result,
    db::{TenantEntity, Tx},
    paging::Page,
};

use crate::domain::Enrolment;

/// A row of `enrolments`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "enrolments")]
pub struct Model {
    /// County of the institution.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// The institution.
    #[sea_orm(primary_key, auto_increment = false)]
    pub institution_id: Uuid,
    /// The child.
    #[sea_orm(primary_key, auto_increment = false)]
    pub child_ref: String,
    /// First day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_on: Date,
    /// Last day.
    pub to_on: Option<Date>,
    /// Birth date of the child.
    pub child_born_on: Date,
    /// Fee receipts and agreement cover the stay.
    pub fee_receipts: bool,
    /// Account that checked the stay as it stands here.
    pub checked_by: Option<String>,
    /// Day of the check.
    pub checked_on: Option<Date>,
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

impl From<Model> for Enrolment {
    fn from(row: Model) -> Self {
        Self {
            child_ref: row.child_ref,
            from_on: row.from_on,
            to_on: row.to_on,
            child_born_on: row.child_born_on,
            fee_receipts: row.fee_receipts,
        }
    }
}

fn unchecked(tx: &Tx, institution: Uuid, it: Enrolment) -> ActiveModel {
    ActiveModel {
        tenant: Set(tx.scope().to_owned()),
        institution_id: Set(institution),
        child_ref: Set(it.child_ref),
        from_on: Set(it.from_on),
        to_on: Set(it.to_on),
        child_born_on: Set(it.child_born_on),
        fee_receipts: Set(it.fee_receipts),
        checked_by: Set(None),
        checked_on: Set(None),
    }
}

/// Stays by child and first day.
pub type Stays = BTreeMap<(String, Date), Enrolment>;

/// The stays of these children that the institution reported so far.
pub async fn of_children(tx: &Tx, institution: Uuid, children: BTreeSet<&str>) -> Result<Stays> {
    let rows = tx
        .find::<Entity>()
        .filter(Column::InstitutionId.eq(institution))
        .filter(Column::ChildRef.is_in(children))
        .all(tx.connection())
        .await?;
    let keyed = |row: Model| ((row.child_ref.clone(), row.from_on), row.into());
    Ok(rows.into_iter().map(keyed).collect())
}

/// Enters `stays`, of which `known` are there; one with the same child and
/// first day is replaced, and where it differs it must be checked again.
/// Answers how many were new or different.
pub async fn report(tx: &Tx, institution: Uuid, known: &Stays, stays: Stays) -> Result<usize> {
    let (mut new, mut written) = (Vec::new(), 0);
    for (key, stay) in stays {
        match known.get(&key) {
            Some(known) if *known == stay => continue,
            Some(_) => {
                tx.update(unchecked(tx, institution, stay)).await?;
            }
            None => new.push(unchecked(tx, institution, stay)),
        }
        written += 1;
    }
    tx.insert_all(new).await?;
    Ok(written)
}

/// The stays of an institution that nobody has checked as they stand.
pub async fn waiting(tx: &Tx, institution: Uuid) -> Result<Vec<Enrolment>> {
    let rows = tx
        .find::<Entity>()
        .filter(Column::InstitutionId.eq(institution))
        .filter(Column::CheckedOn.is_null())
        .all(tx.connection())
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Marks the stays reported so far as checked. Answers how many were not.
pub async fn check(tx: &Tx, caller: &Caller, institution: Uuid, today: Date) -> Result<u64> {
    let updated = tx
        .update_where::<Entity>()
        .set(ActiveModel {
            checked_by: Set(Some(caller.account.clone())),
            checked_on: Set(Some(today)),
            ..<ActiveModel as Default>::default()
        })
        .filter(Column::InstitutionId.eq(institution))
        .filter(Column::CheckedOn.is_null())
        .exec(tx.connection())
        .await?;
    Ok(updated.rows_affected)
}

/// A page of an institution's stays, checked or not, by child and first day.
pub async fn list(tx: &Tx, institution: Uuid, page: &Page) -> Result<(Vec<Enrolment>, String)> {
    let mut query = tx
        .find::<Entity>()
        .filter(Column::InstitutionId.eq(institution))
        .order_by_asc(Column::ChildRef)
        .order_by_asc(Column::FromOn)
        .limit(page.limit());
    if let Some((child, from_on)) = page.key(read_key)? {
        let later = Condition::all()
            .add(Column::ChildRef.eq(child))
            .add(Column::FromOn.gt(from_on));
        let after = Condition::any().add(Column::ChildRef.gt(child)).add(later);
        query = query.filter(after);
    }
    let rows = query.all(tx.connection()).await?;
    let key = |row: &Model| format!("{}/{}", row.child_ref, dates::format(row.from_on));
    let (rows, next) = page.cut(rows, key);
    Ok((rows.into_iter().map(Into::into).collect(), next))
}

fn read_key(key: &str) -> Option<(&str, Date)> {
    let (child, from_on) = key.split_once('/')?;
    Some((child, dates::parse(from_on).ok()?))
}
