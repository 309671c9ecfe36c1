//! What an entrance is told of people, whatever form it came in. People are named by whatever names
//! them there: a symbolic id, a label, a blind reference. Periods are closed on both ends.

use time::Date;

use crate::Sex;

/// Everything told, and what was known before, as far as it concerns the same people.
#[derive(Clone, Debug, Default)]
pub struct Records<'a> {
    /// Persons.
    pub persons: Vec<Person<'a>>,
    /// Periods of hukou.
    pub hukou: Vec<Hukou<'a>>,
    /// Marriages.
    pub marriages: Vec<Marriage<'a>>,
    /// Deliveries.
    pub deliveries: Vec<Delivery<'a>>,
    /// Adoptions.
    pub adoptions: Vec<Adoption<'a>>,
    /// Custody and actual care.
    pub custody: Vec<Custody<'a>>,
    /// Guardianships.
    pub guardianships: Vec<Guardianship<'a>>,
    /// Stays in institutions.
    pub stays: Vec<Event<'a>>,
    /// Payments of another subsidy.
    pub payments: Vec<Event<'a>>,
    /// Claims for children.
    pub claims: Vec<Claim<'a>>,
}

/// A person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person<'a> {
    /// Who.
    pub id: &'a str,
    /// Sex, where it is told.
    pub sex: Option<Sex>,
    /// Birth date.
    pub born_on: Date,
    /// Date of death.
    pub died_on: Option<Date>,
}

/// A period of hukou.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hukou<'a> {
    /// Whose.
    pub person: &'a str,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Option<Date>,
}

/// A marriage; it is no longer in force on the day it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marriage<'a> {
    /// The spouses.
    pub spouses: [&'a str; 2],
    /// Registration.
    pub from: Date,
    /// First day on which it is no longer in force.
    pub to: Option<Date>,
    /// Whether a death is said to have ended it.
    pub by_death: bool,
}

/// A delivery (胎).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery<'a> {
    /// Its name or number.
    pub number: &'a str,
    /// Mother.
    pub mother: &'a str,
    /// Father, if known.
    pub father: Option<&'a str>,
    /// Children.
    pub children: Vec<Born<'a>>,
}

/// A child of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Born<'a> {
    /// The child; a stillborn child may have no name.
    pub id: Option<&'a str>,
    /// Birth date.
    pub born_on: Date,
    /// Order inside the delivery, from 1.
    pub order: u32,
    /// False for a stillbirth.
    pub live: bool,
}

/// An adoption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoption<'a> {
    /// The child.
    pub child: &'a str,
    /// The adopters.
    pub adopters: Vec<&'a str>,
    /// Day.
    pub on: Date,
}

/// Custody and actual care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custody<'a> {
    /// The child.
    pub child: &'a str,
    /// Who holds custody.
    pub holders: Vec<&'a str>,
    /// Who actually cares.
    pub carers: Vec<&'a str>,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Option<Date>,
}

/// A guardianship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guardianship<'a> {
    /// The child.
    pub child: &'a str,
    /// The guardian.
    pub guardian: &'a str,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Option<Date>,
}

/// Something that happens to a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// The child.
    pub child: &'a str,
    /// Day, or first day.
    pub on: Date,
}

/// A claim for children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim<'a> {
    /// Who claims.
    pub applicant: Option<&'a str>,
    /// For whom.
    pub children: Vec<&'a str>,
    /// Day of lodging.
    pub on: Date,
}
