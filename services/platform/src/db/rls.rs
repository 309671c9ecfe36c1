//! What a migration calls for each table it makes: row-level security and the
//! grants of the service role on PostgreSQL, append-only triggers on both.

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr};
use sea_orm_migration::SchemaManager;

/// The role the services act as: no owner, no superuser, no bypass.
const ROLE: &str = "
    DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'yuhui_service') THEN
            CREATE ROLE yuhui_service NOLOGIN NOSUPERUSER NOBYPASSRLS;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- another service made it
    END $$;
    DO $$ BEGIN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO yuhui_service', current_schema());
        EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO yuhui_service', current_schema());
    END $$;";

/// What the triggers call on PostgreSQL.
const REFUSE_CHANGE: &str = "
    CREATE OR REPLACE FUNCTION yuhui_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;";

/// A tenant's table: its rows are seen and written by their tenant only, and
/// seen by `*`.
pub async fn protect(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    isolate(manager, table, "SELECT, INSERT, UPDATE, DELETE").await
}

/// A tenant's table to which rows are only ever added.
pub async fn append_only(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    isolate(manager, table, "SELECT, INSERT").await?;
    let sql = match manager.get_database_backend() {
        DbBackend::Sqlite => ["UPDATE", "DELETE"]
            .map(|change| {
                format!(
                    "CREATE TRIGGER \"{table}_no_{change}\" BEFORE {change} ON \"{table}\"
                     BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;"
                )
            })
            .concat(),
        _ => format!(
            "{REFUSE_CHANGE}
             CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON \"{table}\"
             FOR EACH STATEMENT EXECUTE FUNCTION yuhui_append_only();"
        ),
    };
    run(manager, &sql).await
}

/// Rows of a table stay for good, and these columns of them as they were written.
pub async fn keep(manager: &SchemaManager<'_>, table: &str, columns: &[&str]) -> Result<(), DbErr> {
    let changed = |unlike: &str| {
        let columns = columns.iter();
        let each = columns.map(|it| format!("OLD.\"{it}\" {unlike} NEW.\"{it}\""));
        each.collect::<Vec<_>>().join(" OR ")
    };
    let sql = match manager.get_database_backend() {
        DbBackend::Sqlite => format!(
            "CREATE TRIGGER \"{table}_no_DELETE\" BEFORE DELETE ON \"{table}\"
             BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
             CREATE TRIGGER \"{table}_no_UPDATE\" BEFORE UPDATE ON \"{table}\" WHEN {}
             BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;",
            changed("IS NOT")
        ),
        _ => format!(
            "{REFUSE_CHANGE}
             CREATE TRIGGER keep_rows BEFORE DELETE OR TRUNCATE ON \"{table}\"
             FOR EACH STATEMENT EXECUTE FUNCTION yuhui_append_only();
             CREATE TRIGGER keep_columns BEFORE UPDATE ON \"{table}\" FOR EACH ROW WHEN ({})
             EXECUTE FUNCTION yuhui_append_only();",
            changed("IS DISTINCT FROM")
        ),
    };
    run(manager, &sql).await
}

/// A table that belongs to no tenant, such as an index by keyed hash.
pub async fn open(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let grant = format!("GRANT SELECT, INSERT, UPDATE, DELETE ON \"{table}\" TO yuhui_service;");
    run(manager, &format!("{ROLE}{grant}")).await
}

/// A table that services read, and its owner writes.
pub async fn read_only(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let grant = format!("GRANT SELECT ON \"{table}\" TO yuhui_service;");
    run(manager, &format!("{ROLE}{grant}")).await
}

async fn isolate(manager: &SchemaManager<'_>, table: &str, grants: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    // FORCE: the owner is held to the policies too. A missing setting is NULL
    // and matches no row.
    let sql = format!(
        "{ROLE}
         ALTER TABLE \"{table}\" ENABLE ROW LEVEL SECURITY;
         ALTER TABLE \"{table}\" FORCE ROW LEVEL SECURITY;
         CREATE POLICY tenant_reads ON \"{table}\" FOR SELECT
            USING (current_setting('yuhui.tenant', true) IN (tenant, '*'));
         CREATE POLICY tenant_writes ON \"{table}\" FOR ALL
            USING (tenant = current_setting('yuhui.tenant', true))
            WITH CHECK (tenant = current_setting('yuhui.tenant', true));
         GRANT {grants} ON \"{table}\" TO yuhui_service;"
    );
    run(manager, &sql).await
}

async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    connection.execute_unprepared(sql).await.map(|_| ())
}
