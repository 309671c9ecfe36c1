//! Identity numbers of persons (R-ID-1) and institutions (R-ID-2), and how names compare.

mod citizen_number;
mod credit_code;
mod identity_number;
mod person_name;

pub use citizen_number::{CitizenNumber, CitizenNumberError, Sex};
pub use credit_code::{CreditCode, CreditCodeError, Registrar};
pub use identity_number::{BirthCertificateNumber, IdentityNumber, IdentityNumberError};
pub use person_name::{comparable_name, same_name};
