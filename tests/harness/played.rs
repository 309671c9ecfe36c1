//! What a played round left behind: a name of everything there is.

use std::{collections::BTreeMap, path::Path};

use super::{query::column, sqlite};

/// Collections of a county: where their rows lie, and what follows the county in their names.
const COLLECTIONS: [(&str, &str, &str); 15] = [
    ("cases/{case}", "eligibility", "'cases/'||id FROM cases"),
    (
        "notices/{notice}",
        "eligibility",
        "'notices/'||id FROM notices",
    ),
    (
        "rosters/{roster}",
        "eligibility",
        "'rosters/'||id FROM rosters",
    ),
    (
        "reviewRequests/{review}",
        "eligibility",
        "'reviewRequests/'||id FROM review_requests",
    ),
    (
        "answers/{answer}",
        "registry-verification",
        "'answers/'||lower(substr(hex(id), 1, 8)||'-'||substr(hex(id), 9, 4)||'-'||substr(hex(id), 13, 4)||'-'||substr(hex(id), 17, 4)||'-'||substr(hex(id), 21)) FROM answers",
    ),
    (
        "institutions/{institution}",
        "institution-registry",
        "'institutions/'||id FROM institutions",
    ),
    (
        "institutions/{institution}/changes/{change}",
        "institution-registry",
        "'institutions/'||institution_id||'/changes/'||id FROM changes",
    ),
    (
        "institutions/{institution}/useReports/{round}",
        "institution-registry",
        "'institutions/'||institution_id||'/useReports/'||round FROM use_reports",
    ),
    (
        "proposals/{proposal}",
        "funding-ledger",
        "'proposals/'||id FROM proposals",
    ),
    (
        "journals/{sequence}",
        "funding-ledger",
        "'journals/'||sequence FROM journals",
    ),
    (
        "batches/{batch}",
        "disbursement",
        "'batches/'||id FROM batches",
    ),
    (
        "batches/{batch}/reports/{report}",
        "disbursement",
        "'batches/'||batch_id||'/reports/'||id FROM result_reports",
    ),
    (
        "paymentOrders/{order}",
        "disbursement",
        "'paymentOrders/'||id FROM payment_orders",
    ),
    (
        "paymentLines/{line}",
        "disbursement",
        "'paymentLines/'||id FROM payment_lines",
    ),
    ("", "eligibility", "'' FROM cases"),
];

/// By pattern as in the contract, a name of something that exists in another county than
/// `county`. Patterns of which nothing exists are not there.
pub(crate) async fn names_outside(county: &str, data: &Path) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (collection, service, rest) in COLLECTIONS {
        let file = sqlite::open(&data.join(format!("{service}.db")))
            .await
            .expect(service);
        let separator = if collection.is_empty() { "" } else { "/" };
        let sql = format!(
            "SELECT 'counties/'||tenant||'{separator}'||{rest}
             WHERE tenant NOT IN ('{county}', '150200') ORDER BY 1 LIMIT 1"
        );
        let found = column(&file, &sql).await.expect(collection);
        if let Some(name) = found.into_iter().next() {
            names.insert(format!("counties/{{county}}{separator}{collection}"), name);
        }
    }
    names
}
