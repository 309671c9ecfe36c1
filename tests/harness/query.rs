//! What tests ask a database, beside the system.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

/// First column of every row of `sql`, as text.
pub(crate) async fn column(
    connection: &impl ConnectionTrait,
    sql: &str,
) -> Result<Vec<String>, DbErr> {
    let rows = rows(connection, sql).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// The one number that `sql` asks for.
pub(crate) async fn number(connection: &impl ConnectionTrait, sql: &str) -> Result<i64, DbErr> {
    let rows = rows(connection, sql).await?;
    rows[0].try_get_by_index(0)
}

async fn rows(connection: &impl ConnectionTrait, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    connection.query_all_raw(statement).await
}
