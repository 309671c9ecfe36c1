//! The vocabulary every part of Yuhui shares: money in fen, Beijing dates and working days,
//! division codes and tenants, clause citations, and the identity numbers of persons and
//! institutions, how their names compare, and the accounts they are paid to; resource names, and the
//! hands that acted, and what one of them proposes to another.
//!
//! Everything here is pure: no clock, no random source, no I/O. The tables of holidays and
//! clauses are compiled in; that of divisions is one city's unless a process is told another's.

pub mod account;
pub mod citation;
pub mod dates;
pub mod division;
pub mod divisions;
pub mod hand;
pub mod identity;
pub mod lines_digest;
pub mod money;
pub mod plausibility;
pub mod proposal;
pub mod resource_name;
pub mod tenant;
pub mod working_days;

pub use citation::{Citation, Clause, UnknownClause};
pub use division::{DivisionCode, DivisionCodeError, DivisionLevel};
pub use divisions::city;
pub use hand::Hand;
pub use identity::{
    BirthCertificateNumber, CitizenNumber, CitizenNumberError, CreditCode, CreditCodeError,
    IdentityNumber, IdentityNumberError, Registrar, Sex, comparable_name, same_name,
};
pub use lines_digest::{Arrival, LinesDigest};
pub use money::Money;
pub use tenant::{Tenant, UnknownTenant};
pub use time::Date;
pub use working_days::{Calendar, CalendarError, DayKind};
