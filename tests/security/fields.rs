//! Field rules at the gateway: what breaks them reaches no handler, whichever
//! method is called. `proto/tests/fields.rs` tries every field.

use std::collections::BTreeMap;

use prost_reflect::{DynamicMessage, Kind, Value};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::harness::{
    contract::{methods, path_of, rules},
    gateway::Gateway,
    people,
    places::places,
    topology::on_one_and_on_two,
};

/// The first text and the first choice of a request that no rule lets pass,
/// each by the name a refusal gives it.
fn hostile(request: &prost_reflect::MessageDescriptor) -> BTreeMap<String, DynamicMessage> {
    let (mut text, mut choice) = (None, None);
    for place in places(request) {
        match place.field().kind() {
            Kind::String => {
                let value = Value::String("a\0b".into());
                text = Some((place.name(), place.with(&value)));
            }
            Kind::Enum(_) => {
                choice = Some((place.name(), place.with(&Value::EnumNumber(9999))));
            }
            _ => {}
        }
    }
    text.into_iter().chain(choice).collect()
}

fn fields(status: &Status) -> Vec<String> {
    let told = status.get_details_bad_request();
    let told = told.into_iter().flat_map(|it| it.field_violations);
    told.map(|it| it.field).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_a_field_rule_is_refused_by_every_method() {
    on_one_and_on_two(async |nobody| {
        let rules = rules();
        let (rows, roles) = (rules.matrix(), rules.roles());
        let mut gateways = BTreeMap::new();
        let (mut found, mut asked) = (Vec::new(), 0);
        for method in methods() {
            let path = path_of(&method);
            let row = rows.iter().find(|row| row.path == path).expect("a rule");
            let admitted = roles
                .iter()
                .find(|(role, _)| row.reach_of(*role, &roles).is_some());
            let gateway = match admitted {
                _ if row.public.is_some() => nobody.clone(),
                Some((role, spec)) => {
                    let login = people::login_in(people::county("150203"), *role, spec);
                    match gateways.get(&login) {
                        Some(gateway) => Gateway::clone(gateway),
                        None => {
                            let gateway = nobody.sign_in(&login).await.expect(&login);
                            gateways.insert(login, gateway.clone());
                            gateway
                        }
                    }
                }
                // Other services only.
                None => continue,
            };
            for (field, ask) in hostile(&method.input()) {
                let answer = gateway.call_with(&path, ask).await;
                let told = answer.as_ref().err().map(fields).unwrap_or_default();
                let code = answer.as_ref().err().map(Status::code);
                if code != Some(Code::InvalidArgument) || !told.contains(&field) {
                    found.push(format!("{path} {field}: {answer:?}"));
                }
                asked += 1;
            }
        }
        assert!(found.is_empty(), "{} pass: {found:#?}", found.len());
        assert!(asked > 130, "only {asked} calls");
    })
    .await;
}
