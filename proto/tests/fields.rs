//! Every field of every request, found by reflection, is held to its rules.

#[path = "../../tests/harness/places.rs"]
mod places;

use std::collections::{BTreeMap, BTreeSet};

use places::{Place, places, rules};
use prost::Message as _;
use prost_reflect::{DynamicMessage, Kind, Value};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use yuhui_proto::{
    check::{Bytes, REQUESTS},
    descriptor_pool,
    field::v1::{Format, Rules},
};

fn read(request: &str, message: &DynamicMessage) -> Result<(), Status> {
    let (_, read) = REQUESTS
        .iter()
        .find(|(name, _)| *name == request)
        .expect("a request");
    read(Bytes::from(message.encode_to_vec()))
}

/// The fields a request is refused for, and why; nothing, if it is not.
fn refused(request: &str, message: &DynamicMessage) -> BTreeMap<String, String> {
    let Err(status) = read(request, message) else {
        return BTreeMap::new();
    };
    assert_eq!(status.code(), Code::InvalidArgument, "{request}: {status}");
    let details = status.get_error_details();
    let info = details.error_info().expect("a reason");
    assert_eq!(
        (info.reason.as_str(), info.domain.as_str()),
        ("INVALID_ARGUMENT", "yuhui")
    );
    let told = details
        .bad_request()
        .expect("fields")
        .field_violations
        .clone();
    assert!(
        status.details().len() < 6 * 1024,
        "{request}: a long refusal"
    );
    told.into_iter()
        .map(|it| (it.field, it.description))
        .collect()
}

/// A request whose list at `place` has `count` items that say nothing.
fn crowd(place: &Place, count: usize) -> DynamicMessage {
    place.outward(|field| Value::List(vec![Value::default_value(&field.kind()); count]))
}

/// What no text of these rules may be.
fn hostile(rules: &Rules) -> Vec<String> {
    let mut texts: Vec<String> = ["a\0b", "\u{202e}fdp.exe", "\u{200b}", "a\u{2028}b", "a\rb"]
        .map(Into::into)
        .into();
    texts.push("a".repeat(rules.max_len.max(200) as usize + 1));
    if !rules.multiline {
        texts.push("一\n\n二".into());
    }
    if rules.required {
        texts.extend(["\u{3164}".into(), " ".into()]);
    }
    texts.extend(match rules.format() {
        Format::Unspecified => vec![],
        Format::Date => vec![
            "+2025-03-10".into(),
            "2025-02-29".into(),
            "10.03.2025".into(),
        ],
        Format::Division => vec!["15020".into(), "+50203".into()],
        Format::IdentityNumber => vec!["15020319900101".into()],
        Format::CreditCode => vec!["91150203".into()],
        Format::Sha256 => vec!["0f".into()],
        Format::Name => vec!["...".into(), "\u{fe0f}".into()],
        Format::ResourceName => vec!["counties/某".into(), "counties//cases".into()],
    });
    texts
}

#[test]
fn no_hostile_value_passes_in_any_field_of_any_request() {
    let (mut texts, mut enums, mut lists, mut tried) = (0, 0, 0, 0);
    for (request, _) in REQUESTS {
        let message = descriptor_pool()
            .get_message_by_name(request)
            .expect("a message");
        for place in places(&message) {
            let (field, rules, name) = (place.field(), rules(place.field()), place.name());
            let mut values = Vec::new();
            match field.kind() {
                Kind::String => {
                    texts += 1;
                    values.extend(hostile(&rules).into_iter().map(Value::String));
                }
                Kind::Enum(_) => {
                    enums += 1;
                    values.extend([9999, -1].map(Value::EnumNumber));
                    if field.is_list() {
                        values.push(Value::EnumNumber(0));
                    }
                }
                Kind::Int32 => {
                    values.extend(
                        rules
                            .gte
                            .map(|it| Value::I32(i32::try_from(it).unwrap() - 1)),
                    );
                    values.extend(
                        rules
                            .lte
                            .map(|it| Value::I32(i32::try_from(it).unwrap() + 1)),
                    );
                }
                Kind::Int64 => {
                    values.extend(rules.gte.map(|it| Value::I64(it - 1)));
                    values.extend(rules.lte.map(|it| Value::I64(it + 1)));
                }
                _ => {}
            }
            for value in values {
                let told = refused(request, &place.with(&value));
                assert!(
                    told.contains_key(&name),
                    "{request} {name} {value:?}: {told:?}"
                );
                let echo = value.as_str().filter(|it| it.chars().count() > 20);
                assert!(
                    echo.is_none_or(|it| !told[&name].contains(it)),
                    "{request} {name}"
                );
                tried += 1;
            }
            if field.is_list() {
                lists += 1;
                let list = name.strip_suffix("[0]").expect("a list");
                let most = if rules.max_items == 0 {
                    1000
                } else {
                    rules.max_items
                };
                if most <= 10_000 {
                    let told = refused(request, &crowd(&place, most as usize + 1));
                    assert!(told.contains_key(list), "{request} {list}: {told:?}");
                }
            }
        }
    }
    println!("{texts} texts, {enums} enums, {lists} lists, {tried} values");
    assert!(texts > 400 && enums > 20 && lists > 30 && tried > 4000);
}

#[test]
fn what_must_be_stated_is_asked_for() {
    let mut asked = 0;
    for (request, _) in REQUESTS {
        let message = descriptor_pool()
            .get_message_by_name(request)
            .expect("a message");
        let told = refused(request, &DynamicMessage::new(message.clone()));
        let expected: BTreeSet<String> = message
            .fields()
            .filter(|field| {
                let rules = rules(field);
                let stated = matches!(field.kind(), Kind::Enum(_)) && !rules.optional;
                let single = !field.is_list() && !rules.output_only;
                let counted = rules.min_items > 0 || rules.gte.is_some_and(|it| it > 0);
                (single && (rules.required || stated)) || counted
            })
            .map(|field| field.name().to_owned())
            .collect();
        assert_eq!(
            told.into_keys().collect::<BTreeSet<_>>(),
            expected,
            "{request}"
        );
        asked += expected.len();
    }
    assert!(asked > 150, "{asked}");
}

#[test]
fn dates_are_declared_and_every_rule_fits_its_field() {
    for (request, _) in REQUESTS {
        let message = descriptor_pool()
            .get_message_by_name(request)
            .expect("a message");
        for place in places(&message) {
            let (field, rules) = (place.field(), rules(place.field()));
            let name = format!("{request} {}", place.name());
            let (kind, text) = (field.kind(), field.kind() == Kind::String);
            if text && field.name().ends_with("_on") {
                assert_eq!(rules.format(), Format::Date, "{name}");
            }
            let worded = rules.min_len + rules.max_len > 0
                || rules.multiline
                || rules.format() != Format::Unspecified;
            assert!(text || !worded, "{name} is no text");
            let bounded = rules.gte.is_some() || rules.lte.is_some();
            assert!(
                matches!(kind, Kind::Int32 | Kind::Int64) || !bounded,
                "{name} is no number"
            );
            assert!(
                matches!(kind, Kind::Enum(_)) || !rules.optional,
                "{name} is no enum"
            );
            assert!(
                field.is_list() || rules.min_items + rules.max_items == 0,
                "{name} is no list"
            );
        }
    }
}

#[test]
fn only_what_stands_in_no_letter_has_more_than_a_line() {
    // A line feed in a letter begins a paragraph that the office did not write.
    let mut found = BTreeSet::new();
    for (request, _) in REQUESTS {
        let message = descriptor_pool()
            .get_message_by_name(request)
            .expect("a message");
        for place in places(&message) {
            if rules(place.field()).multiline {
                found.insert(format!("{}.{}", message.name(), place.name()));
            }
        }
    }
    let expected = [
        "AnswerReportRequest.answer",
        "CheckEnrolmentsRequest.note",
        "ProposePolicyPackRequest.toml",
        "ProposeRosterReturnRequest.defects",
        "RecordInspectionRequest.inspection.findings",
        "RecordObjectionRequest.substance",
        "ReportInquiryRequest.finding",
        "ResubmitCaseRequest.answer",
        "ReturnRosterRequest.defects",
        "SubmitReportRequest.words",
        "SubmitUseReportRequest.note",
    ];
    assert!(found.iter().eq(expected.iter()), "{found:#?}");
}

#[test]
fn a_field_this_version_does_not_know_stops_an_act_and_no_reading() {
    // Field 999, `x`.
    let known = |name: &str| {
        let (_, read) = REQUESTS
            .iter()
            .find(|(it, _)| *it == name)
            .expect("a request");
        read(Bytes::from_static(&[0xba, 0x3e, 0x01, b'x']))
    };
    let status = known("yuhui.eligibility.v1.LodgeCaseRequest").expect_err("an act");
    let told = status
        .get_error_details()
        .bad_request()
        .expect("fields")
        .clone();
    assert_eq!(told.field_violations[0].field, "#999");
    let status = known("yuhui.eligibility.v1.GetCaseRequest").expect_err("no name");
    let told = status
        .get_error_details()
        .bad_request()
        .expect("fields")
        .clone();
    assert_eq!(told.field_violations[0].field, "name");
}

/// The fields that bytes of a request are refused for.
fn refused_bytes(request: &str, bytes: Vec<u8>) -> Vec<String> {
    let found = REQUESTS.iter().find(|(name, _)| *name == request);
    let (_, read) = found.expect("a request");
    let status = read(Bytes::from(bytes)).expect_err("refused");
    let details = status.get_error_details();
    let told = details
        .bad_request()
        .expect("fields")
        .field_violations
        .iter();
    told.map(|it| it.field.clone()).collect()
}

/// The field `tag` of a message with `inner` in it.
fn nested(tag: u32, inner: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let kind = prost::encoding::WireType::LengthDelimited;
    prost::encoding::encode_key(tag, kind, &mut bytes);
    prost::encoding::encode_varint(inner.len() as u64, &mut bytes);
    bytes.extend_from_slice(inner);
    bytes
}

fn tag(message: &str, field: &str) -> u32 {
    let message = descriptor_pool().get_message_by_name(message);
    let field = message.expect("a message").get_field_by_name(field);
    field.expect("a field").number()
}

#[test]
fn a_condition_inside_an_act_is_not_dropped_either() {
    let request = "yuhui.eligibility.v1.ProposeAccountCorrectionRequest";
    let account = nested(tag(request, "account"), &[0xba, 0x3e, 0x01, b'x']);
    assert_eq!(refused_bytes(request, account), ["account.#999"]);
}

#[test]
fn a_crowd_is_turned_away_before_it_takes_memory() {
    let request = "yuhui.eligibility.v1.PreCheckRequest";
    let persons = tag("yuhui.eligibility.v1.FamilySituation", "persons");
    let person = nested(persons, &[]);
    let crowd = nested(tag(request, "family"), &person.repeat(2_000_000));
    let begun = std::time::Instant::now();
    assert_eq!(refused_bytes(request, crowd), ["family.persons"]);
    let took = begun.elapsed();
    assert!(took < std::time::Duration::from_millis(200), "{took:?}");
}

#[test]
fn bytes_that_are_no_message_are_the_callers_fault() {
    for (request, read) in REQUESTS {
        let status = read(Bytes::from_static(&[0x0a, 0xff, 0xff])).expect_err(request);
        assert_eq!(status.code(), Code::InvalidArgument, "{request}");
    }
}
