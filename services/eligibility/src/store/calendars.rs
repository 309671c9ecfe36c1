//! Tables of working days that decisions rest on: once per content, for the whole city, for good.

use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder, sea_query::OnConflict};
use yuhui_kernel::Calendar;
use yuhui_platform::{Error, Result, db::Tx};

use row::{ActiveModel, Column, Entity, Model};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "calendars")]
    pub(crate) struct Model {
        /// [`yuhui_kernel::Calendar::digest`].
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) digest: String,
        /// [`yuhui_kernel::Calendar::to_csv`].
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Keeps a table; one that is kept stays as it is.
pub(crate) async fn keep(tx: &Tx, calendar: &Calendar) -> Result<()> {
    let row = ActiveModel {
        digest: Set(calendar.digest().to_owned()),
        body: Set(calendar.to_csv()),
    };
    Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Digest).do_nothing().to_owned())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// The table of that digest.
pub(crate) async fn get(tx: &Tx, digest: &str) -> Result<Option<Calendar>> {
    let row = Entity::find_by_id(digest).one(tx.connection()).await?;
    row.map(read).transpose()
}

/// Every table.
pub(crate) async fn all(tx: &Tx) -> Result<Vec<Calendar>> {
    let rows = Entity::find().order_by_asc(Column::Digest);
    let rows = rows.all(tx.connection()).await?;
    rows.into_iter().map(read).collect()
}

/// Reads a row. A table that is not the one kept decides nothing.
fn read(row: Model) -> Result<Calendar> {
    let corrupt = || Error::fault(format!("calendar {}: unreadable", row.digest));
    let calendar = Calendar::from_csv(&row.body).map_err(|_| corrupt())?;
    if calendar.digest() == row.digest {
        Ok(calendar)
    } else {
        Err(corrupt())
    }
}
