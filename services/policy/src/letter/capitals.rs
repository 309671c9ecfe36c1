//! Amounts in Chinese capitals (人民币大写).

use yuhui_kernel::Money;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];

/// Largest unit first.
const UNITS: [(u64, char); 5] = [
    (100_000_000, '亿'),
    (10_000, '万'),
    (1_000, '仟'),
    (100, '佰'),
    (10, '拾'),
];

/// The amount in Chinese capitals, e.g. `人民币伍仟元整`.
#[must_use]
pub fn chinese_capitals(amount: Money) -> String {
    let magnitude = amount.fen().unsigned_abs();
    let (yuan, jiao, fen) = (magnitude / 100, magnitude / 10 % 10, magnitude % 10);
    let mut text = String::from("人民币");
    if amount.fen() < 0 {
        text.push('负');
    }
    if yuan > 0 || magnitude == 0 {
        text.push_str(&whole(yuan));
        text.push('元');
    }
    if jiao > 0 {
        text.push(digit(jiao));
        text.push('角');
    }
    if fen > 0 {
        if jiao == 0 && yuan > 0 {
            text.push('零');
        }
        text.push(digit(fen));
        text.push('分');
    } else {
        text.push('整');
    }
    text
}

/// A whole number; one 零 stands for any run of noughts between digits.
fn whole(number: u64) -> String {
    let Some((size, unit)) = UNITS.into_iter().find(|(size, _)| number >= *size) else {
        return digit(number).to_string();
    };
    let (high, low) = (number / size, number % size);
    let mut text = whole(high);
    text.push(unit);
    if low > 0 {
        if low < size / 10 {
            text.push('零');
        }
        text.push_str(&whole(low));
    }
    text
}

fn digit(number: u64) -> char {
    let index = usize::try_from(number).unwrap_or_default();
    DIGITS.get(index).copied().unwrap_or('零')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_on_cheques() {
        for (fen, capitals) in [
            (0, "人民币零元整"),
            (5, "人民币伍分"),
            (50, "人民币伍角整"),
            (500_000, "人民币伍仟元整"),
            (250_000, "人民币贰仟伍佰元整"),
            (20_833, "人民币贰佰零捌元叁角叁分"),
            (10_005, "人民币壹佰元零伍分"),
            (1_000, "人民币壹拾元整"),
            (10_000_000, "人民币壹拾万元整"),
            (1_000_500_000, "人民币壹仟万伍仟元整"),
            (1_000_000_100, "人民币壹仟万零壹元整"),
            (10_000_010_000_000, "人民币壹仟亿零壹拾万元整"),
            (-250, "人民币负贰元伍角整"),
        ] {
            assert_eq!(chinese_capitals(Money::from_fen(fen)), capitals);
        }
    }

    #[test]
    fn the_largest_amount_can_be_written() {
        let text = chinese_capitals(Money::from_fen(i64::MAX));
        assert!(
            text.starts_with("人民币玖亿贰仟") && text.ends_with("柒分"),
            "{text}"
        );
    }
}
