//! Counts that are told to everybody: who is one of three is soon known by name.

/// Fewer are not told.
pub const FEW: i64 = 5;

/// Counts and their total, as far as they are told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Told {
    /// In their order; none where it is not told.
    pub counts: Vec<Option<i64>>,
    /// Their sum.
    pub total: Option<i64>,
}

/// What is told of counts: none of one to four, and none that would give one of those away. One hidden count is its total
/// less the others, and several small ones may be told apart by their sum: so the smallest of the others are hidden with
/// them, until what is hidden could be anything. A total of a few is not told, nor where they are.
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
    if hidden.contains(&true) {
        while !is_enough(counts, &hidden) {
            let shown = counts.iter().zip(&hidden).enumerate();
            let others = shown.filter(|(_, (count, hidden))| !**hidden && **count > 0);
            let Some((place, _)) = others.min_by_key(|(_, (count, _))| **count) else {
                break;
            };
            if let Some(it) = hidden.get_mut(place) {
                *it = true;
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

/// Whether each hidden count could be from one to at least [`FEW`], as far as their sum says.
fn is_enough(counts: &[i64], hidden: &[bool]) -> bool {
    let hidden = counts.iter().zip(hidden).filter(|(_, hidden)| **hidden);
    let (many, sum) = hidden.fold((0, 0), |(many, sum), (count, _)| (many + 1, sum + count));
    many > 1 && sum >= FEW + many - 1
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
        assert_eq!(hidden.total, Some(52));
        let three = told(&[1, 1, 40, 50]);
        assert_eq!(three.counts, [None, None, None, Some(50)]);
        assert_eq!(told(&[0, 4, 0, 0]).counts, [None; 4]);
        assert_eq!(told(&[0, 4, 0, 0]).total, None);
        assert_eq!(told(&[0, 0]).total, Some(0));
    }

    /// Whoever knows this very function, and subtracts as much as he likes, finds for each small count another that would
    /// have been told the same.
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
        for (told, from) in &same {
            for place in 0..4 {
                let values: BTreeSet<i64> = from.iter().map(|it| it[place]).collect();
                let small = values.iter().any(|it| (1..FEW).contains(it));
                assert!(!small || values.len() > 1, "{told:?}: {from:?}");
            }
        }
    }
}
