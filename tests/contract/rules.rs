//! Every method says who may call it, and no hand holds two powers.

use std::collections::BTreeSet;

use crate::harness::contract::{methods, path_of, rules};

#[test]
fn every_method_of_the_contract_has_a_rule() {
    let declared: BTreeSet<String> = methods().map(|method| path_of(&method)).collect();
    let rules = rules();
    let ruled: BTreeSet<String> = rules.paths().map(ToOwned::to_owned).collect();
    assert!(declared.len() > 90, "{} methods", declared.len());
    assert_eq!(declared, ruled);
}

#[test]
fn no_role_reaches_two_powers() {
    assert_eq!(rules().violations(), Vec::<String>::new());
}

#[test]
fn every_method_admits_somebody_and_every_role_may_do_something() {
    let (rules, rows) = (rules(), rules().matrix());
    for row in &rows {
        let people = row.public.is_some() || row.reaches.iter().any(Option::is_some);
        assert!(people || !row.services.is_empty(), "{}", row.path);
    }
    for (role, _) in rules.roles() {
        let own = rows
            .iter()
            .filter(|row| !row.path.starts_with("/yuhui.identity.v1.IdentityService/"))
            .any(|row| row.public.is_none() && row.reach_of(role, &rules.roles()).is_some());
        // The system administrator keeps machines, and has no business at all (SOD-4).
        let idle = role.as_str_name() == "ROLE_SYSTEM_ADMINISTRATOR";
        assert!(own || idle, "{} may call nothing", role.as_str_name());
    }
}

#[test]
fn what_services_ask_one_another_is_apart() {
    // Integrators build nothing on it, and it may change between versions that are replaced together.
    for row in &rules().matrix() {
        let people = row.public.is_some() || row.reaches.iter().any(Option::is_some);
        let internal = row.path.starts_with("/yuhui.internal.");
        assert!(people != internal, "{}", row.path);
    }
}

#[test]
fn the_city_acts_on_no_case() {
    // SOD-7: it records rosters and allocates money, and reads everything. A hold is discipline inspection's of the
    // county and of the city (F28).
    let rules = rules();
    for row in rules.matrix().iter().filter(|row| row.acts) {
        let on_a_case = row.path.contains(".CaseService/") || row.path.contains(".NoticeService/");
        let on_a_case = on_a_case && !row.path.ends_with("Hold") && !row.path.ends_with("HoldCase");
        for (role, spec) in rules.roles() {
            let municipal = spec.level().as_str_name() == "LEVEL_MUNICIPAL";
            let admitted = row.reach_of(role, &rules.roles()).is_some();
            assert!(
                !(on_a_case && municipal && admitted),
                "{} may call {}",
                role.as_str_name(),
                row.path
            );
        }
    }
}
