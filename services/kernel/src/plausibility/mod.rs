//! What can be true of people: one set of checks for every entrance by which facts come in. Case
//! files, the imports of the registers and the pre-check all ask here, so that none takes what
//! another refuses.
//!
//! Each check takes time in proportion to the records (times the logarithm of their number), and
//! each record is complained of a few times at most.

mod births;
mod care;
mod lives;
mod marriages;
mod overlap;
mod records;
mod rule;
#[cfg(test)]
mod tests;

use time::Date;

pub use records::{
    Adoption, Born, Claim, Custody, Delivery, Event, Guardianship, Hukou, Marriage, Person, Records,
};
pub use rule::{Rule, Severity};

use lives::Lives;

/// A list of [`Records`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// [`Records::persons`]
    Persons,
    /// [`Records::hukou`]
    Hukou,
    /// [`Records::marriages`]
    Marriages,
    /// [`Records::deliveries`]
    Deliveries,
    /// [`Records::adoptions`]
    Adoptions,
    /// [`Records::custody`]
    Custody,
    /// [`Records::guardianships`]
    Guardianships,
    /// [`Records::stays`]
    Stays,
    /// [`Records::payments`]
    Payments,
    /// [`Records::claims`]
    Claims,
}

/// A field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Who a person is.
    Id,
    /// Sex.
    Sex,
    /// Birth date.
    BornOn,
    /// Date of death.
    DiedOn,
    /// First day, or the only one.
    From,
    /// Last day.
    To,
    /// How a marriage ended.
    EndedBy,
    /// Spouses.
    Spouses,
    /// Mother.
    Mother,
    /// Father.
    Father,
    /// Children of a delivery.
    Children,
    /// Order inside a delivery.
    Order,
    /// The child.
    Child,
    /// Adopters.
    Adopters,
    /// Holders of custody.
    Holders,
    /// Those who actually care.
    Carers,
    /// Guardian.
    Guardian,
    /// Who claims.
    Applicant,
}

/// A field of one of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which list.
    pub list: List,
    /// Which record of it, from 0.
    pub at: usize,
    /// Which child of a delivery, from 0.
    pub child: Option<usize>,
    /// Which field.
    pub part: Part,
}

impl Place {
    const fn of(list: List, at: usize, part: Part) -> Self {
        Self {
            list,
            at,
            child: None,
            part,
        }
    }

    const fn born(at: usize, child: usize, part: Part) -> Self {
        Self {
            list: List::Deliveries,
            at,
            child: Some(child),
            part,
        }
    }
}

/// A record that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding<'a> {
    /// Which rule.
    pub rule: Rule,
    /// Of whom it is said; of a delivery as such, its number.
    pub person: &'a str,
    /// Where it is said.
    pub place: Place,
    /// The record that says otherwise, if it is another.
    pub other: Option<Place>,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What is wrong, in English.
    pub en: String,
}

/// Everything in `records` that cannot be true, or hardly. With `today`, what is told of days to
/// come.
#[must_use]
pub fn find<'a>(records: &Records<'a>, today: Option<Date>) -> Vec<Finding<'a>> {
    let mut found = Findings(Vec::new());
    let lives = Lives::of(records, &mut found);
    lives::check(records, &lives, today, &mut found);
    births::check(records, &lives, today, &mut found);
    marriages::check(records, &lives, &mut found);
    care::check(records, &lives, &mut found);
    found.0
}

/// Gathers findings.
struct Findings<'a>(Vec<Finding<'a>>);

impl<'a> Findings<'a> {
    fn add(
        &mut self,
        rule: Rule,
        person: &'a str,
        place: Place,
        other: Option<Place>,
        (zh, en): (impl Into<String>, impl Into<String>),
    ) {
        self.0.push(Finding {
            rule,
            person,
            place,
            other,
            zh: zh.into(),
            en: en.into(),
        });
    }
}
