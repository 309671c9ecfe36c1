//! The code beside the number of a receipt or of a report: whoever has both is told how it stands.

/// Digits and letters that nobody takes for one another (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Bits of a letter.
const BITS: u32 = 5;
/// Letters of a code: 40 bits.
const LENGTH: u32 = 8;

/// A code. It has no `Debug`: it is on no record.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicCode(String);

impl PublicCode {
    /// The code of 40 random bits.
    pub fn of(random: [u8; 5]) -> Self {
        let bits = random
            .into_iter()
            .fold(0_u64, |bits, byte| (bits << 8) | u64::from(byte));
        let letters = (0..LENGTH).rev().filter_map(|place| {
            let letter = usize::try_from((bits >> (BITS * place)) & 31).ok()?;
            LETTERS.get(letter).copied().map(char::from)
        });
        Self(letters.collect())
    }

    /// What somebody has typed, which may be no code at all.
    pub fn read(typed: &str) -> Self {
        let letters = typed.chars().filter(|it| !" -".contains(*it));
        let letters = letters.map(|it| match it.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            it => it,
        });
        Self(letters.collect())
    }

    /// As it is printed: two groups of four.
    pub fn printed(&self) -> String {
        let (left, right) = self.0.split_at_checked(4).unwrap_or((&self.0, ""));
        format!("{left}-{right}")
    }

    /// What is kept as a keyed hash: a code of one number is none of another.
    pub fn beside(&self, number: &str) -> String {
        format!("{number} {}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_forty_bits_and_reads_back_however_it_is_typed() {
        assert_eq!(PublicCode::of([0; 5]).printed(), "0000-0000");
        assert_eq!(PublicCode::of([0xff; 5]).printed(), "ZZZZ-ZZZZ");
        let code = PublicCode::of([0x08, 0x86, 0x42, 0x98, 0xe8]);
        let printed = code.printed();
        assert_eq!(printed, "1234-5678");
        for typed in ["12345678", " i2-34 5678", "L234-5678", &printed] {
            assert!(PublicCode::read(typed) == code, "{typed}");
        }
        assert!(PublicCode::read("1234567") != code);
        assert_ne!(code.beside("a"), code.beside("b"));
    }

    #[test]
    fn each_bit_counts() {
        for bit in 0..40 {
            let mut random = [0_u8; 5];
            random[bit / 8] = 1 << (bit % 8);
            assert!(PublicCode::of(random) != PublicCode::of([0; 5]), "{bit}");
        }
    }
}
