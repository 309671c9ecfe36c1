//! Payment lines.

use std::collections::BTreeMap;

use sea_orm::{
    Condition, Order, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, Query},
};
use time::Date;
use yuhui_kernel::Money;
use yuhui_platform::{
    Result,
    db::{Tenancy, TenantEntity, Tx},
    vault::{Row, Sealed, Vault},
};

use super::{CHUNK, all_hit, unknown};
use crate::domain::line::{LineState, Step};

/// Number of the account a line is paid to.
pub const ACCOUNT: Sealed = Sealed {
    table: "payment_lines",
    column: "account_sealed",
    tenant: "tenant",
    row: Row::Uuid("id"),
};

/// Name on the account a line is paid to.
pub const PAYEE: Sealed = Sealed {
    column: "payee_sealed",
    ..ACCOUNT
};

/// One payee, one amount, one attempt.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_lines")]
pub struct Model {
    /// County.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// Id, ascending in time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Idempotency key.
    pub payment_key: String,
    /// Resource name of the case.
    pub case_name: String,
    /// Resource name of the roster.
    pub roster: String,
    /// Programme, as numbered in the contract.
    pub programme: i32,
    /// Round.
    pub round: i32,
    /// Attempt, from 1.
    pub attempt: i32,
    /// Blind reference of the payee.
    pub payee_ref: String,
    /// Name on the account, sealed.
    pub payee_sealed: Vec<u8>,
    /// Account number, sealed.
    pub account_sealed: Vec<u8>,
    /// Last digits of it, for the mask.
    pub account_tail: String,
    /// Bank where it is kept.
    pub bank_name: String,
    /// Corporate account (对公账户).
    pub corporate: bool,
    /// Amount in fen.
    pub amount_fen: i64,
    /// State.
    pub state: String,
    /// The case is on hold: no order takes a waiting line.
    pub held: bool,
    /// Order that took the line.
    pub order_id: Option<Uuid>,
    /// Batch it was sent in.
    pub batch_id: Option<Uuid>,
    /// Return code, empty if none.
    pub return_code: String,
    /// Day of the result.
    pub settled_on: Option<Date>,
}

/// No relations: lines are found by their columns.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}

impl Model {
    /// The state.
    pub fn state(&self) -> Result<LineState> {
        LineState::named(&self.state).ok_or_else(|| unknown("line state", &self.state))
    }

    /// The amount.
    #[must_use]
    pub fn amount(&self) -> Money {
        Money::from_fen(self.amount_fen)
    }

    /// Name on the account.
    pub fn payee_name(&self, vault: &Vault) -> Result<String> {
        self.open(vault, PAYEE, &self.payee_sealed)
    }

    /// Number of the account.
    pub fn account_number(&self, vault: &Vault) -> Result<String> {
        self.open(vault, ACCOUNT, &self.account_sealed)
    }

    fn open(&self, vault: &Vault, column: Sealed, text: &[u8]) -> Result<String> {
        let place = column.at(Tenancy::named(&self.tenant)?, self.id);
        Ok(vault.unseal(&place, text)?)
    }

    /// Whether the bank may be told to pay the line now.
    pub fn is_payable(&self) -> Result<bool> {
        Ok(!self.held && self.state()?.after(Step::Send).is_ok())
    }
}

/// The next lines after `after` that wait in `state` for an order and are not held.
pub async fn waiting(
    tx: &Tx,
    (round, state): (i32, LineState),
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>> {
    let rows = tx.find::<Entity>();
    let rows = rows
        .filter(Column::Round.eq(round))
        .filter(Column::State.eq(state.as_str()))
        .filter(Column::Held.eq(false))
        .filter(Column::OrderId.is_null())
        .filter(Condition::all().add_option(after.map(|it| Column::Id.gt(it))))
        .order_by(Column::Id, Order::Asc)
        .limit(limit);
    Ok(rows.all(tx.connection()).await?)
}

/// The next lines of an order after `after`, and their cases.
pub async fn page_of_order(
    tx: &Tx,
    order: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<(Uuid, String)>> {
    let rows = tx.find::<Entity>().filter(Column::OrderId.eq(order));
    let rows = rows
        .filter(Condition::all().add_option(after.map(|it| Column::Id.gt(it))))
        .order_by(Column::Id, Order::Asc)
        .limit(limit)
        .select_only()
        .column(Column::Id)
        .column(Column::CaseName);
    Ok(rows.into_tuple().all(tx.connection()).await?)
}

/// Those of `ids` that the order still has, locked: nobody changes their account until the end of the
/// transaction.
pub async fn of_order(tx: &Tx, order: Uuid, ids: &[Uuid]) -> Result<Vec<Model>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows = tx
            .find::<Entity>()
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .filter(Column::OrderId.eq(order))
            .order_by(Column::Id, Order::Asc)
            .lock_exclusive();
        found.extend(rows.all(tx.connection()).await?);
    }
    Ok(found)
}

/// Lines of a batch that have one of `keys`.
pub async fn of_keys(tx: &Tx, batch: Uuid, keys: &[String]) -> Result<Vec<Model>> {
    let mut found = Vec::with_capacity(keys.len());
    for chunk in keys.chunks(CHUNK) {
        let rows = tx.find::<Entity>();
        let rows = rows
            .filter(Column::PaymentKey.is_in(chunk))
            .filter(Column::BatchId.eq(batch));
        found.extend(rows.all(tx.connection()).await?);
    }
    Ok(found)
}

/// Lines of cases, locked: what is said of them meets an order that sends them here.
pub async fn of_cases(tx: &Tx, cases: &[String]) -> Result<Vec<Model>> {
    let mut found = Vec::new();
    for chunk in cases.chunks(CHUNK) {
        // Which they are first: asked for them in the order of their ids, SQLite reads every line of the
        // county.
        let ids = tx.find::<Entity>().filter(Column::CaseName.is_in(chunk));
        let ids = ids.select_only().column(Column::Id).into_tuple();
        let ids: Vec<Uuid> = ids.all(tx.connection()).await?;
        for chunk in ids.chunks(CHUNK) {
            let rows = tx
                .find::<Entity>()
                .filter(Column::Id.is_in(chunk.iter().copied()))
                .order_by(Column::Id, Order::Asc)
                .lock_exclusive();
            found.extend(rows.all(tx.connection()).await?);
        }
    }
    Ok(found)
}

/// Cases of a roster that is coming in which are on other rosters too.
pub async fn cases_elsewhere(tx: &Tx, roster: &str) -> Result<Vec<String>> {
    let arriving = Query::select()
        .column(Column::CaseName)
        .from(Entity)
        .and_where(Column::Tenant.eq(tx.scope()))
        .and_where(Column::Roster.eq(roster))
        .and_where(Column::State.eq(LineState::Arriving.as_str()))
        .to_owned();
    let rows = tx
        .find::<Entity>()
        .filter(Column::Roster.ne(roster))
        .filter(Column::CaseName.in_subquery(arriving))
        .order_by(Column::CaseName, Order::Asc)
        .select_only()
        .column(Column::CaseName)
        .distinct();
    Ok(rows.into_tuple().all(tx.connection()).await?)
}

/// The lines of a roster have come in, all of them: they wait for an order from now on.
pub async fn arrived(tx: &Tx, roster: &str) -> Result<u64> {
    let done = tx
        .update_where::<Entity>()
        .col_expr(Column::State, Expr::value(LineState::Ready.as_str()))
        .filter(Column::Roster.eq(roster))
        .filter(Column::State.eq(LineState::Arriving.as_str()))
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected)
}

/// Lines of a roster that is coming in are as if they had never come: all, or those of `ids`.
pub async fn turn_away(tx: &Tx, roster: &str, ids: Option<&[Uuid]>) -> Result<()> {
    let ids = ids.map(|ids| Column::Id.is_in(ids.iter().copied()));
    tx.delete_where::<Entity>()
        .filter(Column::Roster.eq(roster))
        .filter(Column::State.eq(LineState::Arriving.as_str()))
        .filter(Condition::all().add_option(ids))
        .exec(tx.connection())
        .await?;
    Ok(())
}

fn unsent_state() -> Expr {
    Column::State.is_in([
        LineState::Arriving.as_str(),
        LineState::Ready.as_str(),
        LineState::Corrected.as_str(),
    ])
}

fn waiting_state() -> Expr {
    Column::State.is_in([LineState::Ready.as_str(), LineState::Corrected.as_str()])
}

/// Puts lines that no order has into `order`.
pub async fn assign(tx: &Tx, lines: &[Model], order: Uuid) -> Result<()> {
    for chunk in lines.chunks(CHUNK) {
        let done = tx
            .update_where::<Entity>()
            .col_expr(Column::OrderId, Expr::value(order))
            .filter(Column::Id.is_in(chunk.iter().map(|line| line.id)))
            .filter(Column::OrderId.is_null())
            .filter(waiting_state())
            .filter(Column::Held.eq(false))
            .exec(tx.connection())
            .await?;
        all_hit(&done, chunk.len())?;
    }
    Ok(())
}

/// Takes lines out of `order` that have not left with it.
pub async fn take_out(tx: &Tx, lines: &[Model], order: Uuid) -> Result<()> {
    for chunk in lines.chunks(CHUNK) {
        let done = tx
            .update_where::<Entity>()
            .col_expr(Column::OrderId, Expr::value(None::<Uuid>))
            .filter(Column::Id.is_in(chunk.iter().map(|line| line.id)))
            .filter(Column::OrderId.eq(order))
            .filter(Column::BatchId.is_null())
            .exec(tx.connection())
            .await?;
        all_hit(&done, chunk.len())?;
    }
    Ok(())
}

/// Sends lines of `order` in `batch`; a lost race unless all of them are still payable.
pub async fn send(tx: &Tx, lines: &[Model], order: Uuid, batch: Uuid) -> Result<()> {
    for chunk in lines.chunks(CHUNK) {
        let done = tx
            .update_where::<Entity>()
            .col_expr(Column::State, Expr::value(LineState::Sent.as_str()))
            .col_expr(Column::BatchId, Expr::value(batch))
            .filter(Column::Id.is_in(chunk.iter().map(|line| line.id)))
            .filter(Column::OrderId.eq(order))
            .filter(waiting_state())
            .filter(Column::Held.eq(false))
            .exec(tx.connection())
            .await?;
        all_hit(&done, chunk.len())?;
    }
    Ok(())
}

/// Settles sent lines of `batch`: by state and return code, their keys.
pub async fn settle(
    tx: &Tx,
    batch: Uuid,
    results: &BTreeMap<(LineState, String), Vec<String>>,
    on: Date,
) -> Result<()> {
    for ((state, code), keys) in results {
        for chunk in keys.chunks(CHUNK) {
            let done = tx
                .update_where::<Entity>()
                .col_expr(Column::State, Expr::value(state.as_str()))
                .col_expr(Column::ReturnCode, Expr::value(code.as_str()))
                .col_expr(Column::SettledOn, Expr::value(on))
                .filter(Column::BatchId.eq(batch))
                .filter(Column::PaymentKey.is_in(chunk))
                .filter(Column::State.eq(LineState::Sent.as_str()))
                .exec(tx.connection())
                .await?;
            all_hit(&done, chunk.len())?;
        }
    }
    Ok(())
}

/// Cancels lines that were not sent.
pub async fn cancel(tx: &Tx, lines: &[Uuid]) -> Result<()> {
    for chunk in lines.chunks(CHUNK) {
        let done = tx
            .update_where::<Entity>()
            .col_expr(Column::State, Expr::value(LineState::Cancelled.as_str()))
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .filter(unsent_state())
            .exec(tx.connection())
            .await?;
        all_hit(&done, chunk.len())?;
    }
    Ok(())
}

/// Holds or frees the lines of a case.
pub async fn set_held(tx: &Tx, case: &str, held: bool) -> Result<()> {
    tx.update_where::<Entity>()
        .col_expr(Column::Held, Expr::value(held))
        .filter(Column::CaseName.eq(case))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// The account a line is paid to.
#[derive(Clone, Debug)]
pub struct Account {
    /// Name on it, sealed.
    pub payee_sealed: Vec<u8>,
    /// Its number, sealed.
    pub sealed: Vec<u8>,
    /// Last digits of the number.
    pub tail: String,
    /// Bank where it is kept.
    pub bank_name: String,
}

/// Keeps new lines.
pub async fn insert_all(tx: &Tx, rows: Vec<Model>) -> Result<()> {
    let mut rows = rows.into_iter().map(fresh).peekable();
    while rows.peek().is_some() {
        tx.insert_all(rows.by_ref().take(CHUNK).collect()).await?;
    }
    Ok(())
}

/// Keeps the next attempt to pay what `line` did not: to `account`, waiting.
pub async fn insert_next_attempt(
    tx: &Tx,
    line: &Model,
    (id, payment_key): (Uuid, String),
    account: Account,
    held: bool,
) -> Result<()> {
    let next = Model {
        id,
        payment_key,
        attempt: line.attempt + 1,
        payee_sealed: account.payee_sealed,
        account_sealed: account.sealed,
        account_tail: account.tail,
        bank_name: account.bank_name,
        state: LineState::Corrected.as_str().into(),
        held,
        order_id: None,
        batch_id: None,
        return_code: String::new(),
        settled_on: None,
        ..line.clone()
    };
    tx.insert(fresh(next)).await?;
    Ok(())
}

/// The row as one to be inserted.
fn fresh(row: Model) -> ActiveModel {
    ActiveModel::from(row).reset_all()
}

/// A line that has left is another payee's from then on (C.7): what comes back of it is his. Account and key stay as they
/// were sent.
pub async fn hand_over(tx: &Tx, line: Uuid, payee_ref: &str) -> Result<()> {
    let done = tx
        .update_where::<Entity>()
        .set(ActiveModel {
            payee_ref: Set(payee_ref.into()),
            ..Default::default()
        })
        .filter(Column::Id.eq(line))
        .exec(tx.connection())
        .await?;
    all_hit(&done, 1)
}

/// Changes payee and account of a line that waits; a lost race if it was sent meanwhile. No order keeps it:
/// what was approved was another account.
pub async fn change_account(tx: &Tx, line: &Model, account: Account) -> Result<()> {
    let done = tx
        .update_where::<Entity>()
        .set(ActiveModel {
            payee_ref: Set(line.payee_ref.clone()),
            payment_key: Set(line.payment_key.clone()),
            payee_sealed: Set(account.payee_sealed),
            account_sealed: Set(account.sealed),
            account_tail: Set(account.tail),
            bank_name: Set(account.bank_name),
            order_id: Set(None),
            ..Default::default()
        })
        .filter(Column::Id.eq(line.id))
        .filter(unsent_state())
        .exec(tx.connection())
        .await?;
    all_hit(&done, 1)
}
