//! What a played round left behind: a name of everything there is.

use std::{collections::BTreeMap, path::Path};

use sea_orm::{DatabaseConnection, DbBackend};

use super::{cluster::Cluster, query::column, sqlite};

/// Collections of a county: where their rows lie, and how what follows the county in their names is
/// made of columns.
const COLLECTIONS: [(&str, &str, &str, &str); 17] = [
    ("cases/{case}", "eligibility", "cases", "cases/[id]"),
    ("notices/{notice}", "eligibility", "notices", "notices/[id]"),
    ("rosters/{roster}", "eligibility", "rosters", "rosters/[id]"),
    (
        "reviewRequests/{review}",
        "eligibility",
        "review_requests",
        "reviewRequests/[id]",
    ),
    (
        "answers/{answer}",
        "registry-verification",
        "answers",
        "answers/[id]",
    ),
    (
        "institutions/{institution}",
        "institution-registry",
        "institutions",
        "institutions/[id]",
    ),
    (
        "institutions/{institution}/changes/{change}",
        "institution-registry",
        "changes",
        "institutions/[institution_id]/changes/[id]",
    ),
    (
        "institutions/{institution}/useReports/{round}",
        "institution-registry",
        "use_reports",
        "institutions/[institution_id]/useReports/[round]",
    ),
    (
        "proposals/{proposal}",
        "funding-ledger",
        "proposals",
        "proposals/[id]",
    ),
    (
        "journals/{sequence}",
        "funding-ledger",
        "journals",
        "journals/[sequence]",
    ),
    ("batches/{batch}", "disbursement", "batches", "batches/[id]"),
    (
        "batches/{batch}/reports/{report}",
        "disbursement",
        "result_reports",
        "batches/[batch_id]/reports/[id]",
    ),
    (
        "paymentOrders/{order}",
        "disbursement",
        "payment_orders",
        "paymentOrders/[id]",
    ),
    (
        "paymentLines/{line}",
        "disbursement",
        "payment_lines",
        "paymentLines/[id]",
    ),
    (
        "services/{service}",
        "eligibility",
        "operation",
        "services/eligibility",
    ),
    (
        "services/{service}/operations/{operation}",
        "eligibility",
        "operation",
        "services/eligibility/operations/[id]",
    ),
    ("", "eligibility", "cases", ""),
];

/// Where a round was played.
pub(crate) enum Stores<'a> {
    /// In the files of a folder.
    Files(&'a Path),
    /// On a server.
    Server(&'a Cluster),
}

impl Stores<'_> {
    async fn of(&self, service: &str) -> DatabaseConnection {
        match self {
            Self::Server(cluster) => cluster.connect(&service.replace('-', "_")).await,
            Self::Files(data) => {
                let file = data.join(format!("{service}.db"));
                sqlite::open(&file).await.expect(service)
            }
        }
    }
}

/// The name as SQL. In files some services keep ids as text, some as the sixteen bytes.
fn in_sql(name: &str, backend: DbBackend) -> String {
    let parts = name.split('/').filter(|part| !part.is_empty());
    let part = |part: &str| match part.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        None => format!("||'/{part}'"),
        Some(column) if backend == DbBackend::Postgres => format!("||'/'||{column}::text"),
        Some(column) => {
            let bytes = |from, length| format!("substr(lower(hex({column})), {from}, {length})");
            let uuid = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)].map(|(a, b)| bytes(a, b));
            let uuid = uuid.join("||'-'||");
            format!("||'/'||CASE typeof({column}) WHEN 'blob' THEN {uuid} ELSE {column} END")
        }
    };
    parts.map(part).collect()
}

/// By pattern as in the contract, a name of something that exists in another county than
/// `county`. Patterns of which nothing exists are not there.
pub(crate) async fn names_outside(county: &str, stores: Stores<'_>) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (collection, service, table, name) in COLLECTIONS {
        let store = stores.of(service).await;
        let sql = format!(
            "SELECT 'counties/'||tenant{} FROM {table}
             WHERE tenant NOT IN ('{county}', '150200') ORDER BY 1 LIMIT 1",
            in_sql(name, store.get_database_backend())
        );
        let found = column(&store, &sql).await.expect(collection);
        if let Some(name) = found.into_iter().next() {
            let pattern = format!("counties/{{county}}/{collection}");
            names.insert(pattern.trim_end_matches('/').to_owned(), name);
        }
    }
    names
}
