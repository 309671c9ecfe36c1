//! Sealing everything anew with the key that seals now, while the service goes on. Stopped at any
//! point, the next run goes on where something is still sealed with another key.

use anyhow::Context as _;
use sea_orm::{
    ConnectionTrait as _, DbBackend, QueryResult, Value,
    sea_query::{Expr, ExprTrait, Func, LockType, Order, Query, SelectStatement},
};
use uuid::Uuid;

use super::{Place, Row, Sealed, Vault, prefix};
use crate::db::{Database, Tenancy, Tx};

/// Rows sealed anew in one transaction.
const BATCH: u64 = 200;

/// What a rotation did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Texts sealed anew.
    pub resealed: u64,
    /// Places whose text opens with no key: table, column and row.
    pub broken: Vec<String>,
}

/// Seals every text in `sealed` anew that another key than the active one sealed.
pub async fn rotate(
    db: &Database,
    vault: &Vault,
    sealed: &[Sealed],
    owners: &[Tenancy],
) -> anyhow::Result<Report> {
    let mut report = Report::default();
    for column in sealed {
        for owner in owners {
            let mut after = None;
            loop {
                let tx = db.begin(*owner).await?;
                let rows = column.not_sealed_with(&tx, vault.active(), after).await?;
                let Some((last, _)) = rows.last() else { break };
                after = Some(last.clone());
                for (row, old) in rows {
                    let place = column.at(*owner, text(&row)?);
                    match column.reseal(&tx, vault, &place, row, &old).await? {
                        true => report.resealed += 1,
                        false => report.broken.push(format!(
                            "{}.{} {}",
                            column.table,
                            column.column,
                            place.row()
                        )),
                    }
                }
                tx.commit().await?;
            }
        }
    }
    Ok(report)
}

/// How many texts key `id` sealed.
pub(super) async fn sealed_with(tx: &Tx, sealed: &[Sealed], id: u16) -> anyhow::Result<u64> {
    let mut rows = 0;
    for column in sealed {
        let query = Query::select()
            .expr(Expr::cust("COUNT(*)"))
            .from(column.table)
            .and_where(column.beginning().eq(prefix(id).to_vec()))
            .to_owned();
        let counted = tx.connection().query_one(&query).await?;
        let counted: i64 = counted.context("no count")?.try_get_by_index(0)?;
        rows += u64::try_from(counted)?;
    }
    Ok(rows)
}

impl Sealed {
    /// The first bytes of a text: they name the key.
    fn beginning(&self) -> Expr {
        let length = i32::try_from(prefix(0).len()).unwrap_or(i32::MAX);
        Func::cust("substr")
            .arg(Expr::col(self.column))
            .arg(1)
            .arg(length)
            .into()
    }

    fn row_columns(&self) -> Vec<&'static str> {
        match self.row {
            Row::Text(column) | Row::Uuid(column) => vec![column],
            Row::Texts(columns) => columns.to_vec(),
            Row::Numbered(text, number) => vec![text, number],
        }
    }

    fn row_of(&self, found: &QueryResult) -> anyhow::Result<Vec<Value>> {
        let columns = self.row_columns().into_iter().map(|column| {
            Ok(match self.row {
                Row::Uuid(_) => found.try_get::<Uuid>("", column)?.into(),
                Row::Numbered(_, number) if number == column => {
                    found.try_get::<i64>("", column)?.into()
                }
                Row::Text(_) | Row::Texts(_) | Row::Numbered(..) => {
                    found.try_get::<String>("", column)?.into()
                }
            })
        });
        columns.collect()
    }

    /// Rows of the tenant that are sealed with another key than `id`, after a row, locked.
    async fn not_sealed_with(
        &self,
        tx: &Tx,
        id: u16,
        after: Option<Vec<Value>>,
    ) -> anyhow::Result<Vec<(Vec<Value>, Vec<u8>)>> {
        let mut query: SelectStatement = Query::select()
            .columns(self.row_columns())
            .column(self.column)
            .from(self.table)
            .and_where(Expr::col(self.tenant).eq(tx.scope()))
            .and_where(self.beginning().ne(prefix(id).to_vec()))
            .limit(BATCH)
            .to_owned();
        for column in self.row_columns() {
            query.order_by(column, Order::Asc);
        }
        if let Some(after) = after {
            let row = Expr::tuple(self.row_columns().into_iter().map(Expr::col));
            query.and_where(row.gt(Expr::tuple(after.into_iter().map(Expr::val))));
        }
        if tx.connection().get_database_backend() == DbBackend::Postgres {
            query.lock(LockType::Update);
        }
        let found = tx.connection().query_all(&query).await?;
        let rows = found
            .iter()
            .map(|it| Ok((self.row_of(it)?, it.try_get("", self.column)?)));
        rows.collect()
    }

    /// Whether the text could be opened and was sealed anew.
    async fn reseal(
        &self,
        tx: &Tx,
        vault: &Vault,
        place: &Place,
        row: Vec<Value>,
        old: &[u8],
    ) -> anyhow::Result<bool> {
        let Ok(opened) = vault.unseal(place, old) else {
            return Ok(false);
        };
        let mut update = Query::update()
            .table(self.table)
            .value(self.column, vault.seal(place, &opened)?)
            .and_where(Expr::col(self.tenant).eq(tx.scope()))
            .to_owned();
        for (column, value) in self.row_columns().into_iter().zip(row) {
            update.and_where(Expr::col(column).eq(value));
        }
        tx.connection().execute(&update).await?;
        Ok(true)
    }
}

/// The row as its place names it.
fn text(row: &[Value]) -> anyhow::Result<String> {
    let parts = row.iter().map(|it| match it {
        Value::String(Some(text)) => Ok(text.to_string()),
        Value::Uuid(Some(id)) => Ok(id.to_string()),
        Value::BigInt(Some(number)) => Ok(number.to_string()),
        other => anyhow::bail!("{other:?} names no row"),
    });
    Ok(parts.collect::<anyhow::Result<Vec<_>>>()?.join(" "))
}
