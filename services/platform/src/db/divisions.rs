//! Whom the installation serves: the city, its counties and their townships, kept in every service's
//! database, filled when its tables are made, and added to by its owner.

use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait as _,
    TransactionTrait as _,
};
use sea_orm_migration::SchemaManager;
use yuhui_kernel::divisions::{self, Division, Divisions};

use super::{DbConfig, pool::owner};
use crate::{Error, Result};

/// Fills the table with what the process serves.
pub(crate) async fn fill(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    add(connection, divisions::all()).await
}

async fn add(connection: &impl ConnectionTrait, table: &[Division]) -> Result<(), DbErr> {
    let rows = table.iter().map(|it| row::ActiveModel {
        code: Set(it.code_text.clone()),
        name: Set(it.name.clone()),
        statistical_only: Set(it.statistical_only),
    });
    row::Entity::insert_many(rows)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

async fn kept(connection: &impl ConnectionTrait) -> Result<Divisions> {
    let rows = row::Entity::find().all(connection).await?;
    let table: Result<Vec<Division>, _> = rows.into_iter().map(Division::try_from).collect();
    Divisions::try_from(table.map_err(|error| fault(&error))?).map_err(|error| fault(&error))
}

/// The process serves what the database says; before its tables are made, what they will be filled
/// with.
pub(super) async fn serve(connection: &DatabaseConnection, config: &DbConfig) -> Result<()> {
    let is_kept = SchemaManager::new(connection)
        .has_table("divisions")
        .await?;
    let served = match (is_kept, &config.divisions) {
        (true, _) => divisions::serve(kept(connection).await?),
        (false, Some(first)) => divisions::serve(first.clone()),
        (false, None) => return Ok(()),
    };
    served.map_err(|error| fault(&error))
}

/// The process serves what the database of `config` says, before it does anything else.
pub async fn take(config: &DbConfig) -> Result<()> {
    let connection = owner(config).await?;
    serve(&connection, config).await?;
    Ok(connection.close().await?)
}

/// Adds the lines of `csv` that the database of `config` has not, as its owner; how many.
/// Processes that are started from then on serve them.
///
/// # Errors
/// As [`Divisions::and`]; nothing is added then.
pub async fn extend(config: &DbConfig, csv: &str) -> Result<usize> {
    let owner = owner(config).await?;
    let transaction = owner.begin().await?;
    let before = kept(&transaction).await?;
    let after = before.and(csv).map_err(|error| fault(&error))?;
    let is_new = |it: &&Division| !before.table().contains(it);
    let new: Vec<Division> = after.table().iter().filter(is_new).cloned().collect();
    if !new.is_empty() {
        add(&transaction, &new).await?;
    }
    transaction.commit().await?;
    owner.close().await?;
    Ok(new.len())
}

fn fault(error: &impl std::fmt::Display) -> Error {
    Error::fault(format!("divisions: {error}"))
}

mod row {
    use sea_orm::entity::prelude::*;
    use yuhui_kernel::{DivisionCodeError, divisions::Division};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "divisions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub name: String,
        pub statistical_only: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TryFrom<Model> for Division {
        type Error = DivisionCodeError;

        fn try_from(row: Model) -> Result<Self, Self::Error> {
            Ok(Self {
                code: row.code.parse()?,
                code_text: row.code,
                name: row.name,
                statistical_only: row.statistical_only,
            })
        }
    }
}
