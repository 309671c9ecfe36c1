//! The scale of a round, read without floating-point arithmetic.

use std::str::FromStr;

use thiserror::Error;

/// A share of a real round: thousandths, so that `0.05` and `1` are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale(u32);

/// A text that is no scale.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no scale: write a number such as 0.05 or 1, at most 10, with three decimals at most"
)]
pub struct NoScale(String);

/// Ten times the city: more would not be a city any more.
const MOST: u32 = 10_000;

impl Scale {
    /// So much of `count`, at least one.
    pub(crate) fn of(self, count: u32) -> usize {
        let scaled = u64::from(count) * u64::from(self.0) / 1000;
        usize::try_from(scaled.max(1)).unwrap_or(usize::MAX)
    }
}

impl FromStr for Scale {
    type Err = NoScale;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
            if whole.is_empty() || decimals.len() > 3 || text.ends_with('.') {
                return None;
            }
            let digits = format!("{whole}{decimals:0<3}");
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            digits
                .parse()
                .ok()
                .filter(|scale| (1..=MOST).contains(scale))
        };
        read().map(Self).ok_or_else(|| NoScale(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_read_exactly() {
        let of = |text: &str| text.parse::<Scale>().map(|scale| scale.of(6500));
        assert_eq!(of("1"), Ok(6500));
        assert_eq!(of("0.05"), Ok(325));
        assert_eq!(of("0.001"), Ok(6));
        assert_eq!(of("2.5"), Ok(16_250));
        for text in ["", "0", "-1", "1.", ".5", "1.0001", "11", "1e3", "一"] {
            assert!(text.parse::<Scale>().is_err(), "{text}");
        }
    }
}
