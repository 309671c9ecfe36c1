use time::{Date, macros::date};

use super::*;
use crate::Sex;

const MOTHER: Person<'_> = person("mother", Sex::Female, date!(1992 - 03 - 08));
const FATHER: Person<'_> = person("father", Sex::Male, date!(1990 - 11 - 02));

const fn person(id: &str, sex: Sex, born_on: Date) -> Person<'_> {
    Person {
        id,
        sex: Some(sex),
        born_on,
        died_on: None,
    }
}

fn delivery<'a>(number: &'a str, children: &[(&'a str, Date)]) -> Delivery<'a> {
    let children = (1..).zip(children).map(|(order, (id, born_on))| Born {
        id: Some(id),
        born_on: *born_on,
        order,
        live: true,
    });
    Delivery {
        number,
        mother: "mother",
        father: Some("father"),
        children: children.collect(),
    }
}

/// A couple with one child.
fn family<'a>() -> Records<'a> {
    Records {
        persons: vec![MOTHER, FATHER],
        hukou: vec![Hukou {
            person: "c1",
            from: date!(2024 - 06 - 01),
            to: None,
        }],
        marriages: vec![Marriage {
            spouses: ["mother", "father"],
            from: date!(2017 - 05 - 20),
            to: None,
            by_death: false,
        }],
        deliveries: vec![delivery("d1", &[("c1", date!(2024 - 06 - 01))])],
        claims: vec![Claim {
            applicant: Some("mother"),
            children: vec!["c1"],
            on: date!(2025 - 03 - 10),
        }],
        ..Records::default()
    }
}

/// Rules broken, of whom, and in which field.
fn broken<'a>(change: impl FnOnce(&mut Records<'a>)) -> Vec<(Rule, &'a str, Part)> {
    let mut records = family();
    change(&mut records);
    let found = find(&records, Some(date!(2025 - 03 - 31)));
    found
        .into_iter()
        .map(|it| (it.rule, it.person, it.place.part))
        .collect()
}

#[test]
fn an_ordinary_family_is_plausible() {
    assert_eq!(broken(|_| ()), []);
}

#[test]
fn two_pregnancies_take_their_time() {
    let after = |days: i64, rule: Option<Rule>| {
        let second = crate::dates::add_days(date!(2024 - 06 - 01), -days);
        let found = broken(|it| it.deliveries.push(delivery("d0", &[("c0", second)])));
        let expected: Vec<_> = rule
            .into_iter()
            .map(|it| (it, "mother", Part::Mother))
            .collect();
        assert_eq!(found, expected, "{days}");
    };
    after(20, Some(Rule::DeliveriesTooClose));
    after(149, Some(Rule::DeliveriesTooClose));
    after(150, Some(Rule::DeliveriesClose));
    after(269, Some(Rule::DeliveriesClose));
    after(270, None);
}

#[test]
fn nobody_is_born_tomorrow() {
    let found = broken(|it| {
        it.deliveries = vec![delivery("d1", &[("c1", date!(2031 - 01 - 01))])];
        it.hukou.clear();
        it.claims.clear();
    });
    assert_eq!(found, [(Rule::NotYet, "c1", Part::BornOn)]);
}

#[test]
fn one_person_is_told_in_one_way() {
    let other = Person {
        born_on: date!(1992 - 03 - 09),
        ..MOTHER
    };
    let found = broken(|it| it.persons.push(other));
    assert_eq!(found, [(Rule::TwoAccounts, "mother", Part::BornOn)]);
    let found = broken(|it| it.persons.push(MOTHER));
    assert_eq!(found, [], "the same twice says nothing new");
}

#[test]
fn parents_are_of_an_age_to_have_children() {
    let mother_of = |born_on| {
        broken(|it| {
            it.persons[0].born_on = born_on;
            it.marriages.clear();
        })
    };
    let young = (Rule::ParentTooYoung, "mother", Part::Mother);
    assert_eq!(mother_of(date!(2016 - 05 - 01)), [young], "aged eight");
    assert_eq!(mother_of(date!(2012 - 06 - 02)), [young]);
    assert_eq!(mother_of(date!(2012 - 06 - 01)), []);
    let old = (Rule::ParentAge, "mother", Part::Mother);
    assert_eq!(mother_of(date!(1963 - 06 - 01)), [old], "a rare thing");
    assert_eq!(mother_of(date!(1963 - 06 - 02)), []);
    assert_eq!(Rule::ParentAge.severity(), Severity::Warn);
    let found = broken(|it| {
        it.persons[1].died_on = Some(date!(2023 - 08 - 06));
        it.deliveries[0].children[0].born_on = date!(2024 - 06 - 01);
    });
    assert_eq!(found, [], "three hundred days");
    let found = broken(|it| it.persons[1].died_on = Some(date!(2023 - 08 - 05)));
    assert_eq!(found, [(Rule::FatherDead, "father", Part::Father)]);
    let found = broken(|it| it.persons[0].died_on = Some(date!(2024 - 05 - 31)));
    let claimed = (Rule::AfterDeath, "mother", Part::Applicant);
    let delivered = (Rule::MotherDead, "mother", Part::Mother);
    assert_eq!(found, [claimed, delivered]);
}

#[test]
fn the_dead_adopt_nobody_and_nobody_claims_for_a_stillborn_child() {
    let found = broken(|it| {
        it.persons.push(Person {
            died_on: Some(date!(2023 - 01 - 01)),
            ..person("gran", Sex::Female, date!(1960 - 01 - 01))
        });
        it.adoptions.push(Adoption {
            child: "c1",
            adopters: vec!["gran"],
            on: date!(2024 - 07 - 01),
        });
    });
    assert_eq!(found, [(Rule::AfterDeath, "gran", Part::Adopters)]);
    let found = broken(|it| it.deliveries[0].children[0].live = false);
    let hukou = (Rule::Stillborn, "c1", Part::From);
    assert_eq!(found, [hukou, hukou], "neither a hukou nor a claim");
}

#[test]
fn a_day_of_handing_over_belongs_to_both() {
    let hukou = |from, to| Hukou {
        person: "c1",
        from,
        to,
    };
    let custody = |holder, from, to| Custody {
        child: "c1",
        holders: vec![holder],
        carers: vec![],
        from,
        to,
    };
    let day = date!(2025 - 01 - 10);
    let found = broken(|it| {
        it.hukou = vec![hukou(day, None), hukou(date!(2024 - 06 - 01), Some(day))];
        it.custody = vec![
            custody("mother", date!(2024 - 06 - 01), Some(day)),
            custody("father", day, None),
        ];
    });
    assert_eq!(found, []);
    let next = date!(2025 - 01 - 11);
    let found = broken(|it| {
        it.hukou = vec![hukou(date!(2024 - 06 - 01), Some(next)), hukou(day, None)];
        it.custody = vec![
            custody("father", day, None),
            custody("mother", date!(2024 - 06 - 01), Some(next)),
        ];
    });
    let expected = [
        (Rule::HukouOverlap, "c1", Part::From),
        (Rule::CustodyOverlap, "c1", Part::From),
    ];
    assert_eq!(found, expected);
    let found = broken(|it| it.hukou.push(hukou(date!(2025 - 01 - 01), None)));
    assert_eq!(found, [(Rule::HukouOverlap, "c1", Part::From)], "two open");
}

#[test]
fn marriages_end_as_they_say_and_one_at_a_time() {
    let found = broken(|it| {
        it.marriages[0].to = Some(date!(2025 - 01 - 01));
        it.marriages[0].by_death = true;
    });
    assert_eq!(found, [(Rule::DeathUnknown, "mother", Part::EndedBy)]);
    let found = broken(|it| {
        it.persons[1].died_on = Some(date!(2025 - 01 - 02));
        it.marriages[0].to = Some(date!(2025 - 01 - 01));
        it.marriages[0].by_death = true;
    });
    assert_eq!(found, [(Rule::EndNotDeath, "mother", Part::EndedBy)]);
    let again = |from| Marriage {
        spouses: ["mother", "uncle"],
        from,
        to: None,
        by_death: false,
    };
    let divorced = date!(2024 - 12 - 01);
    let found = broken(|it| {
        it.marriages[0].to = Some(divorced);
        it.marriages.push(again(divorced));
    });
    assert_eq!(found, []);
    let found = broken(|it| it.marriages.push(again(divorced)));
    assert_eq!(found, [(Rule::MarriagesOverlap, "mother", Part::From)]);
    let found = broken(|it| it.marriages[0].from = date!(2012 - 03 - 07));
    let young = |who| (Rule::MarriedYoung, who, Part::From);
    assert_eq!(found, [young("mother"), young("father")]);
}

#[test]
fn a_delivery_is_one_confinement_in_its_order() {
    let of = |children: &[(&'static str, Date)]| {
        let children = children.to_vec();
        broken(move |it| {
            it.deliveries = vec![delivery("d1", &children)];
            it.hukou.clear();
            it.claims.clear();
        })
    };
    let (first, midnight) = (date!(2024 - 05 - 31), date!(2024 - 06 - 01));
    assert_eq!(of(&[("c1", first), ("c2", midnight)]), []);
    let order = (Rule::DeliveryOrder, "d1", Part::Order);
    assert_eq!(of(&[("c1", midnight), ("c2", first)]), [order]);
    let long = (Rule::DeliveryTooLong, "d1", Part::Children);
    assert_eq!(of(&[("c1", date!(2024 - 01 - 01)), ("c2", first)]), [long]);
    assert_eq!(of(&[]), [(Rule::DeliverySize, "d1", Part::Children)]);
    let twice = (Rule::BornTwice, "c1", Part::Child);
    assert_eq!(of(&[("c1", first), ("c1", first)]), [twice]);
    let found = broken(|it| it.deliveries[0].children[0].order = 2);
    assert_eq!(found, [order]);
    let found = broken(|it| it.deliveries[0].father = Some("mother"));
    let one = (Rule::OneParent, "mother", Part::Father);
    assert_eq!(found, [one, (Rule::ParentSex, "mother", Part::Father)]);
}

#[test]
fn ten_thousand_overlapping_periods_are_told_of_once_each() {
    let found = broken(|it| {
        it.hukou = (0..10_000)
            .map(|day| Hukou {
                person: "c1",
                from: crate::dates::add_days(date!(2024 - 06 - 01), day),
                to: None,
            })
            .collect();
    });
    assert_eq!(found.len(), 9_999);
}
