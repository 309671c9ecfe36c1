-- One database per service, owned by yuhui_owner; only its own service connects.
-- Run once per server by a superuser, after roles.sql. In the commands of `yuhui`:
--
--   --postgres       'postgres://yuhui_{service}:…@host/yuhui_{service}'
--   --postgres-owner 'postgres://yuhui_owner:…@host/yuhui_{service}'

CREATE DATABASE yuhui_eligibility OWNER yuhui_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE yuhui_eligibility FROM PUBLIC;
GRANT CONNECT ON DATABASE yuhui_eligibility TO yuhui_eligibility;

CREATE DATABASE yuhui_registry_verification OWNER yuhui_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE yuhui_registry_verification FROM PUBLIC;
GRANT CONNECT ON DATABASE yuhui_registry_verification TO yuhui_registry_verification;

CREATE DATABASE yuhui_institution_registry OWNER yuhui_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE yuhui_institution_registry FROM PUBLIC;
GRANT CONNECT ON DATABASE yuhui_institution_registry TO yuhui_institution_registry;

CREATE DATABASE yuhui_funding_ledger OWNER yuhui_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE yuhui_funding_ledger FROM PUBLIC;
GRANT CONNECT ON DATABASE yuhui_funding_ledger TO yuhui_funding_ledger;

CREATE DATABASE yuhui_disbursement OWNER yuhui_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE yuhui_disbursement FROM PUBLIC;
GRANT CONNECT ON DATABASE yuhui_disbursement TO yuhui_disbursement;

CREATE DATABASE yuhui_gateway OWNER yuhui_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE yuhui_gateway FROM PUBLIC;
GRANT CONNECT ON DATABASE yuhui_gateway TO yuhui_gateway;
