//! What lines gave back to the treasuries, and what of it is reserved because the decision on its
//! case may be contested (C.8).

use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    sea_query::OnConflict,
};
use yuhui_kernel::{Date, Money};
use yuhui_platform::{Result, db::Tx};

use super::{
    entity::{
        given_back,
        reservation::{Column, Entity, Model},
    },
    lines::{self, Line},
};

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

/// The cases that arrive on a roster are payable again: nothing of their old lines is reserved any
/// more.
pub async fn end(tx: &Tx, roster: &str) -> Result<()> {
    tx.delete_where::<Entity>()
        .filter(Column::CaseName.in_subquery(lines::arriving(tx, roster)))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// A line gave that much back: to the city (2101), to the county (2102).
pub async fn gave_back(tx: &Tx, line: &Line, city: Money, county: Money) -> Result<()> {
    let row = given_back::Model {
        tenant: String::new(),
        roster: line.roster.clone(),
        case_name: line.case_name.clone(),
        round: line.round,
        city_fen: city.fen(),
        county_fen: county.fen(),
    };
    tx.insert(row.into_active_model()).await?;
    Ok(())
}

/// What of a round's surplus is reserved on a day: the city's part, the county's part.
pub async fn of_round(tx: &Tx, round: i32, today: Date) -> Result<(Money, Money)> {
    let contested = contested(tx, today).await?;
    let rows = tx
        .find::<given_back::Entity>()
        .filter(given_back::Column::Round.eq(round))
        .all(tx.connection())
        .await?;
    let reserved = || rows.iter().filter(|it| contested.contains(&it.case_name));
    let sum = |fen: fn(&given_back::Model) -> i64| {
        Money::total(reserved().map(|it| Money::from_fen(fen(it)))).unwrap_or_default()
    };
    Ok((sum(|it| it.city_fen), sum(|it| it.county_fen)))
}

/// Everything of a round that is not reserved on that day was remitted.
pub async fn remitted(tx: &Tx, round: i32, today: Date) -> Result<()> {
    let contested = contested(tx, today).await?;
    tx.delete_where::<given_back::Entity>()
        .filter(given_back::Column::Round.eq(round))
        .filter(given_back::Column::CaseName.is_not_in(contested))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Cases that may still be contested on a day.
async fn contested(tx: &Tx, today: Date) -> Result<Vec<String>> {
    let running = Condition::any()
        .add(Column::UntilOn.is_null())
        .add(Column::UntilOn.gte(today));
    let rows = tx
        .find::<Entity>()
        .filter(running)
        .all(tx.connection())
        .await?;
    Ok(rows.into_iter().map(|it| it.case_name).collect())
}
