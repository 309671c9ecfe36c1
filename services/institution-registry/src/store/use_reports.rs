//! Reports on the use of the money (I6).

use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, entity::prelude::*};
use time::Date;
use yuhui_kernel::Money;
use yuhui_platform::{
    Result,
    db::{TenantEntity, Tx},
    paging::Page,
    refusal,
};

use super::corrupt;
use crate::domain::{Review, UseReport, Verdict};

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
    /// What the county found of it; empty before.
    pub verdict: String,
    /// In words.
    pub words: String,
    /// Account that reviewed it.
    pub reviewed_by: String,
    /// When.
    pub reviewed_on: Option<Date>,
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

/// A report as it is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What is reported.
    pub report: UseReport,
    /// Day of the report.
    pub submitted_on: Date,
    /// What the county found of it, and when.
    pub review: Option<(Review, Date)>,
}

/// The report of a round.
pub async fn find(tx: &Tx, institution: Uuid, round: i32) -> Result<Option<Kept>> {
    let row = tx
        .find::<Entity>()
        .filter(Column::InstitutionId.eq(institution))
        .filter(Column::Round.eq(round))
        .one(tx.connection())
        .await?;
    row.map(read).transpose()
}

/// A page of the reports of an institution, by round.
pub async fn page(tx: &Tx, institution: Uuid, page: &Page) -> Result<Vec<Kept>> {
    let mut query = tx
        .find::<Entity>()
        .filter(Column::InstitutionId.eq(institution))
        .order_by_asc(Column::Round)
        .limit(page.limit());
    if let Some(after) = page.key(|it| it.parse::<i32>().ok())? {
        query = query.filter(Column::Round.gt(after));
    }
    let rows = query.all(tx.connection()).await?;
    rows.into_iter().map(read).collect()
}

/// Keeps what the county found of a report.
pub async fn review(
    tx: &Tx,
    institution: Uuid,
    round: i32,
    today: Date,
    review: &Review,
) -> Result<()> {
    let done = tx
        .update_where::<Entity>()
        .set(ActiveModel {
            verdict: Set(review.verdict.as_str().to_owned()),
            words: Set(review.words.clone()),
            reviewed_by: Set(review.by.clone()),
            reviewed_on: Set(Some(today)),
            ..<ActiveModel as Default>::default()
        })
        .filter(Column::InstitutionId.eq(institution))
        .filter(Column::Round.eq(round))
        .exec(tx.connection())
        .await?;
    match done.rows_affected {
        1 => Ok(()),
        _ => Err(refusal::aborted().into()),
    }
}

fn read(row: Model) -> Result<Kept> {
    let review = match row.reviewed_on {
        None => None,
        Some(on) => {
            let verdict = Verdict::parse(&row.verdict).ok_or_else(|| corrupt("use_reports"))?;
            let (words, by) = (row.words, row.reviewed_by);
            Some((Review { verdict, words, by }, on))
        }
    };
    Ok(Kept {
        report: UseReport {
            round: row.round,
            operating: Money::from_fen(row.operating_fen),
            other: Money::from_fen(row.other_fen),
            note: row.note,
        },
        submitted_on: row.submitted_on,
        review,
    })
}

/// Keeps a report; an earlier one of the same round is replaced, with what was found of it, and answered.
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
        verdict: Set(String::new()),
        words: Set(String::new()),
        reviewed_by: Set(String::new()),
        reviewed_on: Set(None),
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
