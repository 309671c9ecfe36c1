//! What the registers hold, when it is known, and what of it concerns one
//! family. Pure.

mod family;
mod known;
mod records;

pub use family::FamilyFacts;
pub use known::{Known, hukou_known_by};
pub use records::{
    Adoption, BornChild, Custody, Delivery, Ending, Guardianship, Hukou, Marriage, NationalPayment,
    Person, PersonRef, Register,
};
