//! Which service answers which path, from the contracts.

use std::collections::HashMap;

use prost_reflect::DescriptorPool;

/// Packages of the contracts that a service behind the gateway answers. The
/// others are the gateway's own, or spoken between services only.
pub(crate) const SERVICES: [(&str, &str); 8] = [
    ("yuhui.eligibility.v1", "eligibility"),
    ("yuhui.documents.v1", "eligibility"),
    ("yuhui.work.v1", "eligibility"),
    ("yuhui.portal.v1", "eligibility"),
    ("yuhui.registry.v1", "registry-verification"),
    ("yuhui.institution.v1", "institution-registry"),
    ("yuhui.funding.v1", "funding-ledger"),
    ("yuhui.disbursement.v1", "disbursement"),
];

/// Full names of the contracts' services, and who answers them.
pub(super) struct Table(HashMap<String, &'static str>);

impl Table {
    pub(super) fn of(pool: &DescriptorPool) -> Self {
        let answered = pool.services().filter_map(|contract| {
            let (_, service) = SERVICES
                .into_iter()
                .find(|(package, _)| *package == contract.package_name())?;
            Some((contract.full_name().to_owned(), service))
        });
        Self(answered.collect())
    }

    /// Who answers `/package.Service/Method`.
    pub(super) fn service(&self, path: &str) -> Option<&'static str> {
        let (contract, _) = path.strip_prefix('/')?.split_once('/')?;
        self.0.get(contract).copied()
    }
}

#[cfg(test)]
mod tests {
    use yuhui_platform::authz::Rules;

    use super::*;

    #[test]
    fn every_method_for_people_has_somebody_to_answer_it() {
        let pool = yuhui_proto::descriptor_pool();
        let (table, rules) = (Table::of(pool), Rules::from_pool(pool).expect("rules"));
        let own = [
            "yuhui.identity.v1.",
            "yuhui.audit.v1.",
            "yuhui.operations.v1.",
        ];
        for path in rules.paths() {
            let internal = rules.matrix().iter().any(|row| {
                row.path == path && row.public.is_none() && row.reaches.iter().all(Option::is_none)
            });
            let own = own.iter().any(|it| path[1..].starts_with(it));
            assert!(internal || own || table.service(path).is_some(), "{path}");
        }
    }

    #[test]
    fn what_is_in_no_contract_goes_nowhere() {
        let table = Table::of(yuhui_proto::descriptor_pool());
        assert_eq!(
            table.service("/yuhui.eligibility.v1.CaseService/ConfirmCase"),
            Some("eligibility")
        );
        for path in [
            "",
            "/",
            "/yuhui.eligibility.v1.Other/X",
            "/yuhui.internal.v1.EventSinkService/Deliver",
        ] {
            assert_eq!(table.service(path), None, "{path}");
        }
    }
}
