//! Resource names.

/// The last part of `counties/{county}`.
#[must_use]
pub fn county(name: &str) -> Option<&str> {
    let code = name.strip_prefix("counties/")?;
    (!code.is_empty() && !code.contains('/')).then_some(code)
}

/// County and id of `counties/{county}/{collection}/{id}`.
#[must_use]
pub fn child<'a>(name: &'a str, collection: &str) -> Option<(&'a str, &'a str)> {
    let mut parts = name.split('/');
    let (root, county, kind, id) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let whole = root == "counties" && kind == collection && parts.next().is_none();
    (whole && !county.is_empty() && !id.is_empty()).then_some((county, id))
}

/// `counties/{county}/proposals/{id}`.
#[must_use]
pub fn proposal(county: &str, id: &str) -> String {
    format!("counties/{county}/proposals/{id}")
}

/// `counties/{county}/journals/{sequence}`.
#[must_use]
pub fn journal(county: &str, sequence: i64) -> String {
    format!("counties/{county}/journals/{sequence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_whole_or_not_at_all() {
        assert_eq!(county("counties/150203"), Some("150203"));
        assert_eq!(county("counties/150203/cases/1"), None);
        assert_eq!(county("counties/"), None);
        let name = proposal("150203", "a");
        assert_eq!(child(&name, "proposals"), Some(("150203", "a")));
        assert_eq!(child(&name, "cases"), None);
        assert_eq!(child("counties/150203/cases/1/x", "cases"), None);
        assert_eq!(child("counties//cases/1", "cases"), None);
    }
}
