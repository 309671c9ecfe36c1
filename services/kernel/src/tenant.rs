//! Tenants: the counties that run the scheme (二: 各旗县区、稀土高新区负责组织实施).

use std::{fmt, str::FromStr, sync::OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::{
    division::DivisionCode,
    divisions::{self, Division},
};

/// A county of the city as a tenant. The value is proof that the county is served.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(DivisionCode);

/// A text that names no tenant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is no county of {city}", city = divisions::city_division().name)]
pub struct UnknownTenant {
    /// The text that was read.
    pub text: String,
}

static ALL: OnceLock<Vec<Tenant>> = OnceLock::new();

impl Tenant {
    /// Reads the six-digit code of a county.
    pub fn parse(text: &str) -> Result<Self, UnknownTenant> {
        divisions::counties()
            .iter()
            .find(|county| county.code_text == text)
            .map(|county| Self(county.code))
            .ok_or_else(|| UnknownTenant {
                text: text.to_owned(),
            })
    }

    /// The tenant of the county in which `code` lies (R-ID-3: the township of the hukou record).
    #[must_use]
    pub fn of(code: DivisionCode) -> Option<Self> {
        divisions::is_served(code).then(|| Self(code.county()))
    }

    /// All tenants, by code.
    #[must_use]
    pub fn all() -> &'static [Self] {
        ALL.get_or_init(|| {
            divisions::counties()
                .iter()
                .map(|county| Self(county.code))
                .collect()
        })
    }

    /// The six-digit code.
    #[must_use]
    pub fn code(self) -> DivisionCode {
        self.0
    }

    /// The six-digit code as text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.division().map_or("", |division| &division.code_text)
    }

    /// The Chinese name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.division().map_or("", |division| &division.name)
    }

    fn division(self) -> Option<&'static Division> {
        divisions::county(self.0)
    }
}

impl FromStr for Tenant {
    type Err = UnknownTenant;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tenant({})", self.0)
    }
}

impl Serialize for Tenant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Tenant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_a_county_of_the_table() {
        assert_eq!(Tenant::all().len(), 10);
        for tenant in Tenant::all() {
            assert_eq!(Tenant::parse(tenant.as_str()), Ok(*tenant));
            assert!(!tenant.name().is_empty());
        }
        for text in ["150200", "150102", "150203004", "", "15020３"] {
            assert!(Tenant::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_hukou_township_names_its_tenant() {
        let township = "150203004".parse().expect("valid");
        assert_eq!(Tenant::of(township).map(Tenant::as_str), Some("150203"));
        assert_eq!(Tenant::of(divisions::city()), None);
    }
}
