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
            "CREATE OR REPLACE FUNCTION yuhui_append_only() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
             CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON \"{table}\"
             FOR EACH STATEMENT EXECUTE FUNCTION yuhui_append_only();"
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
