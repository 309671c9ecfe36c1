//! What the law's table of coverage names is there: methods in the contract, transitions in the
//! code.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use yuhui_policy::coverage::coverage;

use crate::harness::{ROOT, contract::methods};

#[test]
fn every_permission_is_a_method_of_the_contract() {
    let known: BTreeSet<String> = methods()
        .map(|method| format!("{}/{}", method.parent_service().name(), method.name()))
        .collect();
    for row in coverage() {
        for permission in &row.permissions {
            let clause = &row.clause.id;
            assert!(known.contains(permission), "{clause} names {permission}");
        }
    }
}

#[test]
fn every_transition_is_named_by_code() {
    let mut wanted: BTreeMap<&str, &str> = BTreeMap::new();
    for row in coverage() {
        let transitions = row.transitions.iter();
        wanted.extend(transitions.map(|it| (it.as_str(), row.clause.id.as_str())));
    }
    for service in ["eligibility", "institution-registry"] {
        let folder = Path::new(ROOT).join("services").join(service).join("src");
        forget_named(&folder, &mut wanted);
    }
    assert!(wanted.is_empty(), "transition and clause: {wanted:?}");
}

/// Drops the transitions that the sources below `folder` name.
fn forget_named(folder: &Path, wanted: &mut BTreeMap<&str, &str>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            forget_named(&path, wanted);
        } else {
            let text = fs::read_to_string(&path).expect("text");
            for word in words(&text) {
                wanted.remove(word.as_str());
            }
        }
    }
}

/// Words of a source; `F16–F18` names all three.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in text.split(|it: char| !it.is_alphanumeric() && it != '–') {
        let Some((first, last)) = part.split_once('–') else {
            words.push(part.to_owned());
            continue;
        };
        let number = |word: &str| word.get(1..).and_then(|it| it.parse::<u8>().ok());
        if let (Some(letter), Some(from), Some(to)) = (first.get(..1), number(first), number(last))
        {
            words.extend((from..=to).map(|it| format!("{letter}{it}")));
        }
    }
    words
}
