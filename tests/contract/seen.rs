//! Nobody signs or approves unseen: whatever does so asks for the etag or digest of what was looked at.

use std::collections::BTreeSet;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use yuhui_proto::descriptor_pool;

use crate::harness::contract::{methods, path_of};

/// What begins the name of an act by which somebody stands for what another made, or refuses to.
const VERBS: [&str; 11] = [
    "Activate",
    "Approve",
    "Authorise",
    "Confirm",
    "Decline",
    "Endorse",
    "Reject",
    "Release",
    "Resolve",
    "Seal",
    "Sign",
];

/// Acts that begin so and approve nothing.
const OTHER: [(&str, &str); 2] = [
    ("IdentityService/SignIn", "a session begins"),
    ("IdentityService/SignOut", "a session ends"),
];

#[test]
fn whoever_approves_says_what_he_has_seen() {
    let (mut approving, mut unseen, mut other) = (0, Vec::new(), BTreeSet::new());
    for method in methods() {
        // Of a batch each is approved by itself.
        let name = method.name().trim_start_matches("Batch");
        if !VERBS.iter().any(|verb| is_verb(name, verb)) {
            continue;
        }
        let path = path_of(&method);
        if let Some((exempt, _)) = OTHER.iter().find(|(it, _)| path.ends_with(it)) {
            other.insert(*exempt);
            continue;
        }
        approving += 1;
        if !states_what_was_seen(&method.input()) {
            unseen.push(path);
        }
    }
    assert!(unseen.is_empty(), "approves unseen: {unseen:#?}");
    assert!(approving > 45, "{approving} acts");
    let known: BTreeSet<_> = OTHER.iter().map(|it| it.0).collect();
    assert_eq!(other, known, "exceptions that are none");
}

#[test]
fn what_is_approved_shows_its_etag() {
    // Whatever an act states of an object, a read must have told.
    for message in [
        "funding.v1.Proposal.etag",
        "institution.v1.Change.etag",
        "institution.v1.Inspection.etag",
        "institution.v1.UseReport.etag",
        "institution.v1.ListEnrolmentsResponse.digest",
        "identity.v1.Account.etag",
        "disbursement.v1.PaymentOrder.etag",
        "disbursement.v1.ResultReport.digest",
        "eligibility.v1.Case.etag",
        "eligibility.v1.Roster.etag",
        "eligibility.v1.ReviewRequest.etag",
        "eligibility.v1.PolicyPack.digest",
    ] {
        let (message, field) = message.rsplit_once('.').expect("a field");
        let message = descriptor_pool().get_message_by_name(&format!("yuhui.{message}"));
        let message = message.expect("a message");
        let field = message.get_field_by_name(field);
        assert_eq!(
            field.map(|it| it.kind()),
            Some(Kind::String),
            "{}",
            message.full_name()
        );
    }
}

/// Whether `name` is that verb and what it is done to.
fn is_verb(name: &str, verb: &str) -> bool {
    let rest = name.strip_prefix(verb).unwrap_or_default();
    rest.starts_with(|it: char| it.is_ascii_uppercase())
}

/// Whether a request cannot be made without an etag or digest, of the object or of each of many.
fn states_what_was_seen(request: &MessageDescriptor) -> bool {
    request.fields().any(|field| match field.kind() {
        Kind::String => ["etag", "digest"].contains(&field.name()) && is_required(&field),
        Kind::Message(item) if field.is_list() => states_what_was_seen(&item),
        _ => false,
    })
}

fn is_required(field: &FieldDescriptor) -> bool {
    let rules = descriptor_pool().get_extension_by_name("yuhui.field.v1.rules");
    let options = field.options();
    let stated = options.get_extension(&rules.expect("the option"));
    let rules = stated.as_message().expect("rules");
    let required = rules.get_field_by_name("required");
    required.is_some_and(|it| it.as_bool() == Some(true))
}

#[test]
fn an_act_that_asks_for_nothing_is_found_out() {
    let request = |name: &str| {
        let full = format!("yuhui.{name}Request");
        descriptor_pool().get_message_by_name(&full).expect("it")
    };
    assert!(states_what_was_seen(&request("eligibility.v1.ConfirmCase")));
    let of_many = request("eligibility.v1.BatchConfirmCases");
    assert!(states_what_was_seen(&of_many));
    // Its etag may be left out.
    assert!(!states_what_was_seen(&request("eligibility.v1.ReviewCase")));
    assert!(!states_what_was_seen(&request(
        "eligibility.v1.BuildRoster"
    )));
}
