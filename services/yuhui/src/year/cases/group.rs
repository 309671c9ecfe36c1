//! Which cases share a system: those under the same parameters. A case with
//! totals has a system of its own, so that the county's book holds nothing
//! else.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use yuhui_policy::case_file::Case;

/// Cases played together.
pub(super) struct Group<'a> {
    /// Parameters that differ from the default.
    pub(super) params: Map<String, Value>,
    /// The cases, in the order of the file.
    pub(super) cases: Vec<&'a Case>,
}

impl<'a> Group<'a> {
    /// The groups of a file, in a stable order.
    pub(super) fn of(cases: impl Iterator<Item = &'a Case>) -> Vec<Self> {
        let mut groups: BTreeMap<(String, &str), Self> = BTreeMap::new();
        for case in cases {
            let alone = if case.expected_totals.is_empty() {
                ""
            } else {
                case.id.as_str()
            };
            let key = (Value::Object(case.params.clone()).to_string(), alone);
            let group = groups.entry(key).or_insert_with(|| Self {
                params: case.params.clone(),
                cases: Vec::new(),
            });
            group.cases.push(case);
        }
        groups.into_values().collect()
    }

    /// Id of its first case.
    pub(super) fn first_id(&self) -> &str {
        self.cases.first().map_or("", |case| case.id.as_str())
    }
}
