//! What the registers say of one family: the child of a claim, those who
//! bore or adopted it, their other children, and the claimant.

use std::collections::BTreeSet;

use super::answering::Told;
use super::name::NameAnswer;
use super::records::{
    Adoption, Custody, Delivery, Guardianship, Hukou, Marriage, NationalPayment, Person, PersonRef,
};

/// Everything the registers know of one family by a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FamilyFacts {
    /// Everybody named by the other records, as far as public security knows them.
    pub persons: Vec<Person>,
    /// Hukou of the child, its parents, its adopters and the claimant.
    pub hukou: Vec<Hukou>,
    /// Marriages of parents and adopters.
    pub marriages: Vec<Marriage>,
    /// Deliveries of parents and adopters, with each other or with others.
    pub deliveries: Vec<Delivery>,
    /// Adoptions of the child, of any child delivered above, and by any parent or adopter.
    pub adoptions: Vec<Adoption>,
    /// Custody of the child and of the children of the same couple.
    pub custody: Vec<Custody>,
    /// Guardianships of the child.
    pub guardianships: Vec<Guardianship>,
    /// National payments for the child.
    pub national_payments: Vec<NationalPayment>,
    /// Persons as named above, with the references of their other numbers.
    pub aliases: Vec<(PersonRef, PersonRef)>,
    /// Whether the names that the claim states belong to their numbers, in the order of the question.
    pub names: Vec<(PersonRef, NameAnswer)>,
    /// What was asked of whom, and whether it is known.
    pub told: Vec<Told>,
}

impl FamilyFacts {
    /// The children delivered by or to the family's adults.
    #[must_use]
    pub fn delivered(&self) -> BTreeSet<PersonRef> {
        let children = self.deliveries.iter().flat_map(|it| &it.children);
        children.filter_map(|it| it.child.clone()).collect()
    }

    /// The child and the other children of the same couple (R-ORD-1), whose
    /// custody 三(一)1(3)c may ask for.
    #[must_use]
    pub fn common_children(&self, child: &PersonRef) -> BTreeSet<PersonRef> {
        let bears = |it: &&Delivery| {
            it.children
                .iter()
                .any(|it| it.child.as_ref() == Some(child))
        };
        let mut children = BTreeSet::from([child.clone()]);
        if let Some(own) = self.deliveries.iter().find(bears) {
            let couple = couple(own);
            let common = self
                .deliveries
                .iter()
                .filter(|it| self::couple(it) == couple);
            let born = common.flat_map(|it| &it.children);
            children.extend(born.filter_map(|it| it.child.clone()));
        }
        children
    }

    /// Everybody whom the records name.
    #[must_use]
    pub fn named(&self) -> BTreeSet<PersonRef> {
        let mut named = self.delivered();
        named.extend(self.hukou.iter().map(|it| it.person.clone()));
        named.extend(self.marriages.iter().flat_map(|it| it.spouses.clone()));
        for it in &self.deliveries {
            named.insert(it.mother.clone());
            named.extend(it.father.clone());
        }
        for it in &self.adoptions {
            named.insert(it.child.clone());
            named.extend(it.adopters.iter().cloned());
        }
        for it in &self.custody {
            named.insert(it.child.clone());
            named.extend(it.holders.iter().chain(&it.actual_carers).cloned());
        }
        for it in &self.guardianships {
            named.extend([it.child.clone(), it.guardian.clone()]);
        }
        named
    }

    /// Puts every list into one order, so that equal facts are equal bytes.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.persons.sort();
        self.hukou.sort();
        self.marriages.sort();
        self.deliveries.sort_by(|a, b| key(a).cmp(&key(b)));
        self.adoptions.sort();
        self.custody.sort();
        self.guardianships.sort();
        self.national_payments.sort();
        self.aliases.sort();
        self.told.sort();
        self
    }
}

/// The unordered pair of parents.
fn couple(delivery: &Delivery) -> BTreeSet<&PersonRef> {
    [&delivery.mother]
        .into_iter()
        .chain(&delivery.father)
        .collect()
}

/// Deliveries are told in the order in which they happened.
fn key(delivery: &Delivery) -> (Option<time::Date>, &str) {
    let first = delivery.children.iter().map(|it| it.born_on).min();
    (first, &delivery.number)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::domain::BornChild;

    fn person(digit: char) -> PersonRef {
        PersonRef::parse(&digit.to_string().repeat(64)).expect("reference")
    }

    fn delivery(number: &str, mother: char, father: char, child: char) -> Delivery {
        Delivery {
            number: number.into(),
            mother: person(mother),
            father: Some(person(father)),
            birth_service_registered_on: None,
            children: vec![BornChild {
                order: 1,
                child: Some(person(child)),
                born_on: date!(2024 - 06 - 06),
                live: true,
            }],
        }
    }

    #[test]
    fn half_siblings_are_no_common_children() {
        let facts = FamilyFacts {
            deliveries: vec![
                delivery("d1", 'a', 'b', '1'),
                delivery("d2", 'a', 'b', '2'),
                delivery("d3", 'a', 'c', '3'),
            ],
            ..FamilyFacts::default()
        };
        let common = facts.common_children(&person('2'));
        assert_eq!(common, BTreeSet::from([person('1'), person('2')]));
        assert_eq!(facts.delivered().len(), 3);
    }

    #[test]
    fn a_child_without_a_delivery_is_its_own_only_common_child() {
        let facts = FamilyFacts::default();
        let common = facts.common_children(&person('2'));
        assert_eq!(common, BTreeSet::from([person('2')]));
    }

    #[test]
    fn the_order_of_answers_does_not_depend_on_the_order_of_rows() {
        let deliveries = vec![delivery("d2", 'a', 'b', '2'), delivery("d1", 'a', 'b', '1')];
        let reversed = deliveries.iter().rev().cloned().collect();
        let facts = |deliveries| FamilyFacts {
            deliveries,
            ..FamilyFacts::default()
        };
        assert_eq!(facts(deliveries).in_order(), facts(reversed).in_order());
    }
}
