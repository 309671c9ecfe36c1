//! The versions of a policy, one after another: which decides a claim follows from its lodging day.

use time::Date;

use super::{Pack, PackError, Parameters};
use crate::Law;

/// Versions that do not overlap, the earliest first.
///
/// A version without a last day runs until the day before the next begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue<L = Parameters> {
    packs: Vec<Pack<L>>,
}

impl<L> Default for Catalogue<L> {
    fn default() -> Self {
        Self { packs: Vec::new() }
    }
}

impl<L: Law> Catalogue<L> {
    /// The catalogue of these versions, in any order. Two that would be in force on the same day, or
    /// that go by the same name, are refused.
    pub fn new(mut packs: Vec<Pack<L>>) -> Result<Self, PackError> {
        packs.sort_by_key(Pack::effective_from);
        for (at, pack) in packs.iter().enumerate() {
            let mut others = packs.iter().skip(at + 1);
            if others.any(|other| other.version() == pack.version()) {
                return Err(PackError::SameVersion {
                    version: pack.version().to_owned(),
                });
            }
        }
        for pair in packs.windows(2) {
            let [earlier, later] = pair else { continue };
            let from = later.effective_from();
            let open_ended = earlier.effective_to().is_none();
            if earlier.effective_from() == from || (!open_ended && earlier.in_force_on(from)) {
                return Err(PackError::Overlap {
                    version: later.version().to_owned(),
                    other: earlier.version().to_owned(),
                    day: from,
                });
            }
        }
        Ok(Self { packs })
    }

    /// The same with one version more.
    pub fn with(&self, pack: Pack<L>) -> Result<Self, PackError> {
        let mut packs = self.packs.clone();
        packs.push(pack);
        Self::new(packs)
    }

    /// The version that decides a claim lodged on `day` (R-PRC-9), if one is in force.
    #[must_use]
    pub fn in_force_on(&self, day: Date) -> Option<&Pack<L>> {
        let begun = self.packs.partition_point(|it| it.effective_from() <= day);
        let latest = self.packs.get(begun.checked_sub(1)?)?;
        latest.in_force_on(day).then_some(latest)
    }

    /// The version of that name.
    #[must_use]
    pub fn version(&self, version: &str) -> Option<&Pack<L>> {
        self.packs.iter().find(|it| it.version() == version)
    }

    /// All versions, the earliest first.
    pub fn iter(&self) -> impl Iterator<Item = &Pack<L>> {
        self.packs.iter()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::PolicyPack;

    /// A version of that name and those days.
    fn pack(version: &str, from: &str, to: Option<&str>) -> PolicyPack {
        let days = to.map_or_else(
            || format!("effective_from = \"{from}\""),
            |to| format!("effective_from = \"{from}\"\neffective_to = \"{to}\""),
        );
        let text = include_str!("../../packs/baotou-2024-126.toml")
            .replace("baotou-2024-126/1", version)
            .replace("effective_from = \"2024-12-20\"", &days);
        PolicyPack::from_toml(&text).expect("a pack")
    }

    fn found(catalogue: &Catalogue, day: Date) -> Option<&str> {
        catalogue.in_force_on(day).map(PolicyPack::version)
    }

    #[test]
    fn the_day_of_lodging_finds_its_version() {
        let first = pack("one", "2024-12-20", None);
        let second = pack("two", "2026-01-01", Some("2026-06-30"));
        let catalogue = Catalogue::new(vec![second, first]).expect("one after another");
        assert_eq!(found(&catalogue, date!(2024 - 12 - 19)), None);
        assert_eq!(found(&catalogue, date!(2024 - 12 - 20)), Some("one"));
        assert_eq!(found(&catalogue, date!(2025 - 12 - 31)), Some("one"));
        assert_eq!(found(&catalogue, date!(2026 - 01 - 01)), Some("two"));
        assert_eq!(found(&catalogue, date!(2026 - 06 - 30)), Some("two"));
        assert_eq!(found(&catalogue, date!(2026 - 07 - 01)), None);
        assert!(catalogue.version("two").is_some() && catalogue.version("three").is_none());
    }

    #[test]
    fn overlapping_days_are_refused_with_both_names() {
        let first = pack("one", "2024-12-20", Some("2026-01-01"));
        let catalogue = Catalogue::new(vec![first]).expect("one version");
        let refused = catalogue.with(pack("two", "2026-01-01", None));
        assert_eq!(
            refused.expect_err("the first of January twice").to_string(),
            "`two` and `one` would both be in force on 2026-01-01"
        );
        assert!(catalogue.with(pack("two", "2026-01-02", None)).is_ok());

        let open = Catalogue::new(vec![pack("one", "2024-12-20", None)]).expect("one version");
        assert!(open.with(pack("two", "2024-12-20", None)).is_err());
        assert!(matches!(
            open.with(pack("one", "2026-01-01", None)),
            Err(PackError::SameVersion { .. })
        ));
    }
}
