//! Seeds of rounds, which belong to the whole city, and the samples of rosters.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{Error, Result, db::Tx};

use super::one_row;
use crate::domain::sampling::{Sampled, Seed};

mod seeds {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sampling_seeds")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) round: i64,
        pub(crate) seed: String,
        pub(crate) published_on: String,
    }

    impl ActiveModelBehavior for ActiveModel {}

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}
}

mod drawn {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "roster_samples")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) roster: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) case_id: String,
        pub(crate) digest: String,
        pub(crate) result: String,
        pub(crate) body: String,
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl yuhui_platform::db::TenantEntity for Entity {
        fn tenant_column() -> Column {
            Column::Tenant
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}
}

/// The seed of a round, if it was published.
pub(crate) async fn seed(tx: &Tx, round: i32) -> Result<Option<Seed>> {
    let row = seeds::Entity::find_by_id(i64::from(round))
        .one(tx.connection())
        .await?;
    row.map(|row| {
        let published_on = dates::parse(&row.published_on)
            .map_err(|_| Error::fault("a seed has an unreadable date"))?;
        Ok(Seed {
            round,
            text: row.seed,
            published_on,
        })
    })
    .transpose()
}

/// Publishes a seed; false if the round has one already.
pub(crate) async fn publish(tx: &Tx, seed: &Seed) -> Result<bool> {
    let row = seeds::ActiveModel {
        round: Set(seed.round.into()),
        seed: Set(seed.text.clone()),
        published_on: Set(dates::format(seed.published_on)),
    };
    let written = seeds::Entity::insert(row)
        .on_conflict(
            OnConflict::column(seeds::Column::Round)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx.connection())
        .await?;
    Ok(written == 1)
}

/// Keeps the sample of a roster.
pub(crate) async fn insert(tx: &Tx, roster: Uuid, sample: &[Sampled]) -> Result<()> {
    let rows: Result<Vec<_>> = sample.iter().map(|it| row(roster, it)).collect();
    tx.insert_all(rows?).await
}

/// The sample of a roster, by digest; empty if none was drawn.
pub(crate) async fn of(tx: &Tx, roster: Uuid) -> Result<Vec<Sampled>> {
    let rows = tx
        .find::<drawn::Entity>()
        .filter(drawn::Column::Roster.eq(roster.to_string()))
        .order_by_asc(drawn::Column::Digest)
        .all(tx.connection())
        .await?;
    rows.into_iter()
        .map(|it| Ok(serde_json::from_str(&it.body)?))
        .collect()
}

/// The line of a sample that is about a case.
pub(crate) async fn line(tx: &Tx, roster: Uuid, case: Uuid) -> Result<Option<Sampled>> {
    let row = tx
        .find::<drawn::Entity>()
        .filter(drawn::Column::Roster.eq(roster.to_string()))
        .filter(drawn::Column::CaseId.eq(case.to_string()))
        .one(tx.connection())
        .await?;
    row.map(|it| Ok(serde_json::from_str(&it.body)?))
        .transpose()
}

/// Whether a case was drawn for a sample, of whichever roster.
pub(crate) async fn has(tx: &Tx, case: Uuid) -> Result<bool> {
    let any = tx
        .find::<drawn::Entity>()
        .filter(drawn::Column::CaseId.eq(case.to_string()));
    Ok(any.one(tx.connection()).await?.is_some())
}

/// Whether a sample of a roster was drawn.
pub(crate) async fn is_drawn(tx: &Tx, roster: Uuid) -> Result<bool> {
    let any = tx
        .find::<drawn::Entity>()
        .filter(drawn::Column::Roster.eq(roster.to_string()));
    Ok(any.one(tx.connection()).await?.is_some())
}

/// Writes what was found of a line; what was known of it before must not have changed.
pub(crate) async fn update(tx: &Tx, roster: Uuid, before: &Sampled, after: &Sampled) -> Result<()> {
    let result = tx
        .update_where::<drawn::Entity>()
        .set(row(roster, after)?)
        .filter(drawn::Column::Roster.eq(roster.to_string()))
        .filter(drawn::Column::CaseId.eq(after.case.to_string()))
        .filter(drawn::Column::Result.eq(result(before)))
        .exec(tx.connection())
        .await?;
    one_row(result.rows_affected)
}

fn result(line: &Sampled) -> &'static str {
    line.result().map_or("", |it| it.as_str())
}

fn row(roster: Uuid, line: &Sampled) -> Result<drawn::ActiveModel> {
    Ok(drawn::ActiveModel {
        tenant: NotSet,
        roster: Set(roster.to_string()),
        case_id: Set(line.case.to_string()),
        digest: Set(line.digest.clone()),
        result: Set(result(line).into()),
        body: Set(serde_json::to_string(line)?),
    })
}
