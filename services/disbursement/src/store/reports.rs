//! Reports of the bank and the results they hold.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::{NotSet, Set},
    entity::prelude::*,
    sea_query::Expr,
};
use yuhui_kernel::Hand;
use yuhui_platform::{
    Result,
    db::{TenantEntity, Tx},
};

use super::{CHUNK, all_hit, json, unjson, unknown};
use crate::domain::result::{BankResult, Outcome};

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
    /// Who authorised; it took effect then.
    pub authoriser: Option<Json>,
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
}

/// The result of one line. The primary key says: one result per payment key.
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
        /// Key of the line.
        #[sea_orm(primary_key, auto_increment = false)]
        pub payment_key: String,
        /// Batch of the line.
        pub batch_id: Uuid,
        /// Report that brought the result.
        pub report_id: Uuid,
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

/// Results reported before for `keys`, and the report that brought each.
pub async fn known(tx: &Tx, keys: &[String]) -> Result<BTreeMap<String, (Uuid, BankResult)>> {
    let mut found = BTreeMap::new();
    for chunk in keys.chunks(CHUNK) {
        let rows = tx.find::<results::Entity>();
        let rows = rows.filter(results::Column::PaymentKey.is_in(chunk));
        for row in rows.all(tx.connection()).await? {
            found.insert(row.payment_key.clone(), (row.report_id, row.result()?));
        }
    }
    Ok(found)
}

/// Results a report brought.
pub async fn results_of(tx: &Tx, report: Uuid) -> Result<Vec<BankResult>> {
    let rows = tx.find::<results::Entity>();
    let rows = rows.filter(results::Column::ReportId.eq(report));
    let rows = rows.all(tx.connection()).await?;
    rows.iter().map(results::Model::result).collect()
}

/// Keeps a report and its results.
pub async fn insert(
    tx: &Tx,
    (id, batch): (Uuid, Uuid),
    operator: &Hand,
    news: &[BankResult],
) -> Result<Model> {
    let report = ActiveModel {
        tenant: NotSet,
        id: Set(id),
        batch_id: Set(batch),
        result_count: Set(i32::try_from(news.len()).unwrap_or(i32::MAX)),
        operator: Set(json(operator)?),
        authoriser: Set(None),
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

/// Keeps that the report was authorised; a lost race if somebody else did.
pub async fn authorise(tx: &Tx, row: &Model, by: &Hand) -> Result<Model> {
    let next = Model {
        authoriser: Some(json(by)?),
        version: row.version + 1,
        ..row.clone()
    };
    let done = tx
        .update_where::<Entity>()
        .col_expr(Column::Authoriser, Expr::value(next.authoriser.clone()))
        .col_expr(Column::Version, Expr::value(next.version))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Version.eq(row.version))
        .exec(tx.connection())
        .await?;
    all_hit(&done, 1)?;
    Ok(next)
}
