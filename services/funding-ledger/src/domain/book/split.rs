//! R-MON-2: the 1:1 split of a round's running total.

use yuhui_kernel::Money;

/// Who bears the odd fen (parameter `funding.residual_fen_bearer`, AMB-45).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResidualBearer {
    /// The county: city ⌊T/2⌋.
    #[default]
    County,
    /// The city: county ⌊T/2⌋.
    City,
}

impl ResidualBearer {
    /// The value of the parameter.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::County => "COUNTY",
            Self::City => "CITY",
        }
    }

    /// Reads the value of the parameter.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "COUNTY" => Some(Self::County),
            "CITY" => Some(Self::City),
            _ => None,
        }
    }

    /// The two shares (city, county) of a running total.
    #[must_use]
    pub const fn split(self, total: Money) -> (Money, Money) {
        let (more, less) = total.halves();
        match self {
            Self::County => (less, more),
            Self::City => (more, less),
        }
    }

    /// What city and county bear of the change from one running total to another: the split is
    /// recomputed and only the difference counts. `None` on overflow.
    #[must_use]
    pub fn change(self, from: Money, to: Money) -> Option<(Money, Money)> {
        let (city_before, county_before) = self.split(from);
        let (city_after, county_after) = self.split(to);
        Some((
            city_after.checked_sub(city_before)?,
            county_after.checked_sub(county_before)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_odd_fen_is_borne_by_the_one_who_is_named() {
        let total = Money::from_fen(99_999);
        let (city, county) = ResidualBearer::County.split(total);
        assert_eq!((city.fen(), county.fen()), (49_999, 50_000));
        let (city, county) = ResidualBearer::City.split(total);
        assert_eq!((city.fen(), county.fen()), (50_000, 49_999));
        assert_eq!(
            ResidualBearer::from_code("CITY"),
            Some(ResidualBearer::City)
        );
    }

    #[test]
    fn three_lines_of_333_33_come_back_as_in_the_worked_case() {
        let bearer = ResidualBearer::County;
        let first = bearer.change(Money::from_fen(99_999), Money::from_fen(66_666));
        let second = bearer.change(Money::from_fen(66_666), Money::from_fen(33_333));
        assert_eq!(
            first,
            Some((Money::from_fen(-16_666), Money::from_fen(-16_667)))
        );
        assert_eq!(
            second,
            Some((Money::from_fen(-16_667), Money::from_fen(-16_666)))
        );
    }
}
