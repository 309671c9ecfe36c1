//! Adoption, custody, guardianship: living elders of a living child.

use time::Date;

use super::{
    Findings, List, Part, Place, Records, Rule,
    lives::{Lives, runs_forward},
    overlap,
};

pub(super) fn check<'a>(records: &Records<'a>, lives: &Lives<'a>, found: &mut Findings<'a>) {
    for (at, it) in records.adoptions.iter().enumerate() {
        let place = |part| Place::of(List::Adoptions, at, part);
        if it.adopters.is_empty() {
            let text = ("没有收养人", "adopted by nobody");
            let place = place(Part::Adopters);
            found.add(Rule::NoAdopter, it.child, place, None, text);
        }
        lives.must_be_born(found, it.child, it.on, place(Part::From));
        lives.must_be_alive(found, it.child, it.on, place(Part::From));
        for &adopter in &it.adopters {
            elder(
                found,
                lives,
                (adopter, it.child),
                it.on,
                place(Part::Adopters),
            );
        }
    }
    for (at, it) in records.custody.iter().enumerate() {
        runs_forward(found, it.child, (List::Custody, at), it.from, it.to);
        // Parents may settle custody before the birth.
        let carers = it.carers.iter().map(|carer| (carer, Part::Carers));
        let holders = it.holders.iter().map(|holder| (holder, Part::Holders));
        for (&adult, part) in holders.chain(carers) {
            let place = Place::of(List::Custody, at, part);
            elder(found, lives, (adult, it.child), it.from, place);
        }
    }
    custodies(records, found);
    for (at, it) in records.guardianships.iter().enumerate() {
        let place = |part| Place::of(List::Guardianships, at, part);
        runs_forward(found, it.child, (List::Guardianships, at), it.from, it.to);
        lives.must_be_born(found, it.child, it.from, place(Part::From));
        lives.must_be_alive(found, it.child, it.from, place(Part::From));
        let pair = (it.guardian, it.child);
        elder(found, lives, pair, it.from, place(Part::Guardian));
    }
}

/// Whoever is to bring up a child is older than the child, and alive.
fn elder<'a>(
    found: &mut Findings<'a>,
    lives: &Lives<'a>,
    (adult, child): (&'a str, &'a str),
    on: Date,
    place: Place,
) {
    let (born, childs) = (lives.born(adult), lives.born(child));
    let younger = born
        .zip(childs)
        .is_some_and(|(own, childs)| own.0 >= childs.0);
    if adult == child || younger {
        let text = ("不比孩子年长", "is not older than the child");
        found.add(Rule::NotOlder, adult, place, born.map(|it| it.1), text);
    }
    lives.must_be_alive(found, adult, on, place);
}

/// One arrangement at a time.
fn custodies<'a>(records: &Records<'a>, found: &mut Findings<'a>) {
    let periods = records.custody.iter().enumerate();
    let periods = periods.map(|(at, it)| overlap::Period {
        of: it.child,
        from: it.from,
        to: it.to,
        at,
    });
    for (one, other) in overlap::with_handover(periods.collect()) {
        let text = (
            format!("同时有两项抚养安排：{}起与{}起", other.from, one.from),
            format!(
                "two arrangements at once, from {} and from {}: the earlier needs an earlier `to`",
                other.from, one.from
            ),
        );
        let place = |at| Place::of(List::Custody, at, Part::From);
        let rule = Rule::CustodyOverlap;
        found.add(rule, one.of, place(one.at), Some(place(other.at)), text);
    }
}
