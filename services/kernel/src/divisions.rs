//! The divisions of Baotou (包头市): ten counties that act as tenants, and their townships.

use std::sync::LazyLock;

use crate::{
    division::{DivisionCode, DivisionLevel},
    tenant::CITY,
};

/// A division of the embedded table.
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

static TABLE: LazyLock<Vec<Division>> =
    LazyLock::new(|| read().expect("the embedded table of divisions is tested"));

static COUNTIES: LazyLock<Vec<&'static Division>> = LazyLock::new(|| {
    TABLE
        .iter()
        .filter(|division| division.code.level() == DivisionLevel::County)
        .collect()
});

/// The counties (旗县区 and the 稀土高新区), by code.
#[must_use]
pub fn counties() -> &'static [&'static Division] {
    &COUNTIES
}

/// The townships (苏木乡镇、街道) of `county`, by code; units of the statistics bureau left out.
pub fn townships_of(county: DivisionCode) -> impl Iterator<Item = &'static Division> {
    TABLE.iter().filter(move |division| {
        division.code.level() == DivisionLevel::Township
            && division.code.county() == county
            && !division.statistical_only
    })
}

/// The Chinese name of a division of the table.
#[must_use]
pub fn name_of(code: DivisionCode) -> Option<&'static str> {
    let index = TABLE.binary_search_by_key(&code, |division| division.code);
    index
        .ok()
        .and_then(|index| TABLE.get(index))
        .map(|division| division.name.as_str())
}

/// Whether the county of `code` is one of the counties of Baotou.
#[must_use]
pub fn is_baotou(code: DivisionCode) -> bool {
    let county = code.county();
    CITY.contains(&county)
        && COUNTIES
            .binary_search_by_key(&county, |division| division.code)
            .is_ok()
}

fn read() -> Result<Vec<Division>, String> {
    let mut reader = csv::Reader::from_reader(include_str!("../data/divisions.csv").as_bytes());
    let mut table = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        let code_text = row.get(0).unwrap_or_default().to_owned();
        let code: DivisionCode = code_text.parse().map_err(|error| format!("{error}"))?;
        let name = row.get(1).unwrap_or_default().to_owned();
        let parent = row.get(3).unwrap_or_default();
        let parent: DivisionCode = parent.parse().map_err(|error| format!("{error}"))?;
        if name.is_empty() || !parent.contains(&code) {
            return Err(format!(
                "{code_text} has no name or lies outside its parent"
            ));
        }
        table.push(Division {
            code,
            code_text,
            name,
            statistical_only: row.get(2) == Some("statistical_unit"),
        });
    }
    table.sort_by_key(|division| division.code);
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn baotou_has_ten_counties_and_each_has_townships() {
        assert_eq!(counties().len(), 10);
        for county in counties() {
            assert!(townships_of(county.code).count() > 0, "{}", county.name);
        }
        assert_eq!(name_of(CITY), Some("包头市"));
    }

    #[test]
    fn only_the_ten_counties_are_baotou() {
        let is = |text: &str| is_baotou(text.parse().expect("valid"));
        assert!(is("150271") && is("150203") && is("150203004"));
        assert!(!is("150102") && !is("150200") && !is("150299"));
    }
}
