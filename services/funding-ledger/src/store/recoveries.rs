//! Recoveries by case.

use sea_orm::{
    ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    sea_query::OnConflict,
};
use yuhui_kernel::Money;
use yuhui_platform::{Result, db::Tx};

use super::entity::recovery::{Column, Entity, Model};
use crate::domain::recovery::Recovery;

/// The recovery of a case.
pub async fn get(tx: &Tx, case_name: &str) -> Result<Option<Recovery>> {
    let found = tx
        .find::<Entity>()
        .filter(Column::CaseName.eq(case_name))
        .one(tx.connection())
        .await?;
    Ok(found.map(|it| Recovery {
        case_name: it.case_name,
        round: it.round,
        demanded: Money::from_fen(it.demanded_fen),
        recovered: Money::from_fen(it.recovered_fen),
        written_off: Money::from_fen(it.written_off_fen),
    }))
}

/// Writes a recovery as it is now.
pub async fn save(tx: &Tx, recovery: &Recovery) -> Result<()> {
    let row = Model {
        tenant: tx.scope().to_owned(),
        case_name: recovery.case_name.clone(),
        round: recovery.round,
        demanded_fen: recovery.demanded.fen(),
        recovered_fen: recovery.recovered.fen(),
        written_off_fen: recovery.written_off.fen(),
    };
    let upsert = OnConflict::columns([Column::Tenant, Column::CaseName])
        .update_columns([
            Column::DemandedFen,
            Column::RecoveredFen,
            Column::WrittenOffFen,
        ])
        .to_owned();
    Entity::insert(row.into_active_model())
        .on_conflict(upsert)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}
