//! What is reserved because the decision on its case may be contested (C.8).

use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    sea_query::OnConflict,
};
use yuhui_kernel::{Date, Money};
use yuhui_platform::{Result, db::Tx};

use super::{
    CHUNK,
    entity::reservation::{Column, Entity, Model},
    lines,
};
use crate::domain::line::LineState;

/// The decision on a case may be contested until that day; without one, until it is known.
pub async fn save(tx: &Tx, case_name: &str, until_on: Option<Date>) -> Result<()> {
    let row = Model {
        tenant: tx.scope().to_owned(),
        case_name: case_name.to_owned(),
        until_on,
    };
    let upsert = OnConflict::columns([Column::Tenant, Column::CaseName])
        .update_column(Column::UntilOn)
        .to_owned();
    Entity::insert(row.into_active_model())
        .on_conflict(upsert)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Cases that are payable again: nothing of the old lines is reserved any more.
pub async fn end(tx: &Tx, cases: &[&str]) -> Result<()> {
    for chunk in cases.chunks(CHUNK) {
        tx.delete_where::<Entity>()
            .filter(Column::CaseName.is_in(chunk.iter().copied()))
            .exec(tx.connection())
            .await?;
    }
    Ok(())
}

/// What is reserved of a round on a day: the lines that were terminated or lapsed of cases that may
/// still be contested.
pub async fn of_round(tx: &Tx, round: i32, today: Date) -> Result<Money> {
    let running = Condition::any()
        .add(Column::UntilOn.is_null())
        .add(Column::UntilOn.gte(today));
    let cases = tx.find::<Entity>().filter(running);
    let cases = cases.all(tx.connection()).await?;
    let names: Vec<&str> = cases.iter().map(|it| it.case_name.as_str()).collect();
    let given_back = [LineState::Terminated, LineState::Lapsed];
    let lines = lines::of_cases(tx, &names, &given_back).await?;
    let of_round = lines.iter().filter(|it| it.round == round);
    Ok(Money::total(of_round.map(|it| it.amount)).unwrap_or_default())
}
