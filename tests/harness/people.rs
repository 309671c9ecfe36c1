//! Who is at the desks of a development system: an account per role and unit,
//! named `{role}.{unit}`.

use time::{Date, Month};
use yuhui_kernel::{CitizenNumber, DivisionCode, Tenant, divisions};
use yuhui_proto::authz::v1::{Level, Role, RoleSpec};

/// Login of the holder of `role` in `unit`.
pub(crate) fn login(role: Role, unit: impl std::fmt::Display) -> String {
    let role = role.as_str_name().trim_start_matches("ROLE_");
    format!("{}.{unit}", role.to_lowercase().replace('_', "-"))
}

/// Login of a holder of `role`, in `county` where it belongs to one.
pub(crate) fn login_in(county: Tenant, role: Role, spec: &RoleSpec) -> String {
    let village = village_of(county);
    match (spec.level(), role) {
        (_, Role::Applicant) | (Level::Village, _) => login(role, village),
        (_, Role::Institution) | (Level::County, _) => login(role, county.as_str()),
        (Level::Township, _) => login(role, village.township().expect("a township")),
        _ => login(role, "150200"),
    }
}

/// The village of `county` that has accounts: the first of its first township.
pub(crate) fn village_of(county: Tenant) -> DivisionCode {
    let township = divisions::townships_of(county.code()).next();
    let township = township.expect("a township").code;
    format!("{township}001").parse().expect("a village")
}

/// A county.
pub(crate) fn county(code: &str) -> Tenant {
    Tenant::parse(code).expect("a county of Baotou")
}

/// A valid citizen number of nobody: of a division that does not exist.
pub(crate) fn citizen(born: (i32, Month, u8), serial: u32) -> String {
    let (year, month, day) = born;
    let born = Date::from_calendar_date(year, month, day).expect("a date");
    let body = format!(
        "150298{:04}{:02}{:02}{:03}",
        born.year(),
        u8::from(born.month()),
        born.day(),
        serial % 1000
    );
    let check = CitizenNumber::compute_check(&body).expect("17 digits");
    format!("{body}{check}")
}
