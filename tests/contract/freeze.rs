//! What stays as it was released, where `buf breaking` does not look: it ignores custom options. A grant that is taken
//! back, a field rule that is changed, a role that means something else break whoever relies on them; what is added
//! breaks nobody.
//!
//! After a change that is meant, `YUHUI_WRITE_DOCS=1` writes `proto/baseline.txt` anew.

use std::{collections::BTreeSet, fs, path::Path};

use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor, Value};
use yuhui_platform::refusal::name_of;
use yuhui_proto::descriptor_pool;

use super::docs::writes;
use crate::harness::{
    ROOT,
    contract::{methods, path_of, rules},
};

const FILE: &str = "proto/baseline.txt";

#[test]
fn what_was_released_stays() {
    let now = stated();
    let path = Path::new(ROOT).join(FILE);
    if writes() {
        let text: Vec<&str> = now.iter().map(String::as_str).collect();
        fs::write(&path, text.join("\n") + "\n").expect(FILE);
    }
    let released = fs::read_to_string(&path).unwrap_or_default();
    assert!(released.lines().count() > 1000, "{FILE} is not whole");
    let gone: Vec<&str> = released.lines().filter(|it| !stays(it, &now)).collect();
    assert!(gone.is_empty(), "narrowed or changed: {gone:#?}");
}

#[test]
fn a_narrower_rule_is_seen() {
    // One grant fewer, one rule tightened: the line that was released is not among those that are stated.
    let now = stated();
    let grant = "grant /yuhui.eligibility.v1.CaseService/ConfirmCase ";
    let granted: Vec<&String> = now.iter().filter(|it| it.starts_with(grant)).collect();
    assert_eq!(granted.len(), 1, "{granted:?}");
    let rule = "field yuhui.eligibility.v1.ConfirmCaseRequest.etag ";
    let rules: Vec<&String> = now.iter().filter(|it| it.starts_with(rule)).collect();
    assert_eq!(
        rules,
        ["field yuhui.eligibility.v1.ConfirmCaseRequest.etag max_len=128 required=true"]
    );
}

#[test]
fn a_reason_that_is_gone_or_moved_is_seen() {
    let now = BTreeSet::from(["refusals /a A,B,C".to_owned()]);
    for (released, holds) in [
        ("A,C", true),
        ("A,B,C", true),
        ("C,A", false),
        ("A,D", false),
    ] {
        let line = format!("refusals /a {released}");
        assert_eq!(stays(&line, &now), holds, "{released}");
    }
    assert!(!stays("refusals /b A", &now));
}

/// Whether what was released is still so: reasons may be added between those of a method, and none goes or changes
/// its place.
fn stays(released: &str, now: &BTreeSet<String>) -> bool {
    if now.contains(released) {
        return true;
    }
    let reasons = |line: &str| -> Option<(String, Vec<String>)> {
        let (path, reasons) = line.strip_prefix("refusals ")?.split_once(' ')?;
        Some((
            path.to_owned(),
            reasons.split(',').map(str::to_owned).collect(),
        ))
    };
    let Some((path, before)) = reasons(released) else {
        return false;
    };
    let after = now
        .iter()
        .filter_map(|it| reasons(it))
        .find(|(of, _)| *of == path);
    let mut after = after.into_iter().flat_map(|(_, after)| after);
    before.iter().all(|it| after.any(|other| other == *it))
}

/// Everything that custom options state, a line each.
fn stated() -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let option = |name| descriptor_pool().get_extension_by_name(name).expect(name);
    let (rule, role) = (option("yuhui.authz.v1.rule"), option("yuhui.authz.v1.role"));
    for method in methods() {
        let path = path_of(&method);
        let stated = method.options();
        let rule = stated.get_extension(&rule);
        let rule = rule.as_message().expect("a rule");
        for (field, value) in rule.fields() {
            match value {
                Value::List(grants) => {
                    lines.extend(grants.iter().map(|it| format!("grant {path} {}", told(it))))
                }
                value => _ = lines.insert(format!("{} {path} {}", field.name(), told(value))),
            }
        }
    }
    let declared = rules();
    for path in methods().map(|it| path_of(&it)) {
        let reasons: Vec<&str> = declared
            .refusals(&path)
            .iter()
            .map(|it| name_of(*it))
            .collect();
        if !reasons.is_empty() {
            lines.insert(format!("refusals {path} {}", reasons.join(",")));
        }
    }
    let roles = descriptor_pool()
        .get_enum_by_name("yuhui.authz.v1.Role")
        .expect("roles");
    for value in roles.values() {
        let stated = value.options();
        let meaning = stated.get_extension(&role);
        lines.insert(format!("role {} {}", value.name(), told(&meaning)));
    }
    let messages = descriptor_pool().all_messages();
    for message in messages.filter(|it| it.full_name().starts_with("yuhui.")) {
        lines.extend(rules_of(&message));
    }
    lines
}

fn rules_of(message: &MessageDescriptor) -> Vec<String> {
    let rules = descriptor_pool()
        .get_extension_by_name("yuhui.field.v1.rules")
        .expect("rules");
    let line = |field: FieldDescriptor| {
        let stated = field.options();
        let stated = stated.get_extension(&rules);
        let stated: &DynamicMessage = stated.as_message()?;
        let told = message_told(stated);
        (!told.is_empty()).then(|| format!("field {} {told}", field.full_name()))
    };
    message.fields().filter_map(line).collect()
}

fn message_told(message: &DynamicMessage) -> String {
    let mut parts: Vec<String> = message
        .fields()
        .map(|(field, value)| match (field.kind().as_enum(), value) {
            (Some(names), Value::EnumNumber(number)) => {
                let name = names.get_value(*number);
                let name = name.map_or_else(|| number.to_string(), |it| it.name().to_owned());
                format!("{}={name}", field.name())
            }
            (Some(names), Value::List(all)) => {
                let all = all.iter().filter_map(|it| it.as_enum_number());
                let all = all.filter_map(|it| names.get_value(it));
                let all: Vec<String> = all.map(|it| it.name().to_owned()).collect();
                format!("{}={}", field.name(), all.join(","))
            }
            (_, value) => format!("{}={}", field.name(), told(value)),
        })
        .collect();
    parts.sort();
    parts.join(" ")
}

fn told(value: &Value) -> String {
    match value {
        Value::Message(message) => message_told(message),
        Value::List(all) => {
            let all: Vec<String> = all.iter().map(told).collect();
            all.join(",")
        }
        Value::String(text) => text.clone(),
        Value::Bool(it) => it.to_string(),
        Value::EnumNumber(it) => it.to_string(),
        Value::I32(it) => it.to_string(),
        Value::I64(it) => it.to_string(),
        Value::U32(it) => it.to_string(),
        Value::U64(it) => it.to_string(),
        other => format!("{other:?}"),
    }
}
