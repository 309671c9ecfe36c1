//! The answers given: which register, for which case, on which day, with
//! what digest. They are evidence and are never changed; that a family's
//! facts were read, and for what, is recorded here.

use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, entity::prelude::*};
use time::Date;
use yuhui_platform::{
    Result, clock,
    db::{TenantEntity, Tx},
    paging::Page,
};

use super::corrupt;
use crate::domain::Register;

/// A row of `answers`. The key follows the time of the answers.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "answers")]
pub struct Model {
    /// County of the case.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// The case.
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: Uuid,
    /// The answer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Which register answered.
    pub register: String,
    /// Day of the answer.
    pub answered_on: Date,
    /// Day as of which the facts were given.
    pub as_of_on: Date,
    /// SHA-256 of the facts, hex.
    pub digest: String,
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

/// An answer given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: Uuid,
    /// Which register answered.
    pub register: Register,
    /// Day of the answer.
    pub answered_on: Date,
    /// Day as of which the facts were given.
    pub as_of: Date,
    /// SHA-256 of the facts, hex.
    pub digest: String,
}

impl Answer {
    /// An answer given now: on which day, and as of which.
    #[must_use]
    pub fn new(
        case: Uuid,
        register: Register,
        (answered_on, as_of): (Date, Date),
        digest: String,
    ) -> Self {
        Self {
            id: clock::fresh_id(),
            case,
            register,
            answered_on,
            as_of,
            digest,
        }
    }
}

impl Model {
    fn into_domain(self) -> Result<Answer> {
        Ok(Answer {
            id: self.id,
            case: self.case_id,
            register: Register::parse(&self.register).ok_or_else(|| corrupt("answers"))?,
            answered_on: self.answered_on,
            as_of: self.as_of_on,
            digest: self.digest,
        })
    }
}

/// The answers given for the case on that day.
pub async fn given_on(tx: &Tx, case: Uuid, day: Date) -> Result<Vec<Answer>> {
    let rows = tx
        .find::<Entity>()
        .filter(Column::CaseId.eq(case))
        .filter(Column::AnsweredOn.eq(day))
        .order_by_asc(Column::Id)
        .all(tx.connection())
        .await?;
    rows.into_iter().map(Model::into_domain).collect()
}

/// The last answer that a register gave for the case by that day.
pub async fn last_by(tx: &Tx, case: Uuid, register: Register, day: Date) -> Result<Option<Answer>> {
    let row = tx
        .find::<Entity>()
        .filter(Column::CaseId.eq(case))
        .filter(Column::Register.eq(register.as_str()))
        .filter(Column::AnsweredOn.lte(day))
        .order_by_desc(Column::Id)
        .one(tx.connection())
        .await?;
    row.map(Model::into_domain).transpose()
}

/// Keeps answers.
pub async fn keep(tx: &Tx, answers: &[Answer]) -> Result<()> {
    let rows = answers.iter().map(|it| ActiveModel {
        tenant: Set(tx.scope().to_owned()),
        case_id: Set(it.case),
        id: Set(it.id),
        register: Set(it.register.as_str().to_owned()),
        answered_on: Set(it.answered_on),
        as_of_on: Set(it.as_of),
        digest: Set(it.digest.clone()),
    });
    tx.insert_all(rows.collect()).await
}

/// A page of the answers given for a case, oldest first.
pub async fn list(tx: &Tx, case: Uuid, page: &Page) -> Result<(Vec<Answer>, String)> {
    let mut query = tx.find::<Entity>().filter(Column::CaseId.eq(case));
    if let Some(after) = page.key(|it| Uuid::parse_str(it).ok())? {
        query = query.filter(Column::Id.gt(after));
    }
    let rows = query
        .order_by_asc(Column::Id)
        .limit(page.limit())
        .all(tx.connection())
        .await?;
    let (rows, next) = page.cut(rows, |row| row.id.to_string());
    let answers: Result<Vec<_>> = rows.into_iter().map(Model::into_domain).collect();
    Ok((answers?, next))
}
