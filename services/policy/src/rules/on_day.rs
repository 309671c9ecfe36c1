//! Facts as they stood on a day. Nothing here reads an entry that begins later than that day, but
//! for the hukou entry that ends a move inside Baotou (R-DAT-9).

use time::Date;
use yuhui_kernel::{DivisionCode, dates::add_days, divisions};

use crate::facts::{Adoption, FactKind, Facts, Hukou, Known, Marriage, Unknown};

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

/// County of the hukou on `day`. A death ends the hukou with its day; up to `gap_days` uncovered
/// days of a move inside Baotou are the earlier county's (R-DAT-9).
pub(crate) fn hukou(facts: &Facts, person: &str, day: Date, gap_days: i32) -> Option<DivisionCode> {
    if dead_since(facts, person, day).is_some_and(|died_on| died_on < day) {
        return None;
    }
    let entered = entered_hukou(facts, person, day);
    entered.or_else(|| Some(move_on(facts, person, day, gap_days)?.from_county))
}

/// County of the hukou on `day`; of the dead, that of the day of death. An entry that had ended
/// before the death stays ended (R-P1-5, R-P1-15).
pub(crate) fn last_hukou(
    facts: &Facts,
    person: &str,
    day: Date,
    gap_days: i32,
) -> Option<DivisionCode> {
    let day = dead_since(facts, person, day).unwrap_or(day);
    hukou(facts, person, day, gap_days)
}

/// Day of death, if the person was dead on `day`; unknown if nobody can say.
pub(crate) fn dead_since_known(facts: &Facts, person: &str, day: Date) -> Known<Option<Date>> {
    let died_on = dead_since(facts, person, day);
    match facts.missing_death(person, day) {
        Some(unknown) if died_on.is_none() => Err(unknown),
        _ => Ok(died_on),
    }
}

/// [`hukou`], unless what is missing of entries or of a death could change it.
pub(crate) fn hukou_known(
    facts: &Facts,
    person: &str,
    day: Date,
    gap_days: i32,
) -> Known<Option<DivisionCode>> {
    let county = entered_known(facts, person, day, gap_days)?;
    if county.is_some() {
        dead_since_known(facts, person, day)?;
    }
    Ok(county)
}

/// [`last_hukou`], unless what is missing could change it. Whoever is entered on `day` was entered
/// there when he died, if he did; of whom an entry has ended, a death may have ended it.
pub(crate) fn last_hukou_known(
    facts: &Facts,
    person: &str,
    day: Date,
    gap_days: i32,
) -> Known<Option<DivisionCode>> {
    match dead_since_known(facts, person, day) {
        Ok(died_on) => entered_known(facts, person, died_on.unwrap_or(day), gap_days),
        Err(unknown) => {
            let county = entered_known(facts, person, day, gap_days)?;
            let ended = entries(facts, person).any(|entry| entry.from <= day);
            if county.is_none() && ended {
                return Err(unknown);
            }
            Ok(county)
        }
    }
}

/// The hukou on `day` as entered, whether he lives or not, unless entries are missing that could
/// change it: of that day, or those that would end a move (R-DAT-9).
fn entered_known(
    facts: &Facts,
    person: &str,
    day: Date,
    gap_days: i32,
) -> Known<Option<DivisionCode>> {
    if let Some(unknown) = facts.missing_on(FactKind::Hukou, person, day) {
        return Err(unknown);
    }
    let county = hukou(facts, person, day, gap_days);
    let may_be_moving = || {
        entered_hukou(facts, person, day).is_none()
            && entries(facts, person).any(|entry| entry.to.is_some_and(|to| to < day))
    };
    match facts.missing(FactKind::Hukou, person) {
        Some(unknown) if may_be_moving() => Err(unknown),
        _ => Ok(county),
    }
}

/// What is entered of a person.
fn entries<'a>(facts: &'a Facts, person: &str) -> impl Iterator<Item = &'a Hukou> + Clone {
    facts
        .hukou
        .iter()
        .filter(move |entry| entry.person == person)
}

/// County of the entry that covers `day`; on the day of a hand-over the later one's.
fn entered_hukou(facts: &Facts, person: &str, day: Date) -> Option<DivisionCode> {
    entries(facts, person)
        .filter(|entry| entry.from <= day && entry.to.is_none_or(|to| day <= to))
        .map(|entry| (entry.from, entry.county.county()))
        .max()
        .map(|(_, county)| county)
}

/// A move inside Baotou, entered by two stations with days between (R-DAT-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Move {
    /// County of the entry that had ended.
    from_county: DivisionCode,
    /// First day that no entry covers.
    pub(crate) first_day: Date,
    /// Last day that no entry covers.
    pub(crate) last_day: Date,
}

/// R-DAT-9 (三(一)1(1), 六1; AMB-54): the move on whose uncovered days `day` lies, if there are at
/// most `gap_days` of them between two Baotou entries. “迁出包头市”: a delay of the stations is no
/// move out; a longer gap, one beside an entry elsewhere, and an end without a next entry are.
pub(crate) fn move_on(facts: &Facts, person: &str, day: Date, gap_days: i32) -> Option<Move> {
    if entered_hukou(facts, person, day).is_some() {
        return None;
    }
    let ends = entries(facts, person)
        .filter(|entry| entry.from < day)
        .filter_map(|entry| entry.to);
    let left_on = ends.filter(|to| *to < day).max()?;
    let begins = entries(facts, person).map(|entry| entry.from);
    let entered_on = begins.filter(|from| *from > day).min()?;
    let (first_day, last_day) = (add_days(left_on, 1), add_days(entered_on, -1));
    let uncovered = (last_day - first_day).whole_days() + 1;
    let from_county = entered_hukou(facts, person, left_on);
    let to_county = entered_hukou(facts, person, entered_on);
    (uncovered <= i64::from(gap_days) && in_baotou(from_county) && in_baotou(to_county)).then_some(
        Move {
            from_county: from_county?,
            first_day,
            last_day,
        },
    )
}

/// Whether the county, if any, is one of Baotou's.
pub(crate) fn in_baotou(county: Option<DivisionCode>) -> bool {
    county.is_some_and(divisions::is_served)
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

/// [`married`], unless a marriage may be missing: one that is known is in force until its end is.
pub(crate) fn married_known(facts: &Facts, one: &str, other: &str, day: Date) -> Known<bool> {
    if married(facts, one, other, day) {
        return Ok(true);
    }
    marriages_missing(facts, one, other, day).map_or(Ok(false), Err)
}

/// Whether a marriage of the two that began by `day` may be missing.
pub(crate) fn marriages_missing(
    facts: &Facts,
    one: &str,
    other: &str,
    day: Date,
) -> Option<Unknown> {
    let missing = |spouse| facts.missing_by(FactKind::Marriage, spouse, day);
    missing(one).or_else(|| missing(other))
}

/// [`adoption`], unless one may be missing.
pub(crate) fn adoption_known<'a>(
    facts: &'a Facts,
    child: &str,
    day: Date,
) -> Known<Option<&'a Adoption>> {
    match facts.missing_by(FactKind::Adoption, child, day) {
        Some(unknown) => Err(unknown),
        None => Ok(adoption(facts, child, day)),
    }
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
    use crate::facts::Person;

    const GAP: i32 = 30;

    fn county(code: &str) -> DivisionCode {
        code.parse().expect("a county")
    }

    fn entry(person: &str, code: &str, from: Date, to: Option<Date>) -> Hukou {
        Hukou {
            person: person.to_owned(),
            county: county(code),
            from,
            to,
        }
    }

    /// A register that learns of a death late leaves the hukou open.
    fn open_hukou_of_the_dead() -> Facts {
        Facts {
            persons: vec![Person {
                id: "one".to_owned(),
                born_on: date!(1990 - 01 - 01),
                died_on: Some(date!(2025 - 03 - 01)),
            }],
            hukou: vec![
                entry("one", "150203", date!(2012 - 01 - 01), None),
                entry("other", "150204", date!(2020 - 01 - 01), None),
            ],
            ..Facts::default()
        }
    }

    /// Entered in one county until the last day of February 2025, in another from `from` on.
    fn moved(code: &str, from: Date) -> Facts {
        Facts {
            hukou: vec![
                entry("one", code, from, None),
                entry(
                    "one",
                    "150203",
                    date!(2012 - 01 - 01),
                    Some(date!(2025 - 02 - 28)),
                ),
            ],
            ..Facts::default()
        }
    }

    #[test]
    fn a_death_ends_the_hukou_with_its_day() {
        let facts = open_hukou_of_the_dead();
        let own = Some(county("150203"));
        assert_eq!(hukou(&facts, "one", date!(2025 - 02 - 28), GAP), own);
        assert_eq!(hukou(&facts, "one", date!(2025 - 03 - 01), GAP), own);
        assert_eq!(hukou(&facts, "one", date!(2025 - 03 - 02), GAP), None);
    }

    #[test]
    fn the_last_hukou_of_the_dead_is_their_own() {
        let facts = open_hukou_of_the_dead();
        let own = Some(county("150203"));
        assert_eq!(last_hukou(&facts, "one", date!(2025 - 06 - 01), GAP), own);
        assert_eq!(
            last_hukou(&facts, "nobody", date!(2025 - 06 - 01), GAP),
            None
        );
    }

    #[test]
    fn what_had_ended_before_the_death_stays_ended() {
        let mut facts = open_hukou_of_the_dead();
        for entry in &mut facts.hukou {
            entry.to = Some(date!(2025 - 02 - 28));
        }
        assert_eq!(last_hukou(&facts, "one", date!(2025 - 06 - 01), GAP), None);
        for entry in &mut facts.hukou {
            entry.to = Some(date!(2025 - 03 - 01));
        }
        assert_eq!(
            last_hukou(&facts, "one", date!(2025 - 06 - 01), GAP),
            Some(county("150203"))
        );
    }

    #[test]
    fn the_days_of_a_move_inside_baotou_are_the_earlier_countys() {
        // Thirty uncovered days, 1 to 30 March.
        let facts = moved("150204", date!(2025 - 03 - 31));
        let on = |day| hukou(&facts, "one", day, GAP);
        assert_eq!(on(date!(2025 - 02 - 28)), Some(county("150203")));
        assert_eq!(on(date!(2025 - 03 - 01)), Some(county("150203")));
        assert_eq!(on(date!(2025 - 03 - 30)), Some(county("150203")));
        assert_eq!(on(date!(2025 - 03 - 31)), Some(county("150204")));
        assert_eq!(hukou(&facts, "one", date!(2025 - 03 - 10), GAP - 1), None);
        assert_eq!(hukou(&facts, "one", date!(2025 - 03 - 10), 0), None);
        let told = move_on(&facts, "one", date!(2025 - 03 - 10), GAP).expect("a move");
        assert_eq!(told.first_day, date!(2025 - 03 - 01));
        assert_eq!(told.last_day, date!(2025 - 03 - 30));
    }

    #[test]
    fn longer_gaps_and_moves_elsewhere_are_read_as_they_stand() {
        let day = date!(2025 - 03 - 10);
        let longer = moved("150204", date!(2025 - 04 - 01));
        assert_eq!(hukou(&longer, "one", day, GAP), None);
        let elsewhere = moved("150602", date!(2025 - 03 - 12));
        assert_eq!(hukou(&elsewhere, "one", day, GAP), None);
        let mut from_elsewhere = moved("150204", date!(2025 - 03 - 12));
        for entry in &mut from_elsewhere.hukou {
            if entry.to.is_some() {
                entry.county = county("150602");
            }
        }
        assert_eq!(hukou(&from_elsewhere, "one", day, GAP), None);
        let mut gone = moved("150204", date!(2025 - 03 - 12));
        gone.hukou.retain(|entry| entry.to.is_some());
        assert_eq!(hukou(&gone, "one", day, GAP), None);
        let mut born = moved("150204", date!(2025 - 03 - 12));
        born.hukou.retain(|entry| entry.to.is_none());
        assert_eq!(hukou(&born, "one", day, GAP), None);
    }
}
