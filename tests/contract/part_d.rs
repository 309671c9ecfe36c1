//! Who may call what is what part D of the law's analysis says, cell by cell, both ways.

use std::collections::BTreeSet;

use yuhui_proto::authz::v1::Reach;

use crate::harness::{contract::rules, part_d::PartD};

#[test]
fn every_method_has_a_cell_and_every_role_a_row() {
    let table = PartD::read();
    let rules = rules();
    let methods: BTreeSet<&str> = rules.paths().collect();
    let written: BTreeSet<&str> = table.methods().collect();
    let without: Vec<_> = methods.difference(&written).collect();
    let gone: Vec<_> = written.difference(&methods).collect();
    assert!(
        without.is_empty() && gone.is_empty(),
        "no cell: {without:#?}, no method: {gone:#?}"
    );
    let names = rules.roles().into_iter().map(|(role, _)| {
        let name = role.as_str_name().trim_start_matches("ROLE_");
        name.to_lowercase()
    });
    let roles: BTreeSet<String> = names.collect();
    let rows: BTreeSet<String> = table.roles().map(ToOwned::to_owned).collect();
    assert_eq!(roles, rows);
}

#[test]
fn the_contract_grants_what_part_d_grants_and_no_more() {
    let table = PartD::read();
    let rules = rules();
    let roles = rules.roles();
    let mut found = Vec::new();
    for row in rules.matrix() {
        let path = &row.path;
        if row.public.is_some() != table.is_public(path) {
            found.push(format!("{path}: public {:?}", row.public));
        }
        let services: BTreeSet<String> = row.services.iter().cloned().collect();
        if services != table.services(path).into_iter().collect() {
            found.push(format!("{path}: services {services:?}"));
        }
        if row.public.is_some() {
            continue;
        }
        for (role, spec) in &roles {
            let granted = row.reach_of(*role, &roles);
            let right = table.reach(path, *role, spec);
            if !agree(granted, right) {
                let role = role.as_str_name();
                found.push(format!("{path}: {role} {granted:?}, not {right:?}"));
            }
        }
    }
    assert!(found.is_empty(), "{} differ: {found:#?}", found.len());
}

/// What part D grants and nobody can do yet. Whoever adds the method takes its line out.
const NOT_YET: [(&str, &str); 2] = [
    // Asking a register anew, by hand.
    ("answer", "W3"),
    // The head's own signature under a notice: he signs the case that goes on it.
    ("notice", "S"),
];

#[test]
fn every_right_has_a_method_that_takes_it() {
    assert_eq!(PartD::read().untaken(), BTreeSet::from(NOT_YET));
}

/// Whether the contract reaches as far as the law. What belongs to no county, and what is the caller's own by
/// its nature, is said of a method and not of a role.
fn agree(granted: Option<Reach>, right: Option<Reach>) -> bool {
    match (granted, right) {
        (Some(Reach::NoTenant), Some(_)) => true,
        (granted, right) => granted == right,
    }
}
