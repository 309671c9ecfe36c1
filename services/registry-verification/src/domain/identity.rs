//! One person, several numbers. A newborn known by its birth certificate gets a citizen number
//! later, numbers are issued anew or corrected: the registers keep everything under the reference
//! of the oldest number, and answer under the one they were asked for.

use std::collections::BTreeMap;

use super::{
    family::FamilyFacts,
    records::{
        Adoption, Custody, Delivery, Guardianship, Hukou, Marriage, NationalPayment, Person,
        PersonRef,
    },
};

/// Which reference stands for which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identities(BTreeMap<PersonRef, PersonRef>);

impl FromIterator<(PersonRef, PersonRef)> for Identities {
    fn from_iter<I: IntoIterator<Item = (PersonRef, PersonRef)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl Identities {
    /// The reference that stands for this one: itself, if no other does.
    #[must_use]
    pub fn of(&self, person: &PersonRef) -> PersonRef {
        self.0.get(person).unwrap_or(person).clone()
    }

    /// Whether everybody stands for himself.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The record with everybody under the reference that stands for theirs.
    #[must_use]
    pub fn rename<R: NamesPersons>(&self, mut record: R) -> R {
        if !self.0.is_empty() {
            record.each(&mut |person| *person = self.of(person));
        }
        record
    }

    /// The same of many records; of two that have become equal one is left.
    #[must_use]
    pub fn rename_all<R: NamesPersons + Ord>(&self, records: Vec<R>) -> Vec<R> {
        let mut renamed: Vec<R> = records.into_iter().map(|it| self.rename(it)).collect();
        renamed.sort();
        renamed.dedup();
        renamed
    }
}

/// A record that names persons.
pub trait NamesPersons {
    /// Gives every reference to `change`, and restores the order that the record keeps them in.
    fn each(&mut self, change: &mut dyn FnMut(&mut PersonRef));
}

impl NamesPersons for Person {
    fn each(&mut self, change: &mut dyn FnMut(&mut PersonRef)) {
        change(&mut self.person);
    }
}

impl NamesPersons for Hukou {
    fn each(&mut self, change: &mut dyn FnMut(&mut PersonRef)) {
        change(&mut self.person);
    }
}

impl NamesPersons for Marriage {
    fn each(&mut self, change: &mut dyn FnMut(&mut PersonRef)) {
        self.spouses.iter_mut().for_each(change);
        self.spouses.sort();
    }
}

impl NamesPersons for Adoption {
    fn each(&mut self, change: &mut dyn FnMut(&mut PersonRef)) {
        change(&mut self.child);
        self.adopters.iter_mut().for_each(change);
        self.adopters.sort();
        self.adopters.dedup();
    }
}

impl NamesPersons for Custody {
    fn each(&mut self, change: &mut dyn FnMut(&mut PersonRef)) {
        change(&mut self.child);
        for persons in [&mut self.holders, &mut self.actual_carers] {
            persons.iter_mut().for_each(&mut *change);
            persons.sort();
            persons.dedup();
        }
    }
}

impl NamesPersons for Guardianship {
    fn each(&mut self, change: &mut dyn FnMut(&mut PersonRef)) {
        change(&mut self.child);
        change(&mut self.guardian);
    }
}

impl NamesPersons for NationalPayment {
    fn each(&mut self, change: &mut dyn FnMut(&mut PersonRef)) {
        change(&mut self.child);
    }
}

impl NamesPersons for Delivery {
    fn each(&mut self, change: &mut dyn FnMut(&mut PersonRef)) {
        change(&mut self.mother);
        self.father.iter_mut().for_each(&mut *change);
        let children = self.children.iter_mut();
        children.filter_map(|it| it.child.as_mut()).for_each(change);
    }
}

impl NamesPersons for FamilyFacts {
    fn each(&mut self, change: &mut dyn FnMut(&mut PersonRef)) {
        fn all<R: NamesPersons>(records: &mut [R], change: &mut dyn FnMut(&mut PersonRef)) {
            records.iter_mut().for_each(|it| it.each(change));
        }
        all(&mut self.persons, change);
        all(&mut self.hukou, change);
        all(&mut self.marriages, change);
        all(&mut self.deliveries, change);
        all(&mut self.adoptions, change);
        all(&mut self.custody, change);
        all(&mut self.guardianships, change);
        all(&mut self.national_payments, change);
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn person(digit: char) -> PersonRef {
        PersonRef::parse(&digit.to_string().repeat(64)).expect("reference")
    }

    #[test]
    fn a_renamed_record_keeps_the_order_of_its_kind() {
        let ids: Identities = [(person('a'), person('f'))].into_iter().collect();
        let marriage = Marriage {
            spouses: [person('a'), person('b')],
            from_on: date!(2017 - 05 - 20),
            ended: None,
        };
        assert_eq!(ids.rename(marriage).spouses, [person('b'), person('f')]);
        let custody = Custody {
            child: person('c'),
            from_on: date!(2020 - 01 - 01),
            to_on: None,
            holders: vec![person('a'), person('f')],
            actual_carers: vec![person('b')],
            basis: "COURT".into(),
        };
        assert_eq!(ids.rename(custody).holders, [person('f')]);
    }

    #[test]
    fn who_has_one_number_stays_who_he_is() {
        assert_eq!(Identities::default().of(&person('a')), person('a'));
    }
}
