//! Counts of cases, out of the index that has what they are counted by.

use sea_orm::{
    ColumnTrait, FromQueryResult, QueryFilter, QuerySelect, Select,
    sea_query::{Asterisk, Expr, Func, SimpleExpr},
};
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Result,
    db::{Tenancy, Tx},
};

use super::{Column, Entity};

/// Digits of a township's code, and of a month.
const TOWNSHIP: i32 = 9;
const MONTH: i32 = 7;

/// By what cases are counted, besides the county.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dimension {
    Programme,
    State,
    Decision,
    Reason,
    Township,
    Village,
    MonthLodged,
    MonthDecided,
}

/// Cases that have these in common; what was not asked for is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, FromQueryResult)]
pub(crate) struct Count {
    pub(crate) county: String,
    pub(crate) programme: String,
    pub(crate) state: String,
    pub(crate) decision: String,
    pub(crate) reason: String,
    pub(crate) unit: String,
    pub(crate) month_lodged: String,
    pub(crate) month_decided: String,
    pub(crate) cases: i64,
}

/// Counts the cases of a round, at most so many lines.
pub(crate) async fn count(tx: &Tx, round: i32, by: &[Dimension], limit: u64) -> Result<Vec<Count>> {
    let query = counted(tx, round, by).limit(limit);
    Ok(query.into_model().all(tx.connection()).await?)
}

pub(super) fn counted(tx: &Tx, round: i32, by: &[Dimension]) -> Select<Entity> {
    use Dimension::{
        Decision, MonthDecided, MonthLodged, Programme, Reason, State, Township, Village,
    };
    let mut query = tx.find::<Entity>();
    if tx.tenancy() == Tenancy::All {
        // An index begins with the county.
        query = query.filter(Column::Tenant.is_in(Tenant::all().iter().map(|it| it.as_str())));
    }
    let has = |it: Dimension| by.contains(&it);
    let unit = match (has(Township), has(Village)) {
        (_, true) => Some(column(Column::Unit)),
        (true, false) => Some(begins(Column::Unit, TOWNSHIP)),
        (false, false) => None,
    };
    let parts = [
        ("county", Some(column(Column::Tenant))),
        (
            "programme",
            has(Programme).then(|| column(Column::Programme)),
        ),
        ("state", has(State).then(|| column(Column::State))),
        ("decision", has(Decision).then(|| column(Column::Decision))),
        ("reason", has(Reason).then(|| column(Column::Reason))),
        ("unit", unit),
        (
            "month_lodged",
            has(MonthLodged).then(|| begins(Column::LodgedOn, MONTH)),
        ),
        (
            "month_decided",
            has(MonthDecided).then(|| begins(Column::DecidedOn, MONTH)),
        ),
    ];
    query = query
        .filter(Column::Round.eq(i64::from(round)))
        .select_only();
    for (name, part) in parts {
        query = match part {
            Some(part) => query.expr_as(part.clone(), name).group_by(part),
            None => query.expr_as(Expr::cust("''"), name),
        };
    }
    query.expr_as(Func::count(Expr::col(Asterisk)), "cases")
}

fn column(column: Column) -> SimpleExpr {
    Expr::col(column)
}

/// The first characters of a column. Literals: the same expression is grouped by, which no two parameters would be.
fn begins(of: Column, characters: i32) -> SimpleExpr {
    Func::cust("substr")
        .arg(column(of))
        .arg(Expr::cust("1"))
        .arg(Expr::cust(characters.to_string()))
        .into()
}
