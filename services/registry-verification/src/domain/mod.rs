//! What the registers hold, when it is known, and what of it concerns one
//! family. Pure.

mod answering;
mod family;
mod identity;
mod known;
mod name;
mod records;

pub use answering::{FactKind, Said, Standing, Standings, Told};
pub use family::FamilyFacts;
pub use identity::{Identities, NamesPersons};
pub use known::{Known, hukou_known_by};
pub use name::{NameAnswer, compare as compare_names};
pub use records::{
    Adoption, Alias, AliasGround, BornChild, Custody, Delivery, Ending, Guardianship, Hukou,
    Marriage, NationalPayment, Person, PersonRef, Register,
};
