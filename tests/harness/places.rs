//! Every field of every request, found by reflection.

use std::sync::LazyLock;

use prost_reflect::{
    DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind, MessageDescriptor, Value,
};
use yuhui_proto::{descriptor_pool, field::v1::Rules};

static OPTION: LazyLock<ExtensionDescriptor> = LazyLock::new(|| {
    descriptor_pool()
        .get_extension_by_name("yuhui.field.v1.rules")
        .expect("the option")
});

/// The rules the contract declares for `field`.
pub(crate) fn rules(field: &FieldDescriptor) -> Rules {
    let options = field.options();
    let stated = options.get_extension(&OPTION);
    let stated = stated.as_message().expect("a message");
    stated.transcode_to().expect("rules")
}

/// A field inside a request, and the way there.
#[derive(Clone)]
pub(crate) struct Place {
    way: Vec<FieldDescriptor>,
}

impl Place {
    /// The field itself.
    pub(crate) fn field(&self) -> &FieldDescriptor {
        self.way.last().expect("a field")
    }

    /// As refusals name it: `claim.documents[0].kind`.
    pub(crate) fn name(&self) -> String {
        let part = |it: &FieldDescriptor| match it.is_list() {
            true => format!("{}[0]", it.name()),
            false => it.name().to_owned(),
        };
        self.way.iter().map(part).collect::<Vec<_>>().join(".")
    }

    /// A request that says nothing but `value` here.
    pub(crate) fn with(&self, value: &Value) -> DynamicMessage {
        self.outward(|field| match field.is_list() {
            true => Value::List(vec![value.clone()]),
            false => value.clone(),
        })
    }

    /// A request that says nothing but what `value` makes of the field here.
    pub(crate) fn outward(&self, value: impl Fn(&FieldDescriptor) -> Value) -> DynamicMessage {
        let (last, before) = self.way.split_last().expect("a field");
        let mut message = DynamicMessage::new(last.parent_message().clone());
        message.set_field(last, value(last));
        for field in before.iter().rev() {
            let inner = Value::Message(message);
            message = DynamicMessage::new(field.parent_message().clone());
            let value = match field.is_list() {
                true => Value::List(vec![inner]),
                false => inner,
            };
            message.set_field(field, value);
        }
        message
    }
}

/// Every field of a request that is looked at.
pub(crate) fn places(request: &MessageDescriptor) -> Vec<Place> {
    let mut found = Vec::new();
    let mut open: Vec<Place> = fields(request, &[]);
    while let Some(place) = open.pop() {
        if rules(place.field()).output_only {
            continue;
        }
        if let Kind::Message(inner) = place.field().kind() {
            open.extend(fields(&inner, &place.way));
        }
        found.push(place);
    }
    found
}

fn fields(message: &MessageDescriptor, way: &[FieldDescriptor]) -> Vec<Place> {
    let place = |field| Place {
        way: way.iter().cloned().chain([field]).collect(),
    };
    message.fields().map(place).collect()
}
