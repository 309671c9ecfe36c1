//! What belongs to another county does not exist, whichever method is asked.

use prost_reflect::{DynamicMessage, MethodDescriptor, Value};
use tonic::{Code, Status};
use yuhui_kernel::Tenant;
use yuhui_proto::authz::v1::{Reach, Role};

use crate::harness::{
    cases,
    contract::{methods, name_pattern, path_of, rules},
    people,
    system::System,
};

/// A method that names something of a county.
struct Naming {
    path: String,
    method: MethodDescriptor,
    /// The field with the name.
    field: &'static str,
    /// As in the contract, `counties/{county}/cases/{case}`.
    pattern: String,
}

fn namings() -> Vec<Naming> {
    let mut found = Vec::new();
    for method in methods() {
        for field in ["name", "parent"] {
            let named = method.input().get_field_by_name(field);
            let pattern = named.as_ref().and_then(name_pattern);
            if let Some(pattern) = pattern.filter(|it| it.contains("{county}")) {
                found.push(Naming {
                    path: path_of(&method),
                    method: method.clone(),
                    field,
                    pattern,
                });
            }
        }
    }
    found
}

impl Naming {
    /// A request about something of `county`: the case `case`, or `id` of anything else.
    fn ask(&self, county: Tenant, case: &str, id: &str) -> DynamicMessage {
        let own = self.pattern.replace("{county}", county.as_str());
        let name: Vec<&str> = own
            .split('/')
            .map(|part| match part {
                "{case}" => case,
                part if part.starts_with('{') => id,
                part => part,
            })
            .collect();
        let mut ask = DynamicMessage::new(self.method.input());
        ask.set_field_by_name(self.field, Value::String(name.join("/")));
        if self
            .method
            .input()
            .get_field_by_name("request_id")
            .is_some()
        {
            ask.set_field_by_name("request_id", Value::String(cases::key()));
        }
        ask
    }
}

/// Code and message, without the name that was asked for.
fn told(answer: &Result<(), Status>, id: &str) -> (Code, String) {
    match answer {
        Ok(()) => (Code::Ok, String::new()),
        Err(status) => (status.code(), status.message().replace(id, "…")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_another_county_does_not_exist() {
    let folder = tempfile::tempdir().expect("folder");
    let system = System::start(folder.path()).await;
    let (here, there) = (people::county("150203"), people::county("150204"));
    let nobody = system.door();

    // Given a case in one county,
    let clerk = people::login(Role::VillageClerk, people::village_of(here));
    let clerk = nobody.sign_in(&clerk).await.expect("the clerk");
    let case = cases::lodged(&clerk, here, 1).await;
    let (_, id) = case.name.rsplit_once('/').expect("an id");
    let unknown = cases::key();

    // when anybody of another county names it, or anything else of this one,
    // then the answer is that there is none, word for word as for one that
    // was never there.
    let (rules, namings) = (rules(), namings());
    let (rows, roles) = (rules.matrix(), rules.roles());
    let mut found = Vec::new();
    let mut asked = 0;
    for (role, spec) in &roles {
        let login = people::login_in(there, *role, spec);
        let door = nobody.sign_in(&login).await.expect(&login);
        for naming in &namings {
            let row = rows.iter().find(|row| row.path == naming.path);
            let reach = row.and_then(|row| row.reach_of(*role, &roles));
            let bound = [Reach::OwnRecords, Reach::OwnUnit, Reach::OwnTenant];
            if !reach.is_some_and(|reach| bound.contains(&reach)) {
                continue;
            }
            let real = naming.ask(here, id, id);
            let real = told(&door.call_with(&naming.path, real).await, id);
            let none = naming.ask(here, &unknown, &unknown);
            let none = told(&door.call_with(&naming.path, none).await, &unknown);
            // What is malformed is malformed wherever it belongs.
            let hidden = matches!(real.0, Code::NotFound | Code::InvalidArgument);
            if !hidden || real != none {
                let role = role.as_str_name();
                found.push(format!("{role} {}: {real:?}, {none:?}", naming.path));
            }
            asked += 1;
        }
    }
    assert!(found.is_empty(), "{} differ: {found:#?}", found.len());
    assert!(asked > 200, "only {asked} calls");
}
