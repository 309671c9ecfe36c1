//! What was kept before results could be declined is there afterwards, and is what it was.

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement,
};
use sea_orm_migration::MigratorTrait as _;
use yuhui_disbursement::Migrator;

use crate::stores;

const REPORT: &str = "00000000-0000-7000-8000-00000000000";

async fn told(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let all = Statement::from_string(connection.get_database_backend(), sql.to_owned());
    let rows = connection.query_all_raw(all).await.expect(sql);
    let rows = rows.iter().map(|it| it.try_get_by_index::<String>(0));
    rows.collect::<Result<_, _>>().expect("texts")
}

/// The county that is acted for; none: as a migration does.
async fn act_for(connection: &DatabaseConnection, county: &str) {
    if connection.get_database_backend() == DbBackend::Postgres {
        let sql = format!("SELECT set_config('yuhui.tenant', '{county}', false)");
        connection.execute_unprepared(&sql).await.expect("set");
    }
}

#[tokio::test]
async fn reports_and_results_of_before_are_kept() {
    let folder = tempfile::tempdir().expect("folder");
    let url = stores::owned(folder.path()).await;
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    let connection = Database::connect(options).await.expect("connected");
    let before = Migrator::migrations().len() - 1;
    let before = u32::try_from(before).expect("few");
    Migrator::up(&connection, Some(before))
        .await
        .expect("as before");
    act_for(&connection, "150203").await;
    let id = |number: u8| match connection.get_database_backend() {
        DbBackend::Postgres => format!("'{REPORT}{number}'"),
        _ => format!("X'0000000000007000800000000000000{number}'"),
    };
    for (number, authoriser) in [(1, "'{\"account\":\"a\",\"person\":null}'"), (2, "NULL")] {
        let (report, batch) = (id(number), id(9));
        let sql = format!(
            "INSERT INTO result_reports (tenant, id, batch_id, result_count, operator, authoriser, version)
                VALUES ('150203', {report}, {batch}, 1, '{{\"account\":\"o\",\"person\":null}}', {authoriser}, 1);
             INSERT INTO bank_results (tenant, payment_key, batch_id, report_id, outcome, return_code, bank_reference)
                VALUES ('150203', 'key {number}', {batch}, {report}, 'CREDITED', '', 'B')"
        );
        connection.execute_unprepared(&sql).await.expect("kept");
    }
    act_for(&connection, "").await;
    Migrator::up(&connection, None).await.expect("as now");

    act_for(&connection, "150203").await;
    let ended = told(&connection, "SELECT ended FROM result_reports ORDER BY id").await;
    assert_eq!(ended, ["", ""], "neither without effect");
    let keys = told(
        &connection,
        "SELECT payment_key FROM bank_results ORDER BY payment_key",
    )
    .await;
    assert_eq!(keys, ["key 1", "key 2"]);
    // A key may be reported again, by another report; what was reported is not changed.
    let again = format!(
        "INSERT INTO bank_results (tenant, payment_key, batch_id, report_id, outcome, return_code, bank_reference)
            VALUES ('150203', 'key 1', {}, {}, 'RETURNED', 'AC01', 'B')",
        id(9),
        id(2),
    );
    connection
        .execute_unprepared(&again)
        .await
        .expect("another report");
    let changed = connection.execute_unprepared("UPDATE bank_results SET outcome = 'RETURNED'");
    assert!(changed.await.is_err(), "append-only");
    let gone = connection
        .execute_unprepared("DELETE FROM bank_results")
        .await;
    assert!(gone.is_err(), "append-only");
}
