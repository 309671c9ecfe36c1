//! Requests as the contract allows them, out of nothing but its field rules: they get past every
//! check of form, so that what answers is the service.

use prost_reflect::{
    DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, Value,
};
use time::Month;
use yuhui_proto::field::v1::Format;

use super::{cases, people, places::rules, system::TODAY};

/// Messages inside messages that are filled in; deeper ones are left out.
const DEPTH: usize = 5;

/// A request of type `message` with every field filled in.
pub(crate) fn request(message: &MessageDescriptor) -> DynamicMessage {
    filled(message, DEPTH)
}

fn filled(message: &MessageDescriptor, depth: usize) -> DynamicMessage {
    let mut made = DynamicMessage::new(message.clone());
    for field in message.fields().filter(|it| !rules(it).output_only) {
        // Of alternatives, the first.
        let first = field.containing_oneof().and_then(|it| it.fields().next());
        if first.is_some_and(|first| first != field) {
            continue;
        }
        let Some(value) = value(&field, depth) else {
            continue;
        };
        let value = match field.is_list() {
            true => Value::List(vec![value]),
            false => value,
        };
        if !field.is_map() {
            made.set_field(&field, value);
        }
    }
    made
}

fn value(field: &FieldDescriptor, depth: usize) -> Option<Value> {
    let rules = rules(field);
    let least = rules
        .gte
        .unwrap_or(1)
        .max(1)
        .min(rules.lte.unwrap_or(i64::MAX));
    Some(match field.kind() {
        Kind::String if field.name() == "request_id" => Value::String(cases::key()),
        // Where the last page ended: this is the first.
        Kind::String if field.name() == "page_token" => return None,
        // Left out, the rules' own reason is taken.
        Kind::String if field.name() == "reason" && !rules.required => return None,
        Kind::String => Value::String(text(rules.format(), rules.min_len, field.name())),
        Kind::Bytes => Value::Bytes("1".into()),
        Kind::Bool => Value::Bool(true),
        Kind::Int32 | Kind::Sint32 => Value::I32(i32::try_from(least).unwrap_or(1)),
        Kind::Int64 | Kind::Sint64 => Value::I64(least),
        Kind::Uint32 => Value::U32(u32::try_from(least).unwrap_or(1)),
        Kind::Uint64 => Value::U64(u64::try_from(least).unwrap_or(1)),
        Kind::Enum(values) => Value::EnumNumber(first_stated(&values)),
        Kind::Message(inner) if depth > 0 => Value::Message(filled(&inner, depth - 1)),
        _ => return None,
    })
}

fn text(format: Format, min_len: u32, field: &str) -> String {
    let text = match format {
        Format::Date => TODAY.into(),
        Format::Division => "150203".into(),
        Format::IdentityNumber => people::citizen((2025, Month::March, 1), 1),
        Format::CreditCode => "91150203MA0N000003".into(),
        Format::Sha256 => "0".repeat(64),
        Format::Name => "王芳".into(),
        Format::ResourceName => "counties/150203/cases/none".into(),
        Format::Unspecified if field.contains("account_number") => "6217000010000000019".into(),
        Format::Unspecified => "1".into(),
    };
    let short = usize::try_from(min_len).unwrap_or(0);
    format!("{text}{}", "1".repeat(short.saturating_sub(text.len())))
}

fn first_stated(values: &EnumDescriptor) -> i32 {
    let stated = values.values().map(|it| it.number()).find(|it| *it != 0);
    stated.unwrap_or(0)
}
