//! Facts as they stood on a day. Nothing here reads an entry that begins later than that day.

use time::Date;
use yuhui_kernel::{DivisionCode, divisions};

use crate::facts::{Adoption, Facts, Marriage};

/// Day of death, if the person was dead on `day`.
pub(crate) fn dead_since(facts: &Facts, person: &str, day: Date) -> Option<Date> {
    facts
        .persons
        .iter()
        .filter(|entry| entry.id == person)
        .filter_map(|entry| entry.died_on)
        .filter(|died_on| *died_on <= day)
        .min()
}

/// County of the hukou on `day`. A death ends the hukou with its day.
pub(crate) fn hukou(facts: &Facts, person: &str, day: Date) -> Option<DivisionCode> {
    if dead_since(facts, person, day).is_some_and(|died_on| died_on < day) {
        return None;
    }
    facts
        .hukou
        .iter()
        .filter(|entry| entry.person == person && entry.from <= day)
        .filter(|entry| entry.to.is_none_or(|to| day <= to))
        .map(|entry| (entry.from, entry.county.county()))
        .max()
        .map(|(_, county)| county)
}

/// County of the hukou on `day`; of the dead, the last hukou.
pub(crate) fn last_hukou(facts: &Facts, person: &str, day: Date) -> Option<DivisionCode> {
    let Some(died_on) = dead_since(facts, person, day) else {
        return hukou(facts, person, day);
    };
    facts
        .hukou
        .iter()
        .filter(|entry| entry.person == person && entry.from <= died_on)
        .map(|entry| (entry.from, entry.county.county()))
        .max()
        .map(|(_, county)| county)
}

/// Whether the county, if any, is one of Baotou's.
pub(crate) fn in_baotou(county: Option<DivisionCode>) -> bool {
    county.is_some_and(divisions::is_baotou)
}

/// Marriages of two people to each other that began on or before `day`.
pub(crate) fn marriages<'a>(
    facts: &'a Facts,
    one: &'a str,
    other: &'a str,
    day: Date,
) -> impl Iterator<Item = &'a Marriage> {
    facts.marriages.iter().filter(move |marriage| {
        let [first, second] = &marriage.spouses;
        marriage.from <= day
            && ((first == one && second == other) || (first == other && second == one))
    })
}

/// First day on which a marriage was no longer in force: its end, or the death of a spouse.
pub(crate) fn marriage_end(facts: &Facts, marriage: &Marriage, day: Date) -> Option<Date> {
    let deaths = marriage
        .spouses
        .iter()
        .filter_map(|spouse| dead_since(facts, spouse, day));
    deaths.chain(marriage.to.filter(|to| *to <= day)).min()
}

/// Whether two people were married to each other on `day`.
pub(crate) fn married(facts: &Facts, one: &str, other: &str, day: Date) -> bool {
    marriages(facts, one, other, day).any(|marriage| marriage_end(facts, marriage, day).is_none())
}

/// The latest adoption of a child on or before `day`.
pub(crate) fn adoption<'a>(facts: &'a Facts, child: &str, day: Date) -> Option<&'a Adoption> {
    facts
        .adoptions
        .iter()
        .filter(|entry| entry.child == child && entry.on <= day)
        .max_by_key(|entry| (entry.on, &entry.adopters))
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::facts::{Hukou, Person};

    /// A register that learns of a death late leaves the hukou open.
    fn open_hukou_of_the_dead() -> Facts {
        let hukou = |person: &str, county: &str, from| Hukou {
            person: person.to_owned(),
            county: county.parse().expect("a county"),
            from,
            to: None,
        };
        Facts {
            persons: vec![Person {
                id: "one".to_owned(),
                born_on: date!(1990 - 01 - 01),
                died_on: Some(date!(2025 - 03 - 01)),
            }],
            hukou: vec![
                hukou("one", "150203", date!(2012 - 01 - 01)),
                hukou("other", "150204", date!(2020 - 01 - 01)),
            ],
            ..Facts::default()
        }
    }

    #[test]
    fn a_death_ends_the_hukou_with_its_day() {
        let facts = open_hukou_of_the_dead();
        let own = Some("150203".parse().expect("a county"));
        assert_eq!(hukou(&facts, "one", date!(2025 - 02 - 28)), own);
        assert_eq!(hukou(&facts, "one", date!(2025 - 03 - 01)), own);
        assert_eq!(hukou(&facts, "one", date!(2025 - 03 - 02)), None);
    }

    #[test]
    fn the_last_hukou_of_the_dead_is_their_own() {
        let facts = open_hukou_of_the_dead();
        let own = Some("150203".parse().expect("a county"));
        assert_eq!(last_hukou(&facts, "one", date!(2025 - 06 - 01)), own);
        assert_eq!(last_hukou(&facts, "nobody", date!(2025 - 06 - 01)), None);
    }
}
