//! Which cases share a system: those under the same parameters. A case with
//! totals has a system of its own, so that the county's book holds nothing
//! else.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::{Map, Value};
use yuhui_policy::{PolicyPack, case_file::Case};

/// Cases played together.
pub(super) struct Group<'a> {
    /// Parameters that differ from the default.
    params: Map<String, Value>,
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

    /// The policy under which it is played.
    pub(super) fn pack(&self) -> anyhow::Result<PolicyPack> {
        let pack = PolicyPack::baotou().with_overrides(&self.params);
        pack.with_context(|| {
            let first = self.cases.first().map_or("", |case| case.id.as_str());
            format!("parameters of case {first}")
        })
    }
}
