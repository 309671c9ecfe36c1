//! What belongs to another county does not exist, whichever method is asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use prost_reflect::{DynamicMessage, MethodDescriptor, Value};
use tonic::{Code, Status};
use yuhui_platform::bounds::echo;
use yuhui_proto::authz::v1::Reach;

use crate::harness::{
    contract::{methods, name_pattern, path_of, rules},
    gateway::Gateway,
    people, plausible,
    played::{self, Stores},
    program,
    system::System,
    topology::{Twins, for_two},
};

/// The county of whoever asks.
const HERE: &str = "150204";
/// Some two hundred cases.
const SCALE: &str = "0.02";
/// Nothing of these exists after a round as it is played.
const NOT_PLAYED: [&str; 7] = [
    "counties/{county}/breakGlass/{break_glass}",
    "counties/{county}/cases/{case}/documents/{document}",
    "counties/{county}/institutions/{institution}/useReports/{round}",
    "counties/{county}/matters/{matter}",
    "counties/{county}/reports/{report}",
    "counties/{county}/reviewRequests/{review}",
    "counties/{county}/uploads/{upload}",
];

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
    /// A request about `name` with nothing wrong about it but whose it is.
    fn ask(&self, name: &str) -> DynamicMessage {
        let mut ask = plausible::request(&self.method.input());
        ask.set_field_by_name(self.field, Value::String(name.to_owned()));
        ask
    }
}

/// A name of that pattern in `county`, of something that was never there.
fn made_up(pattern: &str, county: &str) -> String {
    let part = |part| match part {
        "{county}" => county,
        "{round}" => "2025",
        "{sequence}" => "999999999",
        part if part.starts_with('{') => "01910000-0000-7000-8000-000000000000",
        part => part,
    };
    pattern.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Code and message, without the name that was asked for.
fn told(answer: &Result<(), Status>, name: &str) -> (Code, String) {
    match answer {
        Ok(()) => (Code::Ok, String::new()),
        Err(status) => {
            // A long name is repeated in part.
            let repeated = echo(name).to_string();
            (status.code(), status.message().replace(&repeated, "…"))
        }
    }
}

/// Plays a round on these stores.
fn play(data: &Path, stores: &[String]) {
    let mut words = vec!["year", "--scale", SCALE, "--data"];
    words.push(data.to_str().expect("text"));
    words.extend(stores.iter().map(String::as_str));
    let (status, output) = program::run(&words);
    assert_eq!(status, Some(0), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_another_county_does_not_exist() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    play(&data, &[]);
    let existing = played::names_outside(HERE, Stores::Files(&data)).await;
    let system = System::start(&data).await;
    does_not_exist(system.gateway(), existing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_another_county_exists_at_neither_of_two_replicas() {
    let Some(cluster) = for_two() else {
        return;
    };
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    play(&data, &cluster.arguments());
    let existing = played::names_outside(HERE, Stores::Server(&cluster)).await;
    let twins = Twins::start(&cluster, &data).await;
    does_not_exist(twins.gateway(), existing).await;
    twins.stop();
}

/// Nobody of [`HERE`] can tell what exists in other counties from what was never there.
async fn does_not_exist(nobody: Gateway, existing: BTreeMap<String, String>) {
    // Given a round that was played, with something of everything in other counties,
    let namings = namings();
    let patterns: BTreeSet<_> = namings.iter().map(|it| it.pattern.as_str()).collect();
    let missing: Vec<_> = patterns
        .iter()
        .filter(|it| !existing.contains_key(**it))
        .collect();
    assert_eq!(missing, NOT_PLAYED.iter().collect::<Vec<_>>());

    // when anybody of this county names it, in a request with nothing else wrong about it,
    let rules = rules();
    let (rows, roles) = (rules.matrix(), rules.roles());
    let mut found = Vec::new();
    let mut not_found: BTreeMap<&str, usize> = BTreeMap::new();
    for (role, spec) in &roles {
        let login = people::login_in(people::county(HERE), *role, spec);
        let gateway = nobody.sign_in(&login).await.expect(&login);
        for naming in &namings {
            let row = rows.iter().find(|row| row.path == naming.path);
            let reach = row.and_then(|row| row.reach_of(*role, &roles));
            let bound = [Reach::OwnRecords, Reach::OwnUnit, Reach::OwnTenant];
            if !reach.is_some_and(|reach| bound.contains(&reach)) {
                continue;
            }
            let name = existing.get(&naming.pattern);
            let county = name.and_then(|it| it.split('/').nth(1)).unwrap_or("150203");
            let never_there = made_up(&naming.pattern, county);
            let name = name.unwrap_or(&never_there);
            let real = told(
                &gateway.call_with(&naming.path, naming.ask(name)).await,
                name,
            );
            let none = gateway
                .call_with(&naming.path, naming.ask(&never_there))
                .await;
            let none = told(&none, &never_there);
            // then the answer is that there is none, word for word as for one that was never
            // there.
            *not_found.entry(&naming.path).or_default() += usize::from(real.0 == Code::NotFound);
            if real.0 != Code::NotFound || real != none {
                let role = role.as_str_name();
                found.push(format!("{role} {}: {real:?}, {none:?}", naming.path));
            }
        }
    }
    assert!(found.is_empty(), "{} differ: {found:#?}", found.len());
    let never: Vec<_> = not_found.iter().filter(|(_, count)| **count == 0).collect();
    assert!(never.is_empty(), "never asked whose it is: {never:?}");
    let methods: usize = not_found.len();
    assert!(methods > 60, "only {methods} methods");
}
