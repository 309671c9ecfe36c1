//! Reports of the bank and the results they hold.

use std::collections::{BTreeMap, HashSet};

use sea_orm::{
    ActiveValue::{NotSet, Set},
    Condition, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::Expr,
};
use yuhui_kernel::{Hand, proposal::ProposalState};
use yuhui_platform::{
    Result,
    db::{TenantEntity, Tx},
    paging::Page,
};

use super::{CHUNK, all_hit, json, unjson, unknown};
use crate::domain::result::{BankResult, Outcome, digest};

/// A report, waiting for the authoriser or authorised.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "result_reports")]
pub struct Model {
    /// County.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// Id, ascending in time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Batch it is about.
    pub batch_id: Uuid,
    /// Results.
    pub result_count: i32,
    /// Who reported.
    pub operator: Json,
    /// Who authorised, declined or withdrew it.
    pub authoriser: Option<Json>,
    /// How it ended, if without effect.
    pub ended: String,
    /// Why it was declined or withdrawn.
    pub words: String,
    /// What it says, in one word; empty of one that is older than digests.
    pub digest: String,
    /// Lines credited.
    pub credited_count: i32,
    /// Their sum in fen.
    pub credited_fen: i64,
    /// Lines returned.
    pub returned_count: i32,
    /// Their sum in fen.
    pub returned_fen: i64,
    /// Counts changes: a change of an older version loses the race.
    pub version: i32,
}

/// No relations: reports are found by their columns.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}

impl Model {
    /// Who reported.
    pub fn operator(&self) -> Result<Hand> {
        unjson(&self.operator)
    }

    /// Who ended it.
    pub fn ended_by(&self) -> Result<Option<Hand>> {
        self.authoriser.as_ref().map(unjson).transpose()
    }

    /// The state.
    pub fn state(&self) -> Result<ProposalState> {
        let state = ProposalState::read(&self.ended, self.authoriser.is_some());
        state.ok_or_else(|| unknown("report state", &self.ended))
    }
}

/// The result of one line, as a report says it.
pub mod results {
    use sea_orm::entity::prelude::*;
    use yuhui_platform::db::TenantEntity;

    /// A result, never changed.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bank_results")]
    pub struct Model {
        /// County.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        /// Report that brought the result.
        #[sea_orm(primary_key, auto_increment = false)]
        pub report_id: Uuid,
        /// Key of the line.
        #[sea_orm(primary_key, auto_increment = false)]
        pub payment_key: String,
        /// Batch of the line.
        pub batch_id: Uuid,
        /// Outcome.
        pub outcome: String,
        /// Return code, empty if credited.
        pub return_code: String,
        /// Reference of the bank.
        pub bank_reference: String,
    }

    /// No relations: results are found by their columns.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TenantEntity for Entity {
        fn tenant_column() -> Column {
            Column::Tenant
        }
    }
}

impl results::Model {
    /// The result.
    pub fn result(&self) -> Result<BankResult> {
        let outcome = Outcome::named(&self.outcome);
        Ok(BankResult {
            payment_key: self.payment_key.clone(),
            outcome: Some(outcome.ok_or_else(|| unknown("outcome", &self.outcome))?),
            return_code: self.return_code.clone(),
            bank_reference: self.bank_reference.clone(),
        })
    }
}

/// The report, if the county has it.
pub async fn get(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    let rows = tx.find::<Entity>().filter(Column::Id.eq(id));
    Ok(rows.one(tx.connection()).await?)
}

/// A page of the reports on a batch, oldest first; no state: all.
pub async fn page(
    tx: &Tx,
    batch: Uuid,
    states: &[ProposalState],
    page: &Page,
) -> Result<Vec<Model>> {
    let after = page.key(|it| it.parse::<Uuid>().ok())?;
    let states = (!states.is_empty()).then(|| {
        let any = states.iter().map(|it| stands(*it));
        any.fold(Condition::any(), Condition::add)
    });
    let rows = tx
        .find::<Entity>()
        .filter(Column::BatchId.eq(batch))
        .filter(
            Condition::all()
                .add_option(after.map(|it| Column::Id.gt(it)))
                .add_option(states),
        )
        .order_by_asc(Column::Id)
        .limit(page.limit());
    Ok(rows.all(tx.connection()).await?)
}

/// In that state.
fn stands(state: ProposalState) -> Condition {
    let has_ended = match state {
        ProposalState::Waiting => Column::Authoriser.is_null(),
        _ => Column::Authoriser.is_not_null(),
    };
    Condition::all()
        .add(has_ended)
        .add(Column::Ended.eq(state.kept()))
}

/// Results of a batch that stand for `keys`, and the report that brought each: nobody has declined or withdrawn
/// it.
pub async fn known(
    tx: &Tx,
    batch: Uuid,
    keys: &[String],
) -> Result<BTreeMap<String, (Uuid, BankResult)>> {
    let ended = tx
        .find::<Entity>()
        .filter(Column::BatchId.eq(batch))
        .filter(Column::Ended.ne(""))
        .select_only()
        .column(Column::Id);
    let ended: Vec<Uuid> = ended.into_tuple().all(tx.connection()).await?;
    let ended: HashSet<Uuid> = ended.into_iter().collect();
    let mut found = BTreeMap::new();
    for chunk in keys.chunks(CHUNK) {
        let rows = tx.find::<results::Entity>();
        let rows = rows.filter(results::Column::PaymentKey.is_in(chunk));
        for row in rows.all(tx.connection()).await? {
            if !ended.contains(&row.report_id) {
                found.insert(row.payment_key.clone(), (row.report_id, row.result()?));
            }
        }
    }
    Ok(found)
}

/// Results a report brought, in the order of their keys.
pub async fn results_of(tx: &Tx, report: Uuid) -> Result<Vec<BankResult>> {
    let rows = tx
        .find::<results::Entity>()
        .filter(results::Column::ReportId.eq(report))
        .order_by_asc(results::Column::PaymentKey);
    let rows = rows.all(tx.connection()).await?;
    rows.iter().map(results::Model::result).collect()
}

/// A page of the same.
pub async fn results_page(tx: &Tx, report: Uuid, page: &Page) -> Result<Vec<BankResult>> {
    let after = page.after().map(|it| results::Column::PaymentKey.gt(it));
    let rows = tx
        .find::<results::Entity>()
        .filter(results::Column::ReportId.eq(report))
        .filter(Condition::all().add_option(after))
        .order_by_asc(results::Column::PaymentKey)
        .limit(page.limit());
    let rows = rows.all(tx.connection()).await?;
    rows.iter().map(results::Model::result).collect()
}

/// What a report comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines.
    pub count: i32,
    /// Their sum in fen.
    pub fen: i64,
}

/// Keeps a report and its results.
pub async fn insert(
    tx: &Tx,
    (id, batch): (Uuid, Uuid),
    operator: &Hand,
    news: &[BankResult],
    (credited, returned): (Tally, Tally),
) -> Result<Model> {
    let report = ActiveModel {
        tenant: NotSet,
        id: Set(id),
        batch_id: Set(batch),
        result_count: Set(i32::try_from(news.len()).unwrap_or(i32::MAX)),
        operator: Set(json(operator)?),
        authoriser: Set(None),
        ended: Set(String::new()),
        words: Set(String::new()),
        digest: Set(digest(news)),
        credited_count: Set(credited.count),
        credited_fen: Set(credited.fen),
        returned_count: Set(returned.count),
        returned_fen: Set(returned.fen),
        version: Set(1),
    };
    let report = tx.insert(report).await?;
    for chunk in news.chunks(CHUNK) {
        let rows = chunk.iter().map(|it| results::ActiveModel {
            tenant: NotSet,
            payment_key: Set(it.payment_key.clone()),
            batch_id: Set(batch),
            report_id: Set(id),
            outcome: Set(it.outcome.map_or("", Outcome::as_str).into()),
            return_code: Set(it.return_code.clone()),
            bank_reference: Set(it.bank_reference.clone()),
        });
        tx.insert_all(rows.collect()).await?;
    }
    Ok(report)
}

/// Keeps how the report ended; a lost race if somebody else ended it.
pub async fn end(
    tx: &Tx,
    row: &Model,
    state: ProposalState,
    by: &Hand,
    words: &str,
) -> Result<Model> {
    let next = Model {
        authoriser: Some(json(by)?),
        ended: state.kept().into(),
        words: words.into(),
        version: row.version + 1,
        ..row.clone()
    };
    let done = tx
        .update_where::<Entity>()
        .col_expr(Column::Authoriser, Expr::value(next.authoriser.clone()))
        .col_expr(Column::Ended, Expr::value(next.ended.as_str()))
        .col_expr(Column::Words, Expr::value(next.words.as_str()))
        .col_expr(Column::Version, Expr::value(next.version))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Version.eq(row.version))
        .exec(tx.connection())
        .await?;
    all_hit(&done, 1)?;
    Ok(next)
}
