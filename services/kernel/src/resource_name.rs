//! Names of what belongs to a county: `counties/{county}`, `counties/{county}/{collection}/{id}`, and
//! what belongs to that in turn. A name is read whole or not at all.

/// The code in `counties/{county}`.
#[must_use]
pub fn county(name: &str) -> Option<&str> {
    let (county, []) = read(name, [])?;
    Some(county)
}

/// County and id of `counties/{county}/{collection}/{id}`.
#[must_use]
pub fn child<'a>(name: &'a str, collection: &str) -> Option<(&'a str, &'a str)> {
    let (county, [id]) = read(name, [collection])?;
    Some((county, id))
}

/// County and ids of `counties/{county}/{collection}/{id}/{collection}/{id}`.
#[must_use]
pub fn grandchild<'a>(
    name: &'a str,
    collections: [&str; 2],
) -> Option<(&'a str, &'a str, &'a str)> {
    let (county, [of, id]) = read(name, collections)?;
    Some((county, of, id))
}

/// Whether `name` is that of something of `county`.
#[must_use]
pub fn is_of(name: &str, county: &str) -> bool {
    let rest = name.strip_prefix("counties/");
    let parts = rest.and_then(|it| it.split_once('/'));
    parts.is_some_and(|(code, rest)| code == county && !rest.is_empty())
}

fn read<'a, const N: usize>(
    name: &'a str,
    collections: [&str; N],
) -> Option<(&'a str, [&'a str; N])> {
    let mut parts = name.split('/');
    let mut after = |collection: &str| {
        let is_there = parts.next()? == collection;
        parts.next().filter(|it| is_there && !it.is_empty())
    };
    let county = after("counties")?;
    let mut ids = [""; N];
    for (id, collection) in ids.iter_mut().zip(collections) {
        *id = after(collection)?;
    }
    parts.next().is_none().then_some((county, ids))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_whole_or_not_at_all() {
        assert_eq!(county("counties/150203"), Some("150203"));
        for other in [
            "counties/150203/cases/1",
            "counties/",
            "counties",
            "150203",
            "",
        ] {
            assert_eq!(county(other), None, "{other}");
        }
        let name = "counties/150203/cases/1";
        assert_eq!(child(name, "cases"), Some(("150203", "1")));
        assert_eq!(child(name, "rosters"), None);
        for other in [
            "counties/150203/cases/1/x",
            "counties//cases/1",
            "counties/150203/cases/",
        ] {
            assert_eq!(child(other, "cases"), None, "{other}");
        }
    }

    #[test]
    fn what_belongs_to_something_is_read_with_it() {
        let name = "counties/150203/batches/1/reports/2";
        let named = grandchild(name, ["batches", "reports"]);
        assert_eq!(named, Some(("150203", "1", "2")));
        assert_eq!(grandchild(name, ["reports", "batches"]), None);
        assert_eq!(
            grandchild("counties/150203/batches/1", ["batches", "reports"]),
            None
        );
        assert_eq!(child(name, "batches"), None);
    }

    #[test]
    fn a_case_is_of_its_own_county_only() {
        assert!(is_of("counties/150203/cases/1", "150203"));
        assert!(!is_of("counties/150204/cases/1", "150203"));
        assert!(!is_of("counties/150203/", "150203"));
        assert!(!is_of("150203", "150203"));
    }
}
