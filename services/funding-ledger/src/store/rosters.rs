//! Sealed rosters.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    sea_query::{Expr, ExprTrait as _},
};
use yuhui_kernel::Money;
use yuhui_platform::{Result, db::Tx};

use super::{entity::roster, row};
use crate::domain::book::Programme;

/// State of a sealed roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RosterState {
    /// Its total is payable.
    Sealed,
    /// The shares are owed.
    Recorded,
    /// Both shares have arrived.
    Funded,
}

impl RosterState {
    const ALL: [Self; 3] = [Self::Sealed, Self::Recorded, Self::Funded];

    const fn code(self) -> &'static str {
        match self {
            Self::Sealed => "SEALED",
            Self::Recorded => "RECORDED",
            Self::Funded => "FUNDED",
        }
    }
}

/// A sealed roster.
#[derive(Clone, Debug)]
pub struct Roster {
    /// Resource name.
    pub name: String,
    /// Round.
    pub round: i32,
    /// Programme.
    pub programme: Programme,
    /// Total when it was sealed.
    pub total: Money,
    /// Hash of the sealed roster.
    pub hash: String,
    /// State.
    pub state: RosterState,
}

/// Writes a roster that was sealed.
pub async fn insert(tx: &Tx, roster: &Roster) -> Result<()> {
    let row = roster::Model {
        tenant: String::new(),
        roster: roster.name.clone(),
        round: roster.round,
        programme: roster.programme.code().to_owned(),
        total_fen: roster.total.fen(),
        hash: roster.hash.clone(),
        state: roster.state.code().to_owned(),
        record_number: String::new(),
    };
    tx.insert(row.into_active_model()).await?;
    Ok(())
}

/// A roster by name.
pub async fn get(tx: &Tx, name: &str) -> Result<Option<Roster>> {
    let found = tx
        .find::<roster::Entity>()
        .filter(roster::Column::Roster.eq(name))
        .one(tx.connection())
        .await?;
    found.map(read).transpose()
}

/// Remembers that the city recorded the roster.
pub async fn record(tx: &Tx, name: &str, record_number: &str) -> Result<()> {
    let row = roster::ActiveModel {
        tenant: Set(String::new()),
        roster: Set(name.to_owned()),
        state: Set(RosterState::Recorded.code().to_owned()),
        record_number: Set(record_number.to_owned()),
        ..Default::default()
    };
    tx.update(row).await?;
    Ok(())
}

/// Takes every recorded roster of a round as funded; answers their names.
pub async fn fund(tx: &Tx, round: i32) -> Result<Vec<String>> {
    let recorded = || {
        roster::Column::Round
            .eq(round)
            .and(roster::Column::State.eq(RosterState::Recorded.code()))
    };
    let waiting = tx
        .find::<roster::Entity>()
        .filter(recorded())
        .order_by_asc(roster::Column::Roster)
        .all(tx.connection())
        .await?;
    if !waiting.is_empty() {
        tx.update_where::<roster::Entity>()
            .col_expr(
                roster::Column::State,
                Expr::value(RosterState::Funded.code()),
            )
            .filter(recorded())
            .exec(tx.connection())
            .await?;
    }
    Ok(waiting.into_iter().map(|it| it.roster).collect())
}

fn read(found: roster::Model) -> Result<Roster> {
    let state = RosterState::ALL
        .into_iter()
        .find(|it| it.code() == found.state);
    Ok(Roster {
        round: found.round,
        programme: row::programme(&found.programme)?,
        total: Money::from_fen(found.total_fen),
        state: row::known(state, "roster state", &found.state)?,
        hash: found.hash,
        name: found.roster,
    })
}
