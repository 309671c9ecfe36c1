//! Money in fen (分), the only unit of account in the system (R-MON-1).

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount of money in fen; 1 yuan (元) = 100 fen (分).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of `fen`.
    #[must_use]
    pub const fn from_fen(fen: i64) -> Self {
        Self(fen)
    }

    /// A whole number of yuan, or `None` when it does not fit.
    #[must_use]
    pub const fn from_yuan(yuan: i64) -> Option<Self> {
        match yuan.checked_mul(100) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// The amount in fen.
    #[must_use]
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// Whether the amount is nought.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Sum, or `None` on overflow.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// Difference, or `None` on overflow.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// The amount `times` over, or `None` on overflow.
    #[must_use]
    pub const fn checked_mul(self, times: i64) -> Option<Self> {
        match self.0.checked_mul(times) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// What is left after `other`, but never below nought.
    #[must_use]
    pub const fn less_down_to_zero(self, other: Self) -> Self {
        let left = self.0.saturating_sub(other.0);
        if left > 0 { Self(left) } else { Self::ZERO }
    }

    /// Total of `amounts`, or `None` on overflow.
    pub fn total(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// The two halves of R-MON-1: the first-lodged claim gets ⌈a/2⌉, the second ⌊a/2⌋.
    #[must_use]
    pub const fn halves(self) -> (Self, Self) {
        let second = self.0.div_euclid(2);
        (Self(self.0 - second), Self(second))
    }

    /// The 1:1 split of R-MON-2 (五(一)): city ⌊T/2⌋, county the rest.
    #[must_use]
    pub const fn city_county_shares(self) -> (Self, Self) {
        let (more, less) = self.halves();
        (less, more)
    }

    /// `self × num ÷ den`, rounded half up to the fen once (R-MON-1); `None` when `den` is
    /// not positive or the result does not fit.
    #[must_use]
    pub fn ratio_half_up(self, num: i64, den: i64) -> Option<Self> {
        if den <= 0 {
            return None;
        }
        let product = i128::from(self.0) * i128::from(num);
        let doubled_den = i128::from(den) * 2;
        let rounded = (product * 2 + i128::from(den)).div_euclid(doubled_den);
        i64::try_from(rounded).ok().map(Self)
    }
}

/// Yuan with two decimals and thousands separators, e.g. `5,000.00`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let yuan = (magnitude / 100).to_string();
        let mut text = String::with_capacity(yuan.len() + yuan.len() / 3 + 4);
        if self.0 < 0 {
            text.push('-');
        }
        for (index, digit) in yuan.chars().enumerate() {
            if index > 0 && (yuan.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text.push_str(&format!(".{:02}", magnitude % 100));
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn is_shown_in_yuan() {
        assert_eq!(Money::from_fen(500_000).to_string(), "5,000.00");
        assert_eq!(Money::from_fen(5).to_string(), "0.05");
        assert_eq!(Money::from_fen(-123_456_789).to_string(), "-1,234,567.89");
        assert_eq!(Money::ZERO.to_string(), "0.00");
    }

    #[test]
    fn an_odd_fen_goes_to_the_first_half_and_to_the_county() {
        let (first, second) = Money::from_fen(5).halves();
        assert_eq!((first.fen(), second.fen()), (3, 2));
        let (city, county) = Money::from_fen(20_833).city_county_shares();
        assert_eq!((city.fen(), county.fen()), (10_416, 10_417));
    }

    #[test]
    fn five_twelfths_of_500_yuan_is_208_33() {
        let half_up = Money::from_fen(50_000).ratio_half_up(5, 12);
        assert_eq!(half_up, Some(Money::from_fen(20_833)));
        assert_eq!(
            Money::from_fen(1).ratio_half_up(1, 2),
            Some(Money::from_fen(1))
        );
        assert_eq!(Money::from_fen(1).ratio_half_up(1, 0), None);
    }

    proptest! {
        #[test]
        fn halves_and_shares_sum_to_the_whole(fen in 0_i64..) {
            let whole = Money::from_fen(fen);
            let (first, second) = whole.halves();
            prop_assert_eq!(first.checked_add(second), Some(whole));
            prop_assert!(first >= second && first.fen() - second.fen() <= 1);
            let (city, county) = whole.city_county_shares();
            prop_assert_eq!(city.checked_add(county), Some(whole));
            prop_assert!(county >= city);
        }

        #[test]
        fn json_is_a_bare_integer(fen in any::<i64>()) {
            let money = Money::from_fen(fen);
            let text = serde_json::to_string(&money).expect("an integer is always writable");
            prop_assert_eq!(&text, &fen.to_string());
            let back: Money = serde_json::from_str(&text).expect("what was written is readable");
            prop_assert_eq!(back, money);
        }
    }
}
