//! Writes, for every message a request is made of, the code that holds its
//! fields to their rules, so that no handler can forget one.

use std::{collections::BTreeMap, error::Error, fmt::Write as _};

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind, MessageDescriptor,
    MethodDescriptor,
};

/// Travels inside a request as bytes, and is held to the same rules.
const EVENT: &str = "yuhui.internal.v1.Event";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Implementations of `Body` for what methods take and give, of `Check` for
/// what requests are made of, and the list of all requests.
pub(crate) fn generate(pool: &DescriptorPool) -> Result<String> {
    let option = |name: &str| {
        pool.get_extension_by_name(name)
            .ok_or_else(|| format!("the contracts declare no {name}"))
    };
    let (rules, authz) = (
        option("yuhui.field.v1.rules")?,
        option("yuhui.authz.v1.rule")?,
    );
    let (mut code, mut list) = (String::new(), String::new());
    let mut parts = BTreeMap::new();
    let services = pool
        .services()
        .filter(|it| it.package_name().starts_with("yuhui."));
    for method in services.flat_map(|it| it.methods().collect::<Vec<_>>()) {
        let (asked, answered) = (method.input(), method.output());
        let read = match acts(&method, &authz) {
            true => "act(bytes)",
            false => "request(bytes)",
        };
        body(&mut code, &asked, read)?;
        body(&mut code, &answered, "response(bytes)")?;
        writeln!(
            list,
            "    ({:?}, |bytes| <{} as Body>::read(bytes).map(drop)),",
            asked.full_name(),
            path(&asked)
        )?;
        collect(&asked, &rules, &mut parts);
    }
    let event = pool
        .get_message_by_name(EVENT)
        .ok_or_else(|| format!("the contracts declare no {EVENT}"))?;
    body(&mut code, &event, "act(bytes)")?;
    collect(&event, &rules, &mut parts);
    for message in parts.values() {
        check(&mut code, message, &rules)?;
    }
    Ok(format!(
        "{code}\n/// Every request by its full name, and how it is read.\n\
         pub const REQUESTS: &[(&str, Reader)] = &[\n{list}];\n"
    ))
}

fn body(code: &mut String, message: &MessageDescriptor, read: &str) -> Result<()> {
    writeln!(
        code,
        "impl Body for {} {{\n    fn read(bytes: Bytes) -> Result<Self, Status> {{\n        {read}\n    }}\n}}",
        path(message)
    )?;
    Ok(())
}

/// Whether the method changes something (`EFFECT_ACT`).
fn acts(method: &MethodDescriptor, authz: &ExtensionDescriptor) -> bool {
    const ACT: i32 = 2;
    let options = method.options();
    let rule = options.get_extension(authz);
    let effect = rule
        .as_message()
        .and_then(|it| it.get_field_by_name("effect"));
    effect.and_then(|it| it.as_enum_number()) == Some(ACT)
}

/// `message` and every message of the contracts inside it.
fn collect(
    message: &MessageDescriptor,
    rules: &ExtensionDescriptor,
    parts: &mut BTreeMap<String, MessageDescriptor>,
) {
    let name = message.full_name().to_owned();
    if parts.contains_key(&name) || message.package_name() == "google.protobuf" {
        return;
    }
    parts.insert(name, message.clone());
    for field in message.fields() {
        if let (Kind::Message(inner), false) = (field.kind(), Rules::of(&field, rules).output_only)
        {
            collect(&inner, rules, parts);
        }
    }
}

fn check(
    code: &mut String,
    message: &MessageDescriptor,
    option: &ExtensionDescriptor,
) -> Result<()> {
    let (mut lines, mut shape) = (String::new(), String::new());
    let mut fields: Vec<FieldDescriptor> = message.fields().collect();
    fields.sort_by_key(FieldDescriptor::number);
    for field in fields {
        let rules = Rules::of(&field, option);
        let name = field.name();
        write!(shape, "{}, ", part(&field, &rules))?;
        let place = if field.is_list() {
            format!("at.item({name:?}, index)")
        } else {
            format!("at.field({name:?})")
        };
        let Some(statement) = statement(&field, &rules, &place)? else {
            continue;
        };
        if let Some(oneof) = field.containing_oneof().filter(|it| !it.is_synthetic()) {
            let (module, kind) = (module(message), oneof.name().to_upper_camel_case());
            writeln!(
                lines,
                "        if let Some({module}::{kind}::{}(it)) = &self.{} {{ {statement} }}",
                name.to_upper_camel_case(),
                oneof.name()
            )?;
        } else if field.is_list() {
            writeln!(
                lines,
                "        if faults.list(&at.field({name:?}), self.{name}.len(), {}) {{\n            \
                 for (index, it) in self.{name}.iter().enumerate() {{ {statement} }}\n        }}",
                rules.literal
            )?;
        } else if field.supports_presence() {
            writeln!(
                lines,
                "        if let Some(it) = &self.{name} {{ {statement} }}"
            )?;
            if rules.required {
                writeln!(
                    lines,
                    "        else {{ faults.missing(&at.field({name:?})); }}"
                )?;
            }
        } else {
            writeln!(lines, "        {{ let it = &self.{name}; {statement} }}")?;
        }
    }
    let (at, faults) = if lines.is_empty() {
        ("_", "_")
    } else {
        ("at", "faults")
    };
    writeln!(
        code,
        "impl Check for {} {{\n    const SHAPE: &'static Shape = &Shape(&[{shape}]);\n\n    \
         fn check(&self, {at}: &Path<'_>, {faults}: &mut Faults) {{\n{lines}    }}\n}}",
        path(message)
    )?;
    Ok(())
}

/// The field as it is found on the wire.
fn part(field: &FieldDescriptor, rules: &Rules) -> String {
    let inner = match field.kind() {
        Kind::Message(inner) if !rules.output_only && inner.package_name() != "google.protobuf" => {
            format!("Some(<{} as Check>::SHAPE)", path(&inner))
        }
        _ => "None".into(),
    };
    let most = match field.is_list() {
        true => format!("most({})", rules.max_items),
        false => "u32::MAX".into(),
    };
    format!(
        "Part {{ tag: {}, name: {:?}, most: {most}, inner: {inner} }}",
        field.number(),
        field.name()
    )
}

/// The statement that checks `it`, a reference to the field or to an item of it.
fn statement(field: &FieldDescriptor, rules: &Rules, place: &str) -> Result<Option<String>> {
    if rules.output_only {
        return Ok(None);
    }
    let literal = &rules.literal;
    Ok(Some(match field.kind() {
        // Bytes are what is read out of them.
        Kind::Bool | Kind::Bytes => return Ok(None),
        Kind::String => format!("faults.text(&{place}, it, {literal});"),
        Kind::Int32 | Kind::Uint32 => {
            format!("faults.number(&{place}, i64::from(*it), {literal});")
        }
        Kind::Int64 => format!("faults.number(&{place}, *it, {literal});"),
        Kind::Enum(kind) => {
            let known: Vec<i32> = kind.values().map(|it| it.number()).collect();
            format!("faults.choice(&{place}, *it, &{known:?}, {literal});")
        }
        Kind::Message(_) => format!("Check::check(it, &{place}, faults);"),
        kind => return Err(format!("{}: nothing checks a {kind:?}", field.full_name()).into()),
    }))
}

/// The rules of a field.
struct Rules {
    required: bool,
    output_only: bool,
    max_items: u32,
    /// The same as an expression of Rust.
    literal: String,
}

impl Rules {
    fn of(field: &FieldDescriptor, option: &ExtensionDescriptor) -> Self {
        let options = field.options();
        let stated = options.get_extension(option);
        let stated = stated.as_message().expect("rules are a message");
        let flag = |name: &str| value(stated, name).as_bool().unwrap_or_default();
        let number = |name: &str| value(stated, name).as_u32().unwrap_or_default();
        let bound = |name: &str| match stated.has_field_by_name(name) {
            true => format!("Some({})", value(stated, name).as_i64().unwrap_or_default()),
            false => "None".into(),
        };
        let (required, output_only) = (flag("required"), flag("output_only"));
        let literal = format!(
            "&Rules {{ required: {}, optional: {}, output_only: {}, min_len: {}, max_len: {}, \
             multiline: {}, format: {}, gte: {}, lte: {}, min_items: {}, max_items: {} }}",
            // An item that is in a list is stated.
            required || field.is_list(),
            flag("optional"),
            output_only,
            number("min_len"),
            number("max_len"),
            flag("multiline"),
            value(stated, "format").as_enum_number().unwrap_or_default(),
            bound("gte"),
            bound("lte"),
            number("min_items"),
            number("max_items"),
        );
        Self {
            required,
            output_only,
            max_items: number("max_items"),
            literal,
        }
    }
}

fn value(message: &DynamicMessage, field: &str) -> prost_reflect::Value {
    message
        .get_field_by_name(field)
        .expect("a field of the rules")
        .into_owned()
}

/// Where prost puts the message.
fn path(message: &MessageDescriptor) -> String {
    match message.parent_message() {
        Some(outer) => format!(
            "{}::{}",
            module(&outer),
            message.name().to_upper_camel_case()
        ),
        None => format!(
            "crate::{}::{}",
            message
                .package_name()
                .trim_start_matches("yuhui.")
                .replace('.', "::"),
            message.name().to_upper_camel_case()
        ),
    }
}

/// The module into which prost puts what is inside `message`.
fn module(message: &MessageDescriptor) -> String {
    let path = path(message);
    let (before, name) = path.rsplit_once("::").unwrap_or_default();
    format!("{before}::{}", name.to_snake_case())
}
