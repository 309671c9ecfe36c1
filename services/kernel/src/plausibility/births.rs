//! Deliveries: one child is born once, of two people who can have had it.

use std::collections::BTreeMap;

use time::{Date, Duration};

use super::{
    Delivery, Findings, List, Part, Place, Records, Rule,
    lives::{Lives, known_by},
};
use crate::{Sex, dates};

/// Most children of one delivery.
const MOST_CHILDREN: usize = 10;
/// Children of one delivery are never born further apart.
const LONGEST_DELIVERY: Duration = Duration::days(90);
/// Two deliveries of one mother are never closer.
const SHORTEST_PREGNANCY: Duration = Duration::days(150);
/// Two deliveries of one mother are seldom closer.
const FULL_TERM: Duration = Duration::days(270);
/// Nobody younger has a child.
const CHILDHOOD_YEARS: i32 = 12;
/// Few fathers are younger.
const YOUNG_FATHER_YEARS: i32 = 14;
/// Few mothers are older.
const OLD_MOTHER_YEARS: i32 = 60;
/// No pregnancy lasts longer.
const LONGEST_PREGNANCY: Duration = Duration::days(300);

pub(super) fn check<'a>(
    records: &Records<'a>,
    lives: &Lives<'a>,
    today: Option<Date>,
    found: &mut Findings<'a>,
) {
    let mut born = BTreeMap::new();
    for (at, delivery) in records.deliveries.iter().enumerate() {
        for (index, child) in delivery.children.iter().enumerate() {
            let named = child.id.unwrap_or(delivery.number);
            let place = Place::born(at, index, Part::BornOn);
            known_by(found, named, child.born_on, place, today);
            let Some(id) = child.id else { continue };
            let place = Place::born(at, index, Part::Child);
            if let Some(other) = born.insert(id, place) {
                let text = ("同一孩子出生两次", "is born twice");
                found.add(Rule::BornTwice, id, place, Some(other), text);
            }
            if let Some((died_on, other)) = lives.died(id)
                && died_on < child.born_on
            {
                let text = (
                    "死亡早于出生",
                    format!("died on {died_on}, before the birth"),
                );
                found.add(Rule::DeathBeforeBirth, id, place, Some(other), text);
            }
        }
        order(at, delivery, found);
        parents(at, delivery, lives, found);
    }
    pregnancies(&records.deliveries, found);
}

/// Some children, numbered 1, 2, 3 … as they came, within days of each other.
fn order<'a>(at: usize, delivery: &Delivery<'a>, found: &mut Findings<'a>) {
    let place = |part| Place::of(List::Deliveries, at, part);
    let number = delivery.number;
    if delivery.children.is_empty() || delivery.children.len() > MOST_CHILDREN {
        let text = (
            format!("一胎须有1至{MOST_CHILDREN}个孩子"),
            format!("a delivery has 1 to {MOST_CHILDREN} children"),
        );
        let place = place(Part::Children);
        found.add(Rule::DeliverySize, number, place, None, text);
        return;
    }
    let mut days: Vec<(u32, Date)> = { delivery.children.iter() }
        .map(|child| (child.order, child.born_on))
        .collect();
    days.sort_unstable();
    if !days
        .iter()
        .map(|(order, _)| *order)
        .eq((1..).take(days.len()))
    {
        let text = (
            "胎内顺序须从1起连续编号",
            "the order must be 1, 2, 3 and so on",
        );
        found.add(Rule::DeliveryOrder, number, place(Part::Order), None, text);
    } else if !days.is_sorted_by_key(|(_, on)| *on) {
        let text = (
            "同胎孩子须按出生先后编号",
            "a child born earlier comes later in the order",
        );
        found.add(Rule::DeliveryOrder, number, place(Part::Order), None, text);
    }
    if let Some((first, last)) = span(delivery)
        && last - first > LONGEST_DELIVERY
    {
        let text = (
            format!("同一胎相隔过久：{first}与{last}"),
            format!("one delivery, on {first} and on {last}"),
        );
        let place = place(Part::Children);
        found.add(Rule::DeliveryTooLong, number, place, None, text);
    }
}

/// First and last day of a delivery.
fn span(delivery: &Delivery<'_>) -> Option<(Date, Date)> {
    let days = delivery.children.iter().map(|child| child.born_on);
    Some((days.clone().min()?, days.max()?))
}

/// A woman and a man of an age to have children, she alive.
fn parents<'a>(at: usize, delivery: &Delivery<'a>, lives: &Lives<'a>, found: &mut Findings<'a>) {
    let place = |part| Place::of(List::Deliveries, at, part);
    if delivery.father == Some(delivery.mother) {
        let text = ("父亲与母亲为同一人", "mother and father are one person");
        let place = place(Part::Father);
        found.add(Rule::OneParent, delivery.mother, place, None, text);
    }
    let Some((first, last)) = span(delivery) else {
        return;
    };
    let both = [
        (Some(delivery.mother), Sex::Female, Part::Mother),
        (delivery.father, Sex::Male, Part::Father),
    ];
    for (parent, expected, part) in both {
        let Some(parent) = parent else { continue };
        let Some(life) = lives.of_person(parent) else {
            continue;
        };
        if let Some((sex, other)) = life.sex
            && sex != expected
        {
            let text = match expected {
                Sex::Female => ("母亲登记为男性", "the mother is registered as a man"),
                Sex::Male => ("父亲登记为女性", "the father is registered as a woman"),
            };
            found.add(Rule::ParentSex, parent, place(part), Some(other), text);
        }
        let (born_on, other) = life.born;
        if first < dates::add_years(born_on, CHILDHOOD_YEARS) {
            let text = (
                format!("生育时不满{CHILDHOOD_YEARS}周岁（{born_on}出生，{first}生育）"),
                format!(
                    "born on {born_on}, had a child on {first}: younger than {CHILDHOOD_YEARS}"
                ),
            );
            found.add(Rule::ParentTooYoung, parent, place(part), Some(other), text);
        } else if unusual_age(expected, born_on, first) {
            let text = (
                format!("生育年龄异常（{born_on}出生，{first}生育）"),
                format!("born on {born_on}, had a child on {first}"),
            );
            found.add(Rule::ParentAge, parent, place(part), Some(other), text);
        }
        let Some((died_on, other)) = life.died else {
            continue;
        };
        if expected == Sex::Female && died_on < last {
            let text = (
                format!("生育晚于死亡日期{died_on}"),
                format!("delivered after her death on {died_on}"),
            );
            found.add(Rule::MotherDead, parent, place(part), Some(other), text);
        }
        if expected == Sex::Male && first - died_on > LONGEST_PREGNANCY {
            let text = (
                format!("出生于父亲死亡（{died_on}）300日之后"),
                format!("born more than 300 days after his death on {died_on}"),
            );
            found.add(Rule::FatherDead, parent, place(part), Some(other), text);
        }
    }
}

fn unusual_age(sex: Sex, born_on: Date, on: Date) -> bool {
    match sex {
        Sex::Female => on >= dates::add_years(born_on, OLD_MOTHER_YEARS + 1),
        Sex::Male => on < dates::add_years(born_on, YOUNG_FATHER_YEARS),
    }
}

/// A mother is delivered again only after another pregnancy.
fn pregnancies<'a>(deliveries: &[Delivery<'a>], found: &mut Findings<'a>) {
    let mut births: Vec<(&str, Date, Date, usize)> = { deliveries.iter().enumerate() }
        .filter_map(|(at, it)| span(it).map(|(first, last)| (it.mother, first, last, at)))
        .collect();
    births.sort_unstable();
    for pair in births.windows(2) {
        let &[(mother, _, last, earlier), (again, first, _, later)] = pair else {
            continue;
        };
        if mother != again {
            continue;
        }
        let rule = match first - last {
            apart if apart < SHORTEST_PREGNANCY => Rule::DeliveriesTooClose,
            apart if apart < FULL_TERM => Rule::DeliveriesClose,
            _ => continue,
        };
        let number = |at: usize| deliveries.get(at).map_or("", |it| it.number);
        let (before, after) = (number(earlier), number(later));
        let text = (
            format!("同一母亲两次生育相隔过近：{before}（{last}）与{after}（{first}）"),
            format!("deliveries `{before}` on {last} and `{after}` on {first} of one mother"),
        );
        let place = |at| Place::of(List::Deliveries, at, Part::Mother);
        found.add(rule, mother, place(later), Some(place(earlier)), text);
    }
}
