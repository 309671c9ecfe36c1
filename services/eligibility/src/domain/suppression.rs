//! Counts that are told to everybody: who is one of three is soon known by name.

/// Fewer are not told.
pub const FEW: i64 = 5;

/// Sum of what is hidden beside one another, for every small count to be possible in it.
const ENOUGH: i64 = 2 * FEW - 1;

/// Counts and their total, as far as they are told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Told {
    /// In their order; none where it is not told.
    pub counts: Vec<Option<i64>>,
    /// Their sum.
    pub total: Option<i64>,
}

/// What is told of counts: none of one to four, and none that would give one of those away. One hidden count is its total
/// less the others, and several small ones may be told apart by their sum: so others are hidden with them, until what is
/// hidden could be anything. Which ones follows from their places and not from how many they are: that the smallest was
/// chosen would tell something of it. A total of a few is not told, nor where they are.
pub fn told(counts: &[i64]) -> Told {
    let total: i64 = counts.iter().sum();
    let few = |it: i64| (1..FEW).contains(&it);
    if few(total) {
        return Told {
            counts: vec![None; counts.len()],
            total: None,
        };
    }
    let mut hidden: Vec<bool> = counts.iter().map(|it| few(*it)).collect();
    if let Some(first) = hidden.iter().position(|it| *it) {
        let counted = counts.iter().zip(&hidden).filter(|(_, hidden)| **hidden);
        let (mut sum, mut others) = (counted.map(|(count, _)| count).sum::<i64>(), 0);
        for place in (first + 1..counts.len()).chain(0..first) {
            if others > 0 && sum >= ENOUGH {
                break;
            }
            if let (Some(it), Some(count @ 1..)) = (hidden.get_mut(place), counts.get(place))
                && !*it
            {
                *it = true;
                sum += count;
                others += 1;
            }
        }
    }
    let told = counts.iter().zip(hidden);
    Told {
        counts: told
            .map(|(count, hidden)| (!hidden).then_some(*count))
            .collect(),
        total: Some(total),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use super::*;

    #[test]
    fn many_are_told_few_are_not_and_none_is_none() {
        let plain = told(&[12, 0, 7, 30]);
        assert_eq!(plain.counts, [Some(12), Some(0), Some(7), Some(30)]);
        assert_eq!(plain.total, Some(49));
        let hidden = told(&[12, 3, 7, 30]);
        assert_eq!(hidden.counts, [Some(12), None, None, Some(30)]);
        let last = told(&[0, 12, 7, 3]);
        assert_eq!(last.counts, [Some(0), None, Some(7), None]);
        assert_eq!(hidden.total, Some(52));
        let three = told(&[1, 1, 40, 50]);
        assert_eq!(three.counts, [None, None, None, Some(50)]);
        assert_eq!(told(&[0, 4, 0, 0]).counts, [None; 4]);
        assert_eq!(told(&[0, 4, 0, 0]).total, None);
        assert_eq!(told(&[0, 0]).total, Some(0));
    }

    /// Whoever knows this very function, and subtracts as much as he likes, finds for each small count another that would
    /// have been told the same; for most of them every small count.
    #[test]
    fn nothing_hidden_is_found_by_subtraction() {
        const MOST: i64 = 14;
        let mut same: HashMap<Told, Vec<Vec<i64>>> = HashMap::new();
        for number in 0..MOST.pow(4) {
            let mut rest = number;
            let counts: Vec<i64> = (0..4)
                .map(|_| {
                    let digit = rest % MOST;
                    rest /= MOST;
                    digit
                })
                .collect();
            same.entry(told(&counts)).or_default().push(counts);
        }
        let mut looked_at = 0;
        for (told, from) in &same {
            let hidden = from[0].iter().zip(&told.counts).filter(|it| it.1.is_none());
            if hidden.map(|it| it.0).sum::<i64>() >= MOST {
                // What else could have been told so is beyond what is tried out.
                continue;
            }
            looked_at += 1;
            for place in 0..4 {
                let values: BTreeSet<i64> = from.iter().map(|it| it[place]).collect();
                let small = values.iter().any(|it| (1..FEW).contains(it));
                assert!(!small || values.len() > 1, "{told:?}: {from:?}");
            }
        }
        assert!(looked_at > 1000, "{looked_at}");
    }
}
