//! What is written down for readers is what the contracts and the code say. After a change that is meant,
//! `YUHUI_WRITE_DOCS=1 cargo nextest run -E 'test(docs)'` writes the tables anew.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use prost_reflect::MethodDescriptor;
use yuhui_platform::authz::MatrixRow;
use yuhui_proto::authz::v1::{Reach, Role, RoleSpec};

use crate::harness::{
    ROOT,
    contract::{methods, name_pattern, path_of, rules},
};

#[test]
fn docs_name_every_method_and_who_may_call_it() {
    let (rules, rows) = (rules(), rules().matrix());
    let roles = rules.roles();
    let mut all: Vec<_> = methods().map(|it| (path_of(&it), it)).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let mut text = String::from(
        "# Methods, and who may call them\n\n\
         Written from the contracts by a test. `act` changes something, `read` nothing but the record that it was read. \
         How far a call reaches: own records, the own unit and below, the own county, all counties.\n",
    );
    let mut service = String::new();
    for (path, method) in &all {
        let row = rows.iter().find(|row| row.path == *path).expect(path);
        let own = method.parent_service().full_name().to_owned();
        if own != service {
            let _ = write!(
                text,
                "\n## {own}\n\n| method | | of | who |\n|---|---|---|---|\n"
            );
            service = own;
        }
        let kind = if row.acts { "act" } else { "read" };
        let of = named(method).unwrap_or_default();
        let who = who(row, &roles);
        let _ = writeln!(text, "| {} | {kind} | {of} | {who} |", method.name());
    }
    is_written("docs/methods.md", &text);
}

/// What the request names.
fn named(method: &MethodDescriptor) -> Option<String> {
    let input = method.input();
    let field = ["name", "parent"]
        .into_iter()
        .find_map(|it| input.get_field_by_name(it))?;
    name_pattern(&field).map(|it| format!("`{it}`"))
}

fn who(row: &MatrixRow, roles: &[(Role, RoleSpec)]) -> String {
    if row.public.is_some() {
        return "everybody".into();
    }
    if !row.services.is_empty() {
        return format!("services: {}", row.services.join(", "));
    }
    let mut parts = Vec::new();
    for reach in [
        Reach::OwnRecords,
        Reach::OwnUnit,
        Reach::OwnTenant,
        Reach::AllTenants,
        Reach::NoTenant,
    ] {
        let those = roles
            .iter()
            .filter(|(role, _)| row.reach_of(*role, roles) == Some(reach));
        let names: Vec<String> = those.map(|(role, _)| short(*role)).collect();
        if names.len() == roles.len() {
            return format!("everybody signed in: {}", words(reach));
        }
        if !names.is_empty() {
            parts.push(format!("{}: {}", words(reach), names.join(", ")));
        }
    }
    parts.join("; ")
}

fn short(role: Role) -> String {
    let name = role.as_str_name().trim_start_matches("ROLE_");
    name.to_lowercase().replace('_', " ")
}

const fn words(reach: Reach) -> &'static str {
    match reach {
        Reach::OwnRecords => "own records",
        Reach::OwnUnit => "own unit",
        Reach::OwnTenant => "own county",
        Reach::AllTenants => "all counties",
        Reach::NoTenant | Reach::Unspecified => "no county",
    }
}

/// Whether what is written down is to be written anew.
#[expect(
    clippy::disallowed_methods,
    reason = "whether a test writes is no setting of the program"
)]
pub(super) fn writes() -> bool {
    std::env::var_os("YUHUI_WRITE_DOCS").is_some()
}

/// The file is what it should be, or is written so.
pub(super) fn is_written(file: &str, text: &str) {
    let path = Path::new(ROOT).join(file);
    if writes() {
        fs::write(&path, text).expect(file);
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "{file} is not what the contracts say: write it anew"
    );
}

#[test]
fn what_comments_cite_is_in_the_law() {
    let law = fs::read_to_string(Path::new(ROOT).join("docs/law.md")).expect("the law");
    let mut known: BTreeSet<String> = citations(&law).collect();
    // Readings are rows of a table, by number.
    let rows = law
        .lines()
        .filter_map(|it| it.strip_prefix("| ")?.split_once(" |"));
    known.extend(rows.map(|(number, _)| format!("AMB-{number}")));
    assert!(known.len() > 200, "{} of the law", known.len());
    let mut missing = BTreeSet::new();
    for folder in ["services", "proto"] {
        look(&Path::new(ROOT).join(folder), &mut |path, text| {
            // Rules of the national subsidy are written where they are: `services/policy/src/national`.
            let cited = citations(text).filter(|it| !it.starts_with("R-N-"));
            for cited in cited.filter(|it| !known.contains(it)) {
                missing.insert(format!("{cited} in {}", path.display()));
            }
        });
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Transitions (`F12`), rules (`R-PRC-8`), separations (`DYN-1`, `SOD-4`) and readings (`AMB-17`).
fn citations(text: &str) -> impl Iterator<Item = String> {
    let of_a_word = |it: char| it.is_ascii_alphanumeric() || it == '-';
    text.split(move |it| !of_a_word(it))
        .filter(|it| is_citation(it))
        .map(ToOwned::to_owned)
}

fn is_citation(word: &str) -> bool {
    let number =
        |it: &str| !it.is_empty() && it.len() < 3 && it.bytes().all(|it| it.is_ascii_digit());
    let named = ["DYN-", "SOD-", "AMB-"];
    if let Some(rest) = named.iter().find_map(|it| word.strip_prefix(it)) {
        return number(rest);
    }
    if let Some(rest) = word.strip_prefix("R-") {
        let parts = rest.split_once('-');
        return parts.is_some_and(|(family, rule)| {
            family
                .bytes()
                .all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
                && number(rule)
        });
    }
    word.strip_prefix('F').is_some_and(number)
}

fn look(folder: &Path, see: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            look(&path, see);
        } else if path
            .extension()
            .is_some_and(|it| it == "rs" || it == "proto")
        {
            see(&path, &fs::read_to_string(&path).expect("text"));
        }
    }
}
