//! Why calls are refused: every reason belongs to methods, is explained, and is reached by a test.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use prost_reflect::EnumValueDescriptor;
use yuhui_platform::refusal::name_of;
use yuhui_proto::{descriptor_pool, errors::v1::ErrorReason};

use super::docs::is_written;
use crate::harness::{
    ROOT,
    contract::{methods, path_of, rules},
};

/// Reasons, with what the contract says they mean.
fn reasons() -> Vec<(ErrorReason, String)> {
    let all = descriptor_pool()
        .get_enum_by_name("yuhui.errors.v1.ErrorReason")
        .expect("reasons");
    all.values()
        .filter(|it| it.number() != 0)
        .map(|it| {
            let reason = ErrorReason::try_from(it.number()).expect("a reason");
            (reason, comment(&it))
        })
        .collect()
}

fn comment(value: &EnumValueDescriptor) -> String {
    let file = value.parent_enum().parent_file();
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let place = info.and_then(|it| it.location.iter().find(|it| it.path == value.path()));
    let comment = place.and_then(|it| it.leading_comments.clone());
    comment
        .unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Methods by the reasons they name.
fn named() -> BTreeMap<&'static str, Vec<String>> {
    let rules = rules();
    let mut named: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for path in methods().map(|it| path_of(&it)) {
        for reason in rules.refusals(&path) {
            named
                .entry(name_of(*reason))
                .or_default()
                .push(path.clone());
        }
    }
    named
}

#[test]
fn docs_name_every_reason_and_who_gives_it() {
    let named = named();
    let mut text = String::from(
        "# Why a call is refused\n\n\
         Written from the contracts by a test. A reason is `google.rpc.ErrorInfo.reason` of the domain `yuhui`; what \
         methods may be refused for stands with them (`yuhui.errors.v1.refusals`), in the order in which it is asked.\n\n\
         | reason | | of |\n|---|---|---|\n",
    );
    for (reason, comment) in reasons() {
        let short = |path: &String| {
            let (service, method) = path.rsplit_once('/').expect("a path");
            let service = service.rsplit('.').next().expect("a service");
            format!("{service}.{method}")
        };
        let of = match named.get(name_of(reason)) {
            Some(paths) => paths.iter().map(short).collect::<Vec<_>>().join(", "),
            None => "any method".into(),
        };
        let _ = writeln!(text, "| `{}` | {comment} | {of} |", name_of(reason));
    }
    is_written("docs/errors.md", &text);
}

#[test]
fn every_reason_is_explained_and_belongs_somewhere() {
    let (rules, named) = (rules(), named());
    let everybodys = |path: &str, reason| {
        rules.may_refuse(path, reason) && !rules.refusals(path).contains(&reason)
    };
    for (reason, comment) in reasons() {
        let name = name_of(reason);
        assert!(comment.ends_with('.'), "{name}: {comment}");
        let own = named.contains_key(name);
        let of_acts = everybodys("/yuhui.eligibility.v1.CaseService/ConfirmCase", reason);
        let of_reads = everybodys("/yuhui.eligibility.v1.CaseService/GetCase", reason);
        assert!(own || of_acts, "{name} is nobody's");
        // What any act may be refused for, a read names where it may.
        assert!(
            !(own && of_reads),
            "{name} is everybody's, and named by methods"
        );
    }
}

#[test]
fn a_method_names_a_reason_once() {
    let rules = rules();
    for path in methods().map(|it| path_of(&it)) {
        let named = rules.refusals(&path);
        let apart: BTreeSet<_> = named.iter().copied().map(name_of).collect();
        assert_eq!(apart.len(), named.len(), "{path}");
    }
}

/// Reasons that no call is refused for in a test, each with why.
const NOT_REACHED: [(ErrorReason, &str); 9] = [
    (
        ErrorReason::BadEvent,
        "an event is kept with what is wrong with it, and shown by VerifyBook",
    ),
    (
        ErrorReason::EventInconsistent,
        "an event is kept until it fits, and shown by VerifyBook",
    ),
    (
        ErrorReason::SharesNotReceived,
        "a batch that is released waits for its money, and is shown by VerifyBook",
    ),
    (
        ErrorReason::AmountNotPositive,
        "the rules of the fields refuse it before the book is asked",
    ),
    (
        ErrorReason::AboveSurplus,
        "what is sent back is what is due; the book asks it once more",
    ),
    (
        ErrorReason::AboveBalance,
        "no act asks for more than was held; the book asks it once more",
    ),
    (
        ErrorReason::BookWouldBreak,
        "the last guard of a book, whose templates hold its rules themselves",
    ),
    (
        ErrorReason::NoPolicyInForce,
        "the policy built in is in force from its first day, and none before it is asked for",
    ),
    (
        ErrorReason::AmountTooLarge,
        "a book would need 920,000 appropriations of the largest amount",
    ),
];

#[test]
fn every_reason_is_expected_by_a_test() {
    let mut texts = String::new();
    for folder in ["services", "tests"] {
        tests_of(&Path::new(ROOT).join(folder), &mut texts);
    }
    let is_expected = |reason: ErrorReason| {
        let text = format!("\"{}\"", name_of(reason));
        texts.contains(&text) || texts.contains(&format!("ErrorReason::{reason:?}"))
    };
    let all = reasons().into_iter().map(|(it, _)| it);
    let missing: Vec<_> = all
        .filter(|it| !is_expected(*it) && !NOT_REACHED.iter().any(|(reason, _)| reason == it))
        .map(name_of)
        .collect();
    assert!(missing.is_empty(), "no test expects {missing:#?}");
}

/// The text of every test: files of tests, and what follows `#[cfg(test)]` in others.
fn tests_of(folder: &Path, texts: &mut String) {
    for entry in fs::read_dir(folder).expect("folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            tests_of(&path, texts);
            continue;
        }
        let is_source = path.extension().is_some_and(|it| it == "rs" || it == "py");
        if !is_source || path.ends_with("contract/reasons.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("text");
        let of_tests = path.components().any(|it| it.as_os_str() == "tests")
            || path
                .file_stem()
                .is_some_and(|it| it.to_string_lossy().ends_with("tests"));
        match text.find("#[cfg(test)]") {
            _ if of_tests => texts.push_str(&text),
            Some(start) => texts.push_str(text.get(start..).unwrap_or_default()),
            None => {}
        }
    }
}
