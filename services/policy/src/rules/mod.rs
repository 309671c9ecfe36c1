//! The rules of B.1, one function each, in the order of B.2. Every comment names the rule, the
//! clause and the Chinese words that decide.

pub(crate) mod birth_order;
pub(crate) mod case;
pub(crate) mod clauses;
pub mod dates;
pub(crate) mod family;
pub(crate) mod fraud;
pub(crate) mod identity;
pub(crate) mod institution;
mod law;
pub(crate) mod marital;
mod months;
pub(crate) mod on_day;
pub(crate) mod p1;
pub(crate) mod p2;
pub(crate) mod p3;
pub(crate) mod p4;
pub(crate) mod period;
pub(crate) mod standing;
pub(crate) mod termination;

#[cfg(test)]
mod alternatives;
#[cfg(test)]
mod monotony;
#[cfg(test)]
pub(crate) mod properties;
#[cfg(test)]
mod standing_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod unknown_tests;
