//! Who was born and died when, and what can happen to whom on which day.

use std::collections::BTreeMap;

use time::Date;

use super::{Findings, List, Part, Place, Records, Rule, overlap};
use crate::Sex;

/// What is known of a life.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    pub(super) born: (Date, Place),
    pub(super) died: Option<(Date, Place)>,
    pub(super) sex: Option<(Sex, Place)>,
    /// Where the child is said to be stillborn.
    pub(super) stillborn: Option<Place>,
}

/// Everybody whose birth date is known.
pub(super) struct Lives<'a>(BTreeMap<&'a str, Life>);

impl<'a> Lives<'a> {
    /// Lives as persons and deliveries tell them; of two accounts the first counts, and the other is
    /// complained of.
    pub(super) fn of(records: &Records<'a>, found: &mut Findings<'a>) -> Self {
        let mut lives: BTreeMap<&str, Life> = BTreeMap::new();
        for (at, person) in records.persons.iter().enumerate() {
            let place = |part| Place::of(List::Persons, at, part);
            let life = Life {
                born: (person.born_on, place(Part::BornOn)),
                died: person.died_on.map(|on| (on, place(Part::DiedOn))),
                sex: person.sex.map(|sex| (sex, place(Part::Sex))),
                stillborn: None,
            };
            let Some(known) = lives.get(person.id).copied() else {
                lives.insert(person.id, life);
                continue;
            };
            if known.born.0 != person.born_on {
                two_births(found, person.id, life.born, known.born);
            }
            let mut differs = |part| {
                let other = Place {
                    part,
                    ..known.born.1
                };
                let text = (
                    "同一人两次填写的内容不一致",
                    "the same person stands there with other data",
                );
                found.add(Rule::TwoAccounts, person.id, place(part), Some(other), text);
            };
            if known.sex.map(|it| it.0) != person.sex {
                differs(Part::Sex);
            }
            if known.died.map(|it| it.0) != person.died_on {
                differs(Part::DiedOn);
            }
        }
        for (at, delivery) in records.deliveries.iter().enumerate() {
            for (index, child) in delivery.children.iter().enumerate() {
                let Some(id) = child.id else { continue };
                let born = (child.born_on, Place::born(at, index, Part::BornOn));
                let life = lives.entry(id).or_insert(Life {
                    born,
                    died: None,
                    sex: None,
                    stillborn: None,
                });
                if life.born.0 != child.born_on {
                    two_births(found, id, born, life.born);
                }
                if !child.live {
                    life.stillborn = Some(Place::born(at, index, Part::Child));
                }
            }
        }
        Self(lives)
    }

    pub(super) fn of_person(&self, id: &str) -> Option<&Life> {
        self.0.get(id)
    }

    pub(super) fn born(&self, id: &str) -> Option<(Date, Place)> {
        self.0.get(id).map(|life| life.born)
    }

    pub(super) fn died(&self, id: &str) -> Option<(Date, Place)> {
        self.0.get(id)?.died
    }

    /// Complains of something that begins with somebody who is not born, or a stillborn child.
    pub(super) fn must_be_born(
        &self,
        found: &mut Findings<'a>,
        id: &'a str,
        on: Date,
        place: Place,
    ) {
        let Some(life) = self.0.get(id) else { return };
        if let Some(other) = life.stillborn {
            let text = ("该孩子为死产", format!("{on} is after a stillbirth"));
            found.add(Rule::Stillborn, id, place, Some(other), text);
        } else if on < life.born.0 {
            let born_on = life.born.0;
            let text = (
                format!("{on}早于出生日期{born_on}"),
                format!("{on} is before the birth on {born_on}"),
            );
            found.add(Rule::BeforeBirth, id, place, Some(life.born.1), text);
        }
    }

    /// Complains of something that begins with somebody who is dead.
    pub(super) fn must_be_alive(
        &self,
        found: &mut Findings<'a>,
        id: &'a str,
        on: Date,
        place: Place,
    ) {
        if let Some((died_on, other)) = self.died(id)
            && died_on < on
        {
            let text = (
                format!("{on}晚于死亡日期{died_on}"),
                format!("{on} is after the death on {died_on}"),
            );
            found.add(Rule::AfterDeath, id, place, Some(other), text);
        }
    }
}

fn two_births<'a>(
    found: &mut Findings<'a>,
    id: &'a str,
    (on, place): (Date, Place),
    (known_on, known): (Date, Place),
) {
    let text = (
        format!("出生日期{on}，另处为{known_on}"),
        format!("born on {on} here, on {known_on} there"),
    );
    found.add(Rule::TwoAccounts, id, place, Some(known), text);
}

/// Complains of a period that ends before it starts.
pub(super) fn runs_forward<'a>(
    found: &mut Findings<'a>,
    id: &'a str,
    (list, at): (List, usize),
    from: Date,
    to: Option<Date>,
) {
    if let Some(to) = to
        && to < from
    {
        let text = (
            format!("结束日期{to}早于开始日期{from}"),
            format!("ends on {to}, before it starts on {from}"),
        );
        let place = Place::of(list, at, Part::To);
        found.add(Rule::EndsBeforeStart, id, place, None, text);
    }
}

/// Complains of what cannot be known yet.
pub(super) fn known_by<'a>(
    found: &mut Findings<'a>,
    id: &'a str,
    on: Date,
    place: Place,
    today: Option<Date>,
) {
    if let Some(today) = today
        && today < on
    {
        let text = (
            format!("{on}晚于今天{today}"),
            format!("{on} is after today, {today}"),
        );
        found.add(Rule::NotYet, id, place, None, text);
    }
}

pub(super) fn check<'a>(
    records: &Records<'a>,
    lives: &Lives<'a>,
    today: Option<Date>,
    found: &mut Findings<'a>,
) {
    for (at, person) in records.persons.iter().enumerate() {
        let place = |part| Place::of(List::Persons, at, part);
        known_by(found, person.id, person.born_on, place(Part::BornOn), today);
        let Some(died_on) = person.died_on else {
            continue;
        };
        known_by(found, person.id, died_on, place(Part::DiedOn), today);
        if died_on < person.born_on {
            let born_on = person.born_on;
            let text = (
                format!("死亡日期{died_on}早于出生日期{born_on}"),
                format!("died on {died_on}, before the birth on {born_on}"),
            );
            let rule = Rule::DeathBeforeBirth;
            found.add(rule, person.id, place(Part::DiedOn), None, text);
        }
    }
    hukou(records, lives, found);
    for (list, events) in [
        (List::Stays, &records.stays),
        (List::Payments, &records.payments),
    ] {
        for (at, event) in events.iter().enumerate() {
            let place = Place::of(list, at, Part::From);
            lives.must_be_born(found, event.child, event.on, place);
        }
    }
    for (at, claim) in records.claims.iter().enumerate() {
        if let Some(applicant) = claim.applicant {
            let place = Place::of(List::Claims, at, Part::Applicant);
            lives.must_be_born(found, applicant, claim.on, place);
            lives.must_be_alive(found, applicant, claim.on, place);
        }
        for &child in &claim.children {
            let place = Place::of(List::Claims, at, Part::From);
            lives.must_be_born(found, child, claim.on, place);
        }
    }
}

/// A hukou begins in a life, and nobody has two at once.
fn hukou<'a>(records: &Records<'a>, lives: &Lives<'a>, found: &mut Findings<'a>) {
    for (at, entry) in records.hukou.iter().enumerate() {
        runs_forward(found, entry.person, (List::Hukou, at), entry.from, entry.to);
        let place = Place::of(List::Hukou, at, Part::From);
        lives.must_be_born(found, entry.person, entry.from, place);
        lives.must_be_alive(found, entry.person, entry.from, place);
    }
    let periods = records.hukou.iter().enumerate();
    let periods = periods.map(|(at, it)| overlap::Period {
        of: it.person,
        from: it.from,
        to: it.to,
        at,
    });
    for (one, other) in overlap::with_handover(periods.collect()) {
        let text = (
            format!("户籍期间重叠：{}起与{}起", other.from, one.from),
            format!(
                "in two places at once, from {} and from {}",
                other.from, one.from
            ),
        );
        let place = |at| Place::of(List::Hukou, at, Part::From);
        let rule = Rule::HukouOverlap;
        found.add(rule, one.of, place(one.at), Some(place(other.at)), text);
    }
}
