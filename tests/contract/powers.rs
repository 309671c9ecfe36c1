//! `yuhui powers` is a gate: it opens for the contract as it is, and shuts as
//! soon as a method is given two powers.

use prost::Message as _;
use prost_reflect::{DynamicMessage, ReflectMessage as _, Value};
use yuhui_proto::{
    FILE_DESCRIPTOR_SET,
    authz::v1::{Grant, Level, Power, Reach},
    descriptor_pool,
};

use crate::harness::program;

/// Changes the contract itself: `change` is given the encoded options of one
/// method, as a message.
fn with_changed_rule(service: &str, method: &str, change: impl Fn(&mut DynamicMessage)) -> Vec<u8> {
    let pool = descriptor_pool();
    let set = pool
        .get_message_by_name("google.protobuf.FileDescriptorSet")
        .expect("the contracts import descriptor.proto");
    let rule = pool
        .get_extension_by_name("yuhui.authz.v1.rule")
        .expect("the rule option");
    let mut set = DynamicMessage::decode(set, FILE_DESCRIPTOR_SET).expect("the set");
    let mut changed = 0;
    for file in list(&mut set, "file") {
        for it in list(file, "service").filter(|it| name(it) == service) {
            for it in list(it, "method").filter(|it| name(it) == method) {
                let options = it.get_field_by_name_mut("options").expect("options");
                let options = options.as_message_mut().expect("a message");
                let rule = options.get_extension_mut(&rule);
                change(rule.as_message_mut().expect("a rule"));
                changed += 1;
            }
        }
    }
    assert_eq!(changed, 1, "{service}/{method}");
    set.encode_to_vec()
}

fn list<'a>(
    message: &'a mut DynamicMessage,
    field: &str,
) -> impl Iterator<Item = &'a mut DynamicMessage> {
    let field = message.get_field_by_name_mut(field).expect("the field");
    let list = field.as_list_mut().expect("a list");
    list.iter_mut().filter_map(Value::as_message_mut)
}

fn name(message: &DynamicMessage) -> String {
    let name = message.get_field_by_name("name").expect("a name");
    name.as_str().expect("text").to_owned()
}

/// Adds a grant to `rule`.
fn admit(rule: &mut DynamicMessage, grant: &Grant) {
    let allow = rule.get_field_by_name_mut("allow").expect("grants");
    let allow = allow.as_list_mut().expect("a list");
    let descriptor = match allow.first().and_then(Value::as_message) {
        Some(first) => first.descriptor(),
        None => panic!("the rule admits nobody"),
    };
    let mut added = DynamicMessage::new(descriptor);
    added.transcode_from(grant).expect("a grant");
    allow.push(Value::Message(added));
}

/// Exit status and output of `yuhui powers` on a changed contract.
fn powers(descriptors: &[u8]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("descriptors.binpb");
    std::fs::write(&file, descriptors).expect("written");
    let file = file.to_str().expect("text");
    program::run(&["powers", "--descriptors", file])
}

#[test]
fn the_contract_as_it_is_passes() {
    let (status, output) = program::run(&["powers"]);
    assert_eq!(status, Some(0), "{output}");
    assert!(output.contains("no role reaches two powers"), "{output}");
    assert_eq!(powers(FILE_DESCRIPTOR_SET).0, Some(0));
}

#[test]
fn a_method_given_two_powers_is_refused() {
    let changed = with_changed_rule("CaseService", "ConfirmCase", |rule| {
        let funds = Grant {
            power: Power::Funds.into(),
            levels: vec![Level::County.into()],
            reach: Reach::OwnTenant.into(),
            ..Grant::default()
        };
        admit(rule, &funds);
    });
    let (status, output) = powers(&changed);
    assert_eq!(status, Some(1), "{output}");
    assert!(output.contains("violation:"), "{output}");
    assert!(output.contains("CaseService/ConfirmCase"), "{output}");
}

#[test]
fn a_method_without_a_rule_is_refused() {
    let changed = with_changed_rule("FundingService", "ApproveCityShare", |rule| {
        rule.clear_field_by_name("effect");
        rule.clear_field_by_name("allow");
    });
    let (status, output) = powers(&changed);
    assert_eq!(status, Some(1), "{output}");
    assert!(output.contains("ApproveCityShare"), "{output}");
}
