//! Where code may stand, and what it may use from there. What is pure stays pure, what knows storage
//! stays in one place, dependencies point inward, and no file grows beyond what a reader keeps in mind.

mod imports;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::harness::ROOT;

/// Longest file, in lines.
const LONGEST: usize = 500;

/// Services whose modules stand in the rooms below.
const IN_ROOMS: &[&str] = &[
    "eligibility",
    "registry-verification",
    "institution-registry",
    "funding-ledger",
    "disbursement",
    "gateway",
];

/// The rooms of a service, from the innermost outward: a module may use those of its own row and of the
/// rows before it, and no two may use one another. The last row is `lib.rs`.
const ROOMS: &[&[&str]] = &[
    &["domain"],
    &["names", "refusal"],
    &["store", "migration", "separation", "config", "password"],
    &["device", "sessions", "throttle"],
    &["convert", "packs"],
    &["context", "events::outgoing"],
    &["clients", "proxy"],
    &["proof", "evaluation"],
    &["gate"],
    &["ritual"],
    &["reads"],
    &["acts"],
    &["events::incoming", "jobs", "bootstrap", "seed"],
    &["rpc", "misses", "rate", "listeners", "open", "emergency"],
    &[""],
];

/// Rust files below `folder` of the repository, and their text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(ROOT).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).expect("text");
                let path = path.strip_prefix(ROOT).expect("below the root");
                found.push((path.to_owned(), text));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no source in {folder}");
    found
}

/// Whether some part of the path, without its extension, is `name`.
fn within(path: &Path, name: &str) -> bool {
    path.with_extension("").iter().any(|part| part == name)
}

/// Every line of code, not of comment, that contains one of `words`.
fn uses(path: &Path, text: &str, words: &[&str]) -> Vec<String> {
    let code = |line: &&str| !line.trim_start().starts_with("//");
    text.lines()
        .enumerate()
        .filter(|(_, line)| code(line) && words.iter().any(|word| line.contains(word)))
        .map(|(at, line)| format!("{}:{}: {}", path.display(), at + 1, line.trim()))
        .collect()
}

#[test]
fn only_stores_and_migrations_know_the_database() {
    let mut found = Vec::new();
    for (path, text) in sources("services") {
        // The platform carries the handle that everybody stores through.
        let platform = path.starts_with("services/platform");
        let allowed = within(&path, "store") || within(&path, "migration");
        if !platform && !allowed && !within(&path, "tests") {
            found.extend(uses(&path, &text, &["sea_orm", "sqlx"]));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// PostgreSQL compares a `character(n)` with a text, which every parameter is, as text: no index of the
/// column serves, not even that of a key.
#[test]
fn no_column_is_of_a_padded_type() {
    let mut found = Vec::new();
    for (path, text) in sources("services") {
        if within(&path, "migration") {
            found.extend(uses(&path, &text, &["char_len", ".char("]));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn what_is_pure_has_no_transport_no_clock_and_no_dice() {
    const IMPURE: &[&str] = &[
        "tonic",
        "tokio",
        "sea_orm",
        "reqwest",
        "now_utc",
        "now_local",
        "now_v7",
        "new_v4",
        "real_now",
        "fresh_id",
        "SystemTime",
        "Instant",
        "rand::",
        "std::fs",
        "std::net",
        "std::env",
        "async fn",
    ];
    let pure = ["services/kernel", "services/policy"];
    let mut found = Vec::new();
    for (path, text) in sources("services") {
        let pure = pure.iter().any(|start| path.starts_with(start));
        let reads_a_file = path.starts_with("services/policy/src/case_file");
        let tests = within(&path, "tests") || within(&path, "build");
        if (pure && !tests) || within(&path, "domain") {
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let mut lines = uses(&path, text, IMPURE);
            lines.retain(|line| !(reads_a_file && line.contains("std::fs")));
            found.extend(lines);
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn domain_and_policy_do_not_know_the_contracts() {
    let mut found = Vec::new();
    for (path, text) in sources("services") {
        let pure = path.starts_with("services/kernel") || path.starts_with("services/policy");
        if pure || within(&path, "domain") {
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            found.extend(uses(&path, text, &["yuhui_proto", "prost"]));
        }
    }
    // Roles and powers are the contract's own words: accounts are made of them.
    found.retain(|line| !line.contains("yuhui_proto::authz::"));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn services_know_each_other_only_by_contract() {
    let services = [
        "eligibility",
        "registry-verification",
        "institution-registry",
        "funding-ledger",
        "disbursement",
        "gateway",
    ];
    let mut found = Vec::new();
    for service in services {
        let others: Vec<String> = services
            .iter()
            .filter(|other| **other != service)
            .map(|other| format!("yuhui_{}::", other.replace('-', "_")))
            .collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        for (path, text) in sources(&format!("services/{service}/src")) {
            found.extend(uses(&path, &text, &others));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// The room a path leads into, and its row.
fn room(place: &[String]) -> Option<(usize, &'static str)> {
    let name = place.iter().take(2).map(String::as_str);
    let name = name.collect::<Vec<_>>().join("::");
    let rooms = || {
        ROOMS
            .iter()
            .enumerate()
            .flat_map(|(row, names)| names.iter().map(move |it| (row, *it)))
    };
    let first = place.first().map_or("", String::as_str);
    rooms()
        .find(|(_, it)| *it == name)
        .or_else(|| rooms().find(|(_, it)| *it == first))
}

#[test]
fn dependencies_point_inward_and_never_in_a_circle() {
    for service in IN_ROOMS {
        let folder = format!("services/{service}/src");
        let mut outward = Vec::new();
        let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let shipped = sources(&folder).into_iter();
        for (path, text) in shipped.filter(|(path, _)| !within(path, "tests")) {
            let module = imports::module_of(path.strip_prefix(&folder).expect("below"));
            // What `lib.rs` declares for all of them, like `Deps`, is in no room.
            let is_declared = |it: &Vec<String>| matches!(&it[..], [name] if name.starts_with(char::is_uppercase));
            let used = imports::uses(&module, &text).into_iter();
            for used in used.filter(|it| !is_declared(it)) {
                let arrow = format!("{}: {}", path.display(), used.join("::"));
                let Some(((row, from), (inner, to))) = room(&module).zip(room(&used)) else {
                    outward.push(format!("{arrow} leads from or into no room"));
                    continue;
                };
                if inner > row {
                    outward.push(arrow);
                }
                if from != to {
                    arrows.entry(from).or_default().insert(to);
                }
            }
        }
        assert!(outward.is_empty(), "{service}: {outward:#?}");
        // What uses nothing that is left, or is used by nothing that is left, is in no circle.
        loop {
            let rooms: BTreeSet<&str> = arrows.keys().copied().collect();
            let used: BTreeSet<&str> = arrows.values().flatten().copied().collect();
            arrows.retain(|room, uses| {
                uses.retain(|it| rooms.contains(it));
                !uses.is_empty() && used.contains(room)
            });
            if arrows.len() == rooms.len() {
                break;
            }
        }
        assert!(arrows.is_empty(), "{service}, in a circle: {arrows:#?}");
    }
}

#[test]
fn no_file_is_longer_than_a_reader_keeps_in_mind() {
    let sources = ["services", "proto", "tests"].map(sources).concat();
    let long = sources
        .iter()
        .filter(|(_, text)| text.lines().count() > LONGEST)
        .map(|(path, text)| format!("{}: {} lines", path.display(), text.lines().count()));
    let long: Vec<_> = long.collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn nothing_is_left_to_be_done() {
    let words = ["todo!", "unimplemented!", "FIXME", "XXX", "TODO"].map(|word| {
        // This file names them; it does not use them.
        (word, "contract/architecture.rs")
    });
    for (path, text) in ["services", "proto", "tests"].map(sources).concat() {
        for (word, except) in words {
            let found = text.contains(word) && !path.ends_with(except);
            assert!(!found, "{} contains {word}", path.display());
        }
    }
}

#[test]
fn money_is_never_a_fraction() {
    let floats = ["f32", "f64", "Decimal"];
    let mut found = Vec::new();
    for (path, text) in sources("services") {
        if !within(&path, "telemetry") && !within(&path, "tests") {
            found.extend(uses(&path, &text, &floats));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
