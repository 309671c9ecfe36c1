//! Who stands for a child, where the worked cases leave a doubt.

use serde_json::json;
use time::{Date, macros::date};

use super::standing::{Share, Standing, standing};
use crate::{
    Facts, PolicyPack, Programme, Reason,
    facts::{Adoption, Born, Custody, Delivery, Guardianship, Person},
};

const DAY: Date = date!(2025 - 03 - 10);
const WHOLE: Standing = Standing::Entitled(Share::Whole);
const UNCLEAR: Standing = Standing::Question(Reason::CustodyUnknown);

/// A child of two living people who are not married to each other.
fn child_of(mother: &str, father: Option<&str>) -> Facts {
    Facts {
        births: vec![delivery("c1", mother, father)],
        ..Facts::default()
    }
}

fn delivery(child: &str, mother: &str, father: Option<&str>) -> Delivery {
    Delivery {
        delivery: format!("of {child}"),
        mother: mother.to_owned(),
        father: father.map(ToOwned::to_owned),
        birth_service_registered_on: None,
        children: vec![Born {
            id: child.to_owned(),
            born_on: date!(2024 - 08 - 15),
            order: 1,
            live: true,
        }],
    }
}

fn guardian(who: &str) -> Guardianship {
    Guardianship {
        child: "c1".to_owned(),
        guardian: who.to_owned(),
        from: date!(2025 - 01 - 01),
        to: None,
    }
}

fn care(child: &str, holder: &str, carer: &str) -> Custody {
    Custody {
        child: child.to_owned(),
        holders: vec![holder.to_owned()],
        actual_carers: vec![carer.to_owned()],
        from: date!(2025 - 01 - 01),
        to: None,
    }
}

fn of(facts: &Facts, claimant: &str) -> Standing {
    let p = &PolicyPack::baotou().parameters;
    standing(p, facts, Programme::P1, "c1", claimant, DAY).expect("known")
}

/// AMB-53: the survivor stands unless a document names another guardian.
#[test]
fn a_survivor_stands_alone_unless_another_is_guardian() {
    let mut facts = child_of("mother", Some("father"));
    facts.persons.push(Person {
        id: "father".to_owned(),
        born_on: date!(1990 - 11 - 02),
        died_on: Some(date!(2024 - 12 - 01)),
    });
    assert_eq!(of(&facts, "mother"), WHOLE);
    assert_eq!(of(&facts, "gran"), Standing::None);
    facts.guardianships = vec![guardian("mother")];
    assert_eq!(
        of(&facts, "mother"),
        WHOLE,
        "she is her child's guardian anyway"
    );
    assert_eq!(of(&facts, "gran"), Standing::None);
    facts.guardianships = vec![guardian("gran")];
    assert_eq!(of(&facts, "mother"), UNCLEAR);
    assert_eq!(of(&facts, "gran"), UNCLEAR);
    assert_eq!(of(&facts, "aunt"), Standing::None);
}

#[test]
fn an_only_parent_stands_alone() {
    let facts = child_of("mother", None);
    assert_eq!(of(&facts, "mother"), WHOLE);
    assert_eq!(of(&facts, "gran"), Standing::None);
}

/// R-P1-12: a person decides between those who hold custody or care; who does neither is no party.
#[test]
fn a_parent_who_neither_holds_custody_nor_cares_has_no_standing() {
    let mut facts = child_of("mother", Some("father"));
    facts.custody = vec![care("c1", "mother", "gran")];
    let differs = Standing::Question(Reason::CustodyCareMismatch);
    assert_eq!(of(&facts, "mother"), differs);
    assert_eq!(of(&facts, "father"), Standing::None);
}

/// Standing under ALL_CHILDREN (AMB-15).
fn by_all_children(facts: &Facts, who: &str) -> Standing {
    let scope = json!({"p1.custody_split_scope": "ALL_CHILDREN"});
    let pack = PolicyPack::baotou()
        .with_overrides(scope.as_object().expect("an object"))
        .expect("known");
    standing(&pack.parameters, facts, Programme::P1, "c1", who, DAY).expect("known")
}

/// AMB-15: some child of the couple, not of one of them with somebody else; held and cared for.
#[test]
fn raising_a_half_sibling_gives_no_half() {
    let mut facts = child_of("mother", Some("father"));
    facts.births.push(delivery("h1", "another", Some("father")));
    facts
        .births
        .push(delivery("h2", "mother", Some("another man")));
    facts.births.push(delivery("c0", "mother", Some("father")));
    facts.custody = vec![
        care("c1", "mother", "mother"),
        care("h1", "father", "father"),
        care("h2", "father", "father"),
        care("c0", "father", "gran"),
    ];
    assert_eq!(by_all_children(&facts, "mother"), WHOLE);
    assert_eq!(by_all_children(&facts, "father"), Standing::None);
    facts.custody.push(care("c0", "father", "father"));
    let half = Standing::Entitled(Share::Half);
    assert_eq!(by_all_children(&facts, "mother"), half);
    assert_eq!(by_all_children(&facts, "father"), half);
}

/// The couple is unordered: who adopts is named in any order (R-ORD-1).
#[test]
fn the_couple_of_an_adopted_child_is_the_adopters_whoever_is_named_first() {
    let mut facts = child_of("birth mother", None);
    facts.adoptions = vec![Adoption {
        child: "c1".to_owned(),
        adopters: vec!["wife".to_owned(), "husband".to_owned()],
        on: date!(2024 - 10 - 01),
    }];
    facts
        .births
        .push(delivery("h2", "wife", Some("another man")));
    facts.custody = vec![care("c1", "wife", "wife"), care("h2", "husband", "husband")];
    assert_eq!(by_all_children(&facts, "husband"), Standing::None);
    facts.births.push(delivery("c0", "wife", Some("husband")));
    facts.custody.push(care("c0", "husband", "husband"));
    let half = Standing::Entitled(Share::Half);
    assert_eq!(by_all_children(&facts, "husband"), half);
}
