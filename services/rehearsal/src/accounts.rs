//! Accounts of a development or demonstration system: one per role and unit,
//! named `{role}.{unit}`, all with the same password.

use std::collections::BTreeSet;

use time::{Date, Month};
use yuhui_gateway::SeedAccount;
use yuhui_kernel::{CitizenNumber, DivisionCode, Tenant, city, dates, divisions};
use yuhui_platform::authz::Rules;
use yuhui_proto::authz::v1::{Level, Role};

use super::plot::{Plot, is_family};

/// Password of every development account.
pub const PASSWORD: &str = "yuhui-demo-2025";

/// Roles of which a unit needs two holders: a second county reviewer and
/// approver for reviews by others than before (R-PRC-5), panels (F15) and
/// corrected accounts (DYN-5), a second administrator to activate accounts.
const TWICE: [Role; 3] = [
    Role::CountyHealthReviewer,
    Role::CountyHealthApprover,
    Role::SecurityAdministrator,
];

/// Login of the holder of `role` in `unit`.
#[must_use]
pub fn login(role: Role, unit: &str) -> String {
    format!("{}.{unit}", kebab(role))
}

/// Login of its second holder.
#[must_use]
pub fn second_login(role: Role, unit: &str) -> String {
    format!("{}-2.{unit}", kebab(role))
}

/// `ROLE_VILLAGE_CLERK` is `village-clerk`.
fn kebab(role: Role) -> String {
    let name = role.as_str_name();
    name.trim_start_matches("ROLE_")
        .to_lowercase()
        .replace('_', "-")
}

/// The list of accounts as it grows.
#[derive(Default)]
pub struct Accounts {
    list: Vec<SeedAccount>,
}

impl Accounts {
    /// Everybody who has something to do in `plot`.
    pub(crate) fn of(plot: &Plot, rules: &Rules) -> Self {
        let mut accounts = Self::default();
        accounts.city(rules);
        let mut counties: BTreeSet<Tenant> =
            plot.registers.keys().map(|(county, _)| *county).collect();
        let mut townships: BTreeSet<DivisionCode> = BTreeSet::new();
        let mut villages: BTreeSet<DivisionCode> = BTreeSet::new();
        counties.extend(plot.nurseries.iter().map(|nursery| nursery.county));
        for claim in &plot.claims {
            counties.insert(claim.county);
            townships.extend(claim.unit.township());
            if is_family(claim.programme) {
                villages.insert(claim.unit);
            }
        }
        for county in counties {
            accounts.county(rules, county);
        }
        for township in townships {
            accounts.township(rules, township);
        }
        for village in villages {
            accounts.village(rules, village);
        }
        for nursery in &plot.nurseries {
            let code = nursery.institution.credit_code.clone();
            accounts.nursery(nursery.login.clone(), nursery.county.code(), code);
        }
        accounts
    }

    /// Every role of city, bank and platform.
    pub fn city(&mut self, rules: &Rules) {
        self.level(
            rules,
            &[Level::Municipal, Level::Bank, Level::Platform],
            city(),
        );
    }

    /// Every role of a county.
    pub fn county(&mut self, rules: &Rules, county: Tenant) {
        self.level(rules, &[Level::County], county.code());
    }

    /// Both roles of a township.
    pub fn township(&mut self, rules: &Rules, township: DivisionCode) {
        self.level(rules, &[Level::Township], township);
    }

    /// Both roles of a village.
    pub fn village(&mut self, rules: &Rules, village: DivisionCode) {
        self.level(rules, &[Level::Village], village);
    }

    /// An applicant, known by the citizen number.
    pub fn applicant(&mut self, login: String, unit: DivisionCode, number: String) {
        self.claimant(Role::Applicant, login, unit, number);
    }

    /// A nursery, known by its credit code.
    pub fn nursery(&mut self, login: String, unit: DivisionCode, code: String) {
        self.claimant(Role::Institution, login, unit, code);
    }

    /// The whole list.
    #[must_use]
    pub fn into_list(self) -> Vec<SeedAccount> {
        self.list
    }

    fn level(&mut self, rules: &Rules, levels: &[Level], unit: DivisionCode) {
        for (role, spec) in rules.roles() {
            if !levels.contains(&spec.level()) {
                continue;
            }
            let code = unit.to_string();
            self.staff(role, login(role, &code), unit);
            if TWICE.contains(&role) {
                self.staff(role, second_login(role, &code), unit);
            }
        }
    }

    fn staff(&mut self, role: Role, login: String, unit: DivisionCode) {
        let number = staff_number(&login);
        self.list.push(SeedAccount {
            display_name: display_name(&login, unit),
            login,
            role,
            unit: unit.to_string(),
            identity_number: number,
            password: PASSWORD.into(),
        });
    }

    fn claimant(&mut self, role: Role, login: String, unit: DivisionCode, number: String) {
        self.list.push(SeedAccount {
            display_name: display_name(&login, unit),
            login,
            role,
            unit: unit.to_string(),
            identity_number: number,
            password: PASSWORD.into(),
        });
    }
}

fn display_name(login: &str, unit: DivisionCode) -> String {
    let role = login.split('.').next().unwrap_or(login);
    format!("{} {role}", place_name(unit))
}

/// Name of a unit. Villages are in no list: the first of a township bears its
/// name.
fn place_name(unit: DivisionCode) -> String {
    let known = divisions::name_of(unit).map(ToOwned::to_owned);
    let village = || {
        let township = unit.township().and_then(divisions::name_of);
        format!("{}第一社区", township.unwrap_or_default())
    };
    known.unwrap_or_else(village)
}

/// Login of the nursery with that number.
pub(crate) fn nursery_login(number: usize, county: Tenant) -> String {
    format!("institution-{number}.{county}")
}

/// The first village of a township.
pub(crate) fn first_village(township: DivisionCode) -> Option<DivisionCode> {
    format!("{township}001").parse().ok()
}

/// The first township of a county and its first village.
#[must_use]
pub fn first_village_of(county: Tenant) -> Option<DivisionCode> {
    let township = divisions::townships_of(county.code()).next()?;
    first_village(township.code)
}

/// A citizen number that belongs to nobody: of a division that does not exist,
/// born in the nineteen-hundreds on a day that depends on the login. Two
/// logins may share a day, not a serial: it is drawn from the login too.
fn staff_number(login: &str) -> String {
    let drawn = login.bytes().fold(2_166_136_261_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(1_099_511_628_211) % 4_294_967_291
    });
    let first = dates::month_day(1900, Month::January, 1);
    let born: Date = dates::add_days(first, i64::try_from(drawn % 10_000).unwrap_or(0));
    let serial = drawn / 10_000 % 1000;
    let body = format!(
        "150299{:04}{:02}{:02}{serial:03}",
        born.year(),
        u8::from(born.month()),
        born.day()
    );
    let check = CitizenNumber::compute_check(&body).unwrap_or('0');
    format!("{body}{check}")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn logins_are_named_by_role_and_unit() {
        assert_eq!(
            login(Role::VillageClerk, "150203001001"),
            "village-clerk.150203001001"
        );
        assert_eq!(
            second_login(Role::SecurityAdministrator, "150200"),
            "security-administrator-2.150200"
        );
    }

    #[test]
    fn every_account_of_the_city_has_a_holder_of_its_own() {
        let rules = Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules");
        let mut accounts = Accounts::default();
        accounts.city(&rules);
        for county in Tenant::all() {
            accounts.county(&rules, *county);
            for township in divisions::townships_of(county.code()) {
                accounts.township(&rules, township.code);
                let village = first_village(township.code).expect("a village");
                accounts.village(&rules, village);
            }
        }
        let list = accounts.into_list();
        let numbers: HashSet<_> = list.iter().map(|it| it.identity_number.clone()).collect();
        let logins: HashSet<_> = list.iter().map(|it| it.login.clone()).collect();
        assert_eq!(numbers.len(), list.len());
        assert_eq!(logins.len(), list.len());
        for number in numbers {
            assert!(CitizenNumber::parse(&number).is_ok());
        }
    }
}
