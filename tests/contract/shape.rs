//! Habits every message of the contracts keeps.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use yuhui_proto::descriptor_pool;

use crate::harness::contract::{methods, path_of, rules};

fn messages() -> impl Iterator<Item = MessageDescriptor> {
    descriptor_pool()
        .all_messages()
        .filter(|message| message.package_name().starts_with("yuhui."))
}

fn fields() -> impl Iterator<Item = FieldDescriptor> {
    messages().flat_map(|message| message.fields().collect::<Vec<_>>())
}

fn is_string(message: &MessageDescriptor, field: &str) -> bool {
    message
        .get_field_by_name(field)
        .is_some_and(|field| field.kind() == Kind::String)
}

#[test]
fn money_is_whole_fen() {
    let mut amounts = 0;
    for field in fields() {
        let kind = field.kind();
        assert!(
            !matches!(kind, Kind::Float | Kind::Double),
            "{} is no whole number",
            field.full_name()
        );
        if field.name().ends_with("_fen") {
            assert_eq!(kind, Kind::Int64, "{}", field.full_name());
            amounts += 1;
        }
    }
    assert!(amounts > 20, "{amounts} amounts");
}

#[test]
fn dates_are_written_out() {
    for field in fields().filter(|field| field.name().ends_with("_on")) {
        assert_eq!(field.kind(), Kind::String, "{}", field.full_name());
    }
}

#[test]
fn maps_are_not_used() {
    // Their order is nobody's, and a request is known again by its bytes.
    for field in fields() {
        assert!(!field.is_map(), "{}", field.full_name());
    }
}

#[test]
fn every_act_carries_its_idempotency_key() {
    // Sessions have tokens of their own for that, events have ids, and a piece its place and content.
    let other = [
        "/yuhui.identity.v1.IdentityService/",
        "/yuhui.internal.v1.",
        "/yuhui.documents.v1.DocumentService/UploadChunk",
    ];
    let rules = rules();
    let acts = rules.matrix().into_iter().filter(|row| row.acts);
    let acts: Vec<String> = acts.map(|row| row.path).collect();
    for method in methods() {
        let path = path_of(&method);
        let exempt = other.iter().any(|start| path.starts_with(start));
        if acts.contains(&path) && !exempt {
            assert!(is_string(&method.input(), "request_id"), "{path}");
        }
    }
}

#[test]
fn lists_come_in_pages() {
    for method in methods() {
        if is_string(&method.output(), "next_page_token") && !method.name().contains("Trail") {
            let input = method.input();
            let size = input.get_field_by_name("page_size");
            let path = path_of(&method);
            assert!(is_string(&input, "page_token"), "{path}");
            assert_eq!(size.map(|it| it.kind()), Some(Kind::Int32), "{path}");
        }
    }
}

/// Lists that come whole, and why they stay short.
const WHOLE: [(&str, &str); 8] = [
    ("ChainHeadService/ListChainHeads", "one a county"),
    ("ReferenceService/ListReferenceData", "tables of the scheme"),
    (
        "ClearanceService/ListClearedCases",
        "of the 500 that may be asked about",
    ),
    (
        "PayoutService/ListPayees",
        "of the 500 that may be asked about",
    ),
    ("FundingService/ListShares", "one a county and round"),
    ("RegisterStateService/ListRegisterStates", "one a register"),
    ("VerificationService/ListRelatives", "one family"),
    (
        "VerificationService/ListAliases",
        "of those that are asked about",
    ),
];

#[test]
fn every_list_is_paged_or_short() {
    let mut whole = Vec::new();
    for method in methods() {
        if method.name().starts_with("List") && !is_string(&method.output(), "next_page_token") {
            whole.push(format!(
                "{}/{}",
                method.parent_service().name(),
                method.name()
            ));
        }
    }
    whole.sort();
    let mut known: Vec<String> = WHOLE.iter().map(|(name, _)| (*name).to_owned()).collect();
    known.sort();
    assert_eq!(whole, known);
}

#[test]
fn requests_and_responses_belong_to_one_method() {
    for method in methods() {
        let (asked, answered) = (method.input(), method.output());
        assert_eq!(asked.name(), format!("{}Request", method.name()));
        assert_eq!(answered.name(), format!("{}Response", method.name()));
    }
}
