-- The roles of Yuhui. Run once per server by a superuser, before databases.sql:
--
--   psql -v ON_ERROR_STOP=1 -f deploy/postgres/roles.sql
--   psql -v ON_ERROR_STOP=1 -f deploy/postgres/databases.sql
--
-- The roles have no password yet: deploy/postgres/passwords gives each its own.

-- Owns databases and tables, and migrates them. No service runs as it; held to
-- row-level security all the same, as it is forced.
CREATE ROLE yuhui_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;

-- What any service may do with the tables of its database. The migrations grant
-- it table by table; row-level security confines it to one tenant per transaction.
CREATE ROLE yuhui_service NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;

-- Each service connects as itself, to its own database only.
CREATE ROLE yuhui_eligibility LOGIN NOBYPASSRLS IN ROLE yuhui_service;
CREATE ROLE yuhui_registry_verification LOGIN NOBYPASSRLS IN ROLE yuhui_service;
CREATE ROLE yuhui_institution_registry LOGIN NOBYPASSRLS IN ROLE yuhui_service;
CREATE ROLE yuhui_funding_ledger LOGIN NOBYPASSRLS IN ROLE yuhui_service;
CREATE ROLE yuhui_disbursement LOGIN NOBYPASSRLS IN ROLE yuhui_service;
CREATE ROLE yuhui_gateway LOGIN NOBYPASSRLS IN ROLE yuhui_service;

-- Copies the files of the server (deploy/postgres/backup), and reads no table.
CREATE ROLE yuhui_backup LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
