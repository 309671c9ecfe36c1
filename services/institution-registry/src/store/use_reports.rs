//! Reports on the use of the money (I6).

use sea_orm::{ActiveValue::Set, entity::prelude::*};
use time::Date;
use yuhui_kernel::Money;
use yuhui_platform::{
    Result,
    db::{TenantEntity, Tx},
};

use crate::domain::UseReport;

/// A row of `use_reports`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "use_reports")]
pub struct Model {
    /// County.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// The institution.
    #[sea_orm(primary_key, auto_increment = false)]
    pub institution_id: Uuid,
    /// Round the money was paid in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub round: i32,
    /// Spent on operations.
    pub operating_fen: i64,
    /// Spent on anything else.
    pub other_fen: i64,
    /// Explanation.
    pub note: String,
    /// Day of the report.
    pub submitted_on: Date,
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

/// Keeps a report; an earlier one of the same round is replaced and answered.
pub async fn submit(
    tx: &Tx,
    institution: Uuid,
    today: Date,
    report: &UseReport,
) -> Result<Option<UseReport>> {
    let earlier = tx
        .find::<Entity>()
        .filter(Column::InstitutionId.eq(institution))
        .filter(Column::Round.eq(report.round))
        .one(tx.connection())
        .await?;
    let row = ActiveModel {
        tenant: Set(tx.scope().to_owned()),
        institution_id: Set(institution),
        round: Set(report.round),
        operating_fen: Set(report.operating.fen()),
        other_fen: Set(report.other.fen()),
        note: Set(report.note.clone()),
        submitted_on: Set(today),
    };
    match earlier {
        None => tx.insert(row).await?,
        Some(_) => tx.update(row).await?,
    };
    Ok(earlier.map(|row| UseReport {
        round: row.round,
        operating: Money::from_fen(row.operating_fen),
        other: Money::from_fen(row.other_fen),
        note: row.note,
    }))
}
