//! Codes of receipts and reports, as keyed hashes, and how often somebody was wrong about one.

use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QuerySelect, sea_query::OnConflict};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{Error, Result, db::Tx};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "public_codes")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: String,
        /// Id of the case or report.
        pub(crate) object: String,
        /// Keyed hash of number and code.
        pub(crate) digest: String,
        /// Day of the misses that are counted.
        pub(crate) missed_on: String,
        pub(crate) misses: i64,
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

/// A number with its code.
pub(crate) struct Kept {
    /// Id of the case or report.
    pub(crate) object: Uuid,
    /// Keyed hash of number and code.
    pub(crate) digest: String,
    missed_on: String,
    misses: i64,
}

impl Kept {
    /// How often somebody was wrong on that day.
    pub(crate) fn misses(&self, on: Date) -> i64 {
        match self.missed_on == dates::format(on) {
            true => self.misses,
            false => 0,
        }
    }
}

/// The code of a number from now on, instead of one that it had.
pub(crate) async fn put(tx: &Tx, number: &str, object: Uuid, digest: String) -> Result<()> {
    let row = entity::ActiveModel {
        tenant: Set(tx.scope().to_owned()),
        number: Set(number.into()),
        object: Set(object.to_string()),
        digest: Set(digest),
        missed_on: Set(String::new()),
        misses: Set(0),
    };
    let instead = OnConflict::columns([entity::Column::Tenant, entity::Column::Number])
        .update_columns([
            entity::Column::Digest,
            entity::Column::MissedOn,
            entity::Column::Misses,
        ])
        .to_owned();
    tx.write_all(vec![row], &instead).await?;
    Ok(())
}

/// What is kept of a number.
pub(crate) async fn get(tx: &Tx, number: &str) -> Result<Option<Kept>> {
    let row = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Number.eq(number))
        .one(tx.connection())
        .await?;
    row.map(read).transpose()
}

/// Counts that somebody was wrong.
pub(crate) async fn miss(tx: &Tx, number: &str, on: Date) -> Result<()> {
    let row = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Number.eq(number))
        .lock_exclusive()
        .one(tx.connection())
        .await?;
    let Some(kept) = row.map(read).transpose()? else {
        return Ok(());
    };
    let row = entity::ActiveModel {
        missed_on: Set(dates::format(on)),
        misses: Set(kept.misses(on).saturating_add(1)),
        ..Default::default()
    };
    tx.update_where::<entity::Entity>()
        .set(row)
        .filter(entity::Column::Number.eq(number))
        .exec(tx.connection())
        .await?;
    Ok(())
}

fn read(row: entity::Model) -> Result<Kept> {
    Ok(Kept {
        object: Uuid::parse_str(&row.object)
            .map_err(|_| Error::fault("a code has an unreadable object"))?,
        digest: row.digest,
        missed_on: row.missed_on,
        misses: row.misses,
    })
}
