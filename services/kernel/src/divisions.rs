//! The divisions that a process serves: one city, its counties (the tenants), and their townships.
//!
//! Which they are is data: those of Baotou are built in, and are what a database is filled with when
//! its tables are made, unless it is told others. A process takes them from its database
//! before it does anything else, and then never changes them.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::Deserialize;
use thiserror::Error;

use crate::division::{DivisionCode, DivisionLevel};

/// A city, a county or a township that is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// Its code.
    pub code: DivisionCode,
    /// Its code as text.
    pub code_text: String,
    /// Its Chinese name.
    pub name: String,
    /// Whether it only exists in the statistics bureau's table (industrial parks): no one's
    /// hukou is kept there.
    pub statistical_only: bool,
}

/// A city with its counties and their townships.
#[derive(Clone, Debug)]
pub struct Divisions {
    city: Division,
    /// By code, all of them.
    table: Vec<Division>,
    /// By code.
    counties: Vec<Division>,
}

/// A line of a table of divisions.
#[derive(Debug, Deserialize)]
struct Line {
    code: String,
    name: String,
    level: Level,
    parent: String,
}

/// Level of a division in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Prefecture,
    County,
    /// 街道
    Subdistrict,
    /// 苏木
    Sumu,
    /// 镇
    Town,
    /// 乡
    Township,
    /// Of the statistics bureau alone.
    StatisticalUnit,
}

/// Why a table of divisions cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DivisionsError {
    /// A line that is no division.
    #[error("line {line}: {what}")]
    Line {
        /// Line of the table, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// There is no line of the city.
    #[error("a table has a line of level prefecture, the city's")]
    NoCity,
    /// The city would have no tenant.
    #[error("{0} has no county")]
    NoCounty(DivisionCode),
}

/// The process serves other divisions already.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "this process serves {ours} in {our_units} units, and this names {theirs} in {their_units}"
)]
pub struct ServesOthers {
    ours: DivisionCode,
    our_units: usize,
    theirs: DivisionCode,
    their_units: usize,
}

static SERVED: OnceLock<Divisions> = OnceLock::new();

fn served() -> &'static Divisions {
    SERVED.get_or_init(Divisions::baotou)
}

/// Serves `divisions` from now on and for good, before anybody has asked for any.
///
/// # Errors
/// If others are served already.
pub fn serve(divisions: Divisions) -> Result<(), ServesOthers> {
    let served = SERVED.get_or_init(|| divisions.clone());
    if served.table == divisions.table {
        return Ok(());
    }
    Err(ServesOthers {
        ours: served.city.code,
        our_units: served.table.len(),
        theirs: divisions.city.code,
        their_units: divisions.table.len(),
    })
}

/// The city (市): super-tenant of the counties.
#[must_use]
pub fn city() -> DivisionCode {
    served().city.code
}

/// The city, with its code as text and its name.
#[must_use]
pub fn city_division() -> &'static Division {
    &served().city
}

/// All divisions served, by code.
#[must_use]
pub fn all() -> &'static [Division] {
    &served().table
}

/// The counties (旗县区), by code.
#[must_use]
pub fn counties() -> &'static [Division] {
    &served().counties
}

/// The county with that code.
#[must_use]
pub fn county(code: DivisionCode) -> Option<&'static Division> {
    find(&served().counties, code)
}

/// The townships (苏木乡镇、街道) of `county`, by code; units of the statistics bureau left out.
pub fn townships_of(county: DivisionCode) -> impl Iterator<Item = &'static Division> {
    served().table.iter().filter(move |division| {
        division.code.level() == DivisionLevel::Township
            && division.code.county() == county
            && !division.statistical_only
    })
}

/// The Chinese name of a division that is served.
#[must_use]
pub fn name_of(code: DivisionCode) -> Option<&'static str> {
    find(&served().table, code).map(|division| division.name.as_str())
}

/// Whether `code` is a county that is served, or lies in one.
#[must_use]
pub fn is_served(code: DivisionCode) -> bool {
    county(code.county()).is_some()
}

impl Divisions {
    /// The divisions of Baotou (包头市): ten counties and their townships.
    #[must_use]
    pub fn baotou() -> Self {
        Self::read(include_str!("../data/divisions.csv"))
            .expect("the built-in table of divisions is tested")
    }

    /// Reads a table (CSV): `code,name,level,parent`, the level one of `prefecture`, `county`,
    /// `subdistrict`, `sumu`, `town`, `township` and `statistical_unit`.
    ///
    /// # Errors
    /// The first line that is no division of the city, or that there is no city.
    pub fn read(csv: &str) -> Result<Self, DivisionsError> {
        Self::of(lines(csv)?)
    }

    /// These and those that `csv` adds.
    ///
    /// # Errors
    /// As [`Self::read`]; and a line that says another thing of a division that is there already.
    pub fn and(&self, csv: &str) -> Result<Self, DivisionsError> {
        let known = self.table.iter().map(|it| (0, it.clone()));
        Self::of(known.chain(lines(csv)?).collect())
    }

    fn of(lines: Vec<(u64, Division)>) -> Result<Self, DivisionsError> {
        let level = |wanted| {
            lines
                .iter()
                .filter(move |(_, it)| it.code.level() == wanted)
        };
        let city = level(DivisionLevel::Prefecture)
            .map(|(_, it)| it.clone())
            .next();
        let city = city.ok_or(DivisionsError::NoCity)?;
        let mut table: BTreeMap<DivisionCode, (u64, Division)> = BTreeMap::new();
        for (line, it) in lines {
            let fault = |what: String| DivisionsError::Line { line, what };
            if !city.code.contains(&it.code) {
                return Err(fault(format!("{} does not lie in {}", it.code, city.code)));
            }
            match table.get(&it.code) {
                Some((_, other)) if *other != it => {
                    return Err(fault(format!("{} is {} already", it.code, other.name)));
                }
                Some(_) => {}
                None => _ = table.insert(it.code, (line, it)),
            }
        }
        for (line, it) in table.values() {
            if it.code.level() == DivisionLevel::Township && !table.contains_key(&it.code.county())
            {
                let what = format!("{} lies in no county of the table", it.code);
                return Err(DivisionsError::Line { line: *line, what });
            }
        }
        let table: Vec<Division> = table.into_values().map(|(_, it)| it).collect();
        let counties = table
            .iter()
            .filter(|it| it.code.level() == DivisionLevel::County);
        let counties: Vec<Division> = counties.cloned().collect();
        if counties.is_empty() {
            return Err(DivisionsError::NoCounty(city.code));
        }
        Ok(Self {
            city,
            table,
            counties,
        })
    }

    /// Every division, by code.
    #[must_use]
    pub fn table(&self) -> &[Division] {
        &self.table
    }

    /// The counties, by code.
    #[must_use]
    pub fn counties(&self) -> &[Division] {
        &self.counties
    }
}

fn find(table: &[Division], code: DivisionCode) -> Option<&Division> {
    let place = table.binary_search_by_key(&code, |it| it.code);
    place.ok().and_then(|place| table.get(place))
}

impl TryFrom<Vec<Division>> for Divisions {
    type Error = DivisionsError;

    fn try_from(table: Vec<Division>) -> Result<Self, Self::Error> {
        Self::of((1..).zip(table).collect())
    }
}

fn lines(csv: &str) -> Result<Vec<(u64, Division)>, DivisionsError> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let mut found = Vec::new();
    for line in reader.deserialize::<Line>() {
        let place = found.len() as u64 + 2;
        let line = line.map_err(|error| DivisionsError::Line {
            line: error.position().map_or(place, csv::Position::line),
            what: error.to_string(),
        })?;
        let fault = |what: String| DivisionsError::Line { line: place, what };
        found.push((place, division(line).map_err(fault)?));
    }
    Ok(found)
}

fn division(line: Line) -> Result<Division, String> {
    let read = |code: &str| code.parse::<DivisionCode>().map_err(|it| it.to_string());
    let (code, parent) = (read(&line.code)?, read(&line.parent)?);
    let level = match line.level {
        Level::Prefecture => DivisionLevel::Prefecture,
        Level::County => DivisionLevel::County,
        Level::Subdistrict
        | Level::Sumu
        | Level::Town
        | Level::Township
        | Level::StatisticalUnit => DivisionLevel::Township,
    };
    if code.level() != level {
        return Err(format!("{code} is no code of its level"));
    }
    if parent == code || !parent.contains(&code) {
        return Err(format!("{code} does not lie in {parent}"));
    }
    if line.name.trim().is_empty() {
        return Err(format!("{code} has no name"));
    }
    Ok(Division {
        code,
        code_text: line.code,
        name: line.name,
        statistical_only: line.level == Level::StatisticalUnit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOHHOT: &str = "code,name,level,parent\n\
        150100,呼和浩特市,prefecture,150000\n\
        150104,玉泉区,county,150100\n\
        150104001,小召前街街道,township,150104\n";

    #[test]
    fn baotou_has_ten_counties_and_each_has_townships() {
        assert_eq!(counties().len(), 10);
        for county in counties() {
            assert!(townships_of(county.code).count() > 0, "{}", county.name);
        }
        assert_eq!(name_of(city()), Some("包头市"));
        assert_eq!(city_division().name, "包头市");
    }

    #[test]
    fn only_the_ten_counties_are_served() {
        let is = |text: &str| is_served(text.parse().expect("valid"));
        assert!(is("150271") && is("150203") && is("150203004"));
        assert!(!is("150102") && !is("150200") && !is("150299"));
    }

    #[test]
    fn a_process_serves_one_city() {
        assert_eq!(serve(Divisions::baotou()), Ok(()));
        let hohhot = Divisions::read(HOHHOT).expect("a table");
        let told = serve(hohhot).expect_err("another city").to_string();
        assert!(told.contains("150200") && told.contains("150100"), "{told}");
        assert_eq!(city_division(), &Divisions::baotou().city);
    }

    #[test]
    fn a_table_grows_by_counties() {
        let one = Divisions::read(HOHHOT).expect("a table");
        let more = "code,name,level,parent\n150105,赛罕区,county,150100\n\
            150105001,人民路街道,township,150105\n";
        let two = one.and(more).expect("grown");
        let names = |it: &Divisions| {
            it.counties()
                .iter()
                .map(|it| it.name.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&one), ["玉泉区"]);
        assert_eq!(names(&two), ["玉泉区", "赛罕区"]);
        assert_eq!(two.and(more).expect("again").table(), two.table());
        let other = more.replace("赛罕区", "回民区");
        let other = two.and(&other).expect_err("another name");
        assert_eq!(other.to_string(), "line 2: 150105 is 赛罕区 already");
    }

    #[test]
    fn what_is_wrong_with_a_table_is_said_with_its_line() {
        let with = |line: &str| Divisions::read(&format!("{HOHHOT}{line}\n"));
        for (line, what) in [
            ("150105,赛罕区,township,150100", "no code of its level"),
            ("150105,赛罕区,county,150200", "does not lie in 150200"),
            ("150105,,county,150100", "has no name"),
            ("150203,昆都仑区,county,150200", "does not lie in 150100"),
            ("150200,包头市,prefecture,150000", "does not lie in 150100"),
            ("150105001,人民路街道,township,150105", "lies in no county"),
            ("15010x,赛罕区,county,150100", "non-digit"),
            ("150105,赛罕区,village,150100", "unknown variant"),
        ] {
            let told = with(line).expect_err(line).to_string();
            assert!(told.contains("line 5") && told.contains(what), "{told}");
        }
        let none = Divisions::read("code,name,level,parent\n150105,赛罕区,county,150100\n");
        assert_eq!(none.expect_err("no city"), DivisionsError::NoCity);
    }
}
