//! What an account says of its holder, checked field by field.

use yuhui_kernel::{CitizenNumber, CreditCode, DivisionCode, DivisionLevel, city, divisions};
use yuhui_platform::refusal::Violation;
use yuhui_proto::authz::v1::{Desk, Level, Role, RoleSpec};

/// Fewest characters of a password.
const PASSWORD_MIN: usize = 12;
/// Most bytes of a password: more is an attempt to make hashing expensive.
const PASSWORD_MAX: usize = 256;
/// Most characters of a displayed name.
const NAME_MAX: usize = 64;

/// An account as asked for. It holds a password and is never printed.
#[derive(Clone, Default)]
pub struct Draft {
    /// Login.
    pub login: String,
    /// Name shown in records.
    pub display_name: String,
    /// Role (岗位).
    pub role: Role,
    /// Division code of the unit; empty where the role has none.
    pub unit: String,
    /// Citizen number, or credit code of an institution.
    pub identity_number: String,
    /// First password.
    pub password: String,
}

/// Kind of number that identifies a holder: the domain of its blind index, the
/// same in every service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberKind {
    /// 公民身份号码.
    Citizen,
    /// 统一社会信用代码.
    Credit,
}

impl NumberKind {
    /// Which number identifies the holder of a role.
    #[must_use]
    pub fn of(spec: &RoleSpec) -> Self {
        if spec.desk() == Desk::Institution {
            Self::Credit
        } else {
            Self::Citizen
        }
    }

    /// Domain of the blind index.
    #[must_use]
    pub fn domain(self) -> &'static str {
        match self {
            Self::Citizen => "identity-number",
            Self::Credit => "credit-code",
        }
    }
}

/// A login as it is stored and looked up: case does not matter.
#[must_use]
pub fn normal_login(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}

/// Everything that is wrong with a draft.
#[must_use]
pub fn faults(draft: &Draft, spec: &RoleSpec) -> Vec<Violation> {
    let checks = [
        login_fault(&draft.login),
        name_fault(&draft.display_name),
        unit_fault(&draft.unit, spec.level()),
        number_fault(&draft.identity_number, NumberKind::of(spec)),
        password_fault("password", &draft.password),
    ];
    checks.into_iter().flatten().collect()
}

/// What is wrong with a new password.
#[must_use]
pub fn password_fault(field: &str, password: &str) -> Option<Violation> {
    let fits = password.chars().count() >= PASSWORD_MIN && password.len() <= PASSWORD_MAX;
    (!fits).then(|| {
        Violation::new(
            field,
            "须为 12 个字符以上、256 字节以内",
            "must have 12 characters or more, and 256 bytes at most",
        )
    })
}

fn login_fault(login: &str) -> Option<Violation> {
    let plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let fits = (3..=64).contains(&login.len())
        && login.starts_with(|c: char| c.is_ascii_alphanumeric())
        && login.chars().all(plain);
    (!fits).then(|| {
        Violation::new(
            "account.login",
            "须为 3 至 64 个小写字母、数字或 . _ -，以字母或数字开头",
            "must be 3 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit",
        )
    })
}

fn name_fault(name: &str) -> Option<Violation> {
    let length = name.chars().count();
    let fits = (1..=NAME_MAX).contains(&length) && !name.chars().any(char::is_control);
    (!fits).then(|| {
        Violation::new(
            "account.display_name",
            "须为 1 至 64 个字符",
            "must have 1 to 64 characters",
        )
    })
}

/// Each level has units of its own length, in a county that exists.
fn unit_fault(unit: &str, level: Level) -> Option<Violation> {
    let code: Option<DivisionCode> = unit.parse().ok();
    let of = |wanted: DivisionLevel| {
        code.is_some_and(|code| code.level() == wanted && divisions::is_served(code))
    };
    let own = city();
    let at = |is_in: bool, zh: &str, en: &str| (is_in, zh.to_owned(), en.to_owned());
    let (fits, zh, en) = match level {
        Level::Village => at(
            of(DivisionLevel::Village),
            "须为本市嘎查村（居）委会的 12 位代码",
            "must be the 12-digit code of a village of the city",
        ),
        Level::Township => at(
            of(DivisionLevel::Township),
            "须为本市苏木乡镇（街道）的 9 位代码",
            "must be the 9-digit code of a township of the city",
        ),
        Level::County => at(
            of(DivisionLevel::County),
            "须为本市旗县区的 6 位代码",
            "must be the 6-digit code of a county of the city",
        ),
        Level::Municipal => (
            code == Some(own),
            format!("须为本市代码 {own}"),
            format!("must be the code of the city, {own}"),
        ),
        Level::Bank | Level::Platform => (
            unit.is_empty() || code == Some(own),
            format!("须为空或本市代码 {own}"),
            format!("must be empty or the code of the city, {own}"),
        ),
        // Where a claimant's cases are kept.
        Level::Public => at(
            code.is_some_and(divisions::is_served),
            "须为本市旗县区或其下级单位的代码",
            "must be the code of a county of the city or of a unit below it",
        ),
        Level::Unspecified => at(false, "岗位无级别", "the role has no level"),
    };
    (!fits).then(|| Violation::new("account.unit", zh, en))
}

fn number_fault(number: &str, kind: NumberKind) -> Option<Violation> {
    match kind {
        NumberKind::Citizen => CitizenNumber::parse(number)
            .err()
            .map(|error| Violation::new("identity_number", "公民身份号码有误", error.to_string())),
        NumberKind::Credit => CreditCode::parse(number).err().map(|error| {
            Violation::new("identity_number", "统一社会信用代码有误", error.to_string())
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(level: Level, desk: Desk) -> RoleSpec {
        RoleSpec {
            level: level.into(),
            desk: desk.into(),
            ..RoleSpec::default()
        }
    }

    fn draft() -> Draft {
        Draft {
            login: "clerk.150203004001".into(),
            display_name: "王芳".into(),
            role: Role::VillageClerk,
            unit: "150203004001".into(),
            identity_number: "11010519491231002X".into(),
            password: "correct horse battery".into(),
        }
    }

    #[test]
    fn a_whole_draft_has_no_fault() {
        assert_eq!(faults(&draft(), &spec(Level::Village, Desk::Health)), []);
    }

    #[test]
    fn every_fault_is_named() {
        let broken = Draft {
            login: "A!".into(),
            display_name: String::new(),
            unit: "150203".into(),
            identity_number: "110105194912310021".into(),
            password: "short".into(),
            ..draft()
        };
        let faults = faults(&broken, &spec(Level::Village, Desk::Health));
        let fields: Vec<_> = faults.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "account.login",
                "account.display_name",
                "account.unit",
                "identity_number",
                "password"
            ]
        );
    }

    #[test]
    fn each_level_has_units_of_its_own() {
        let fits = |level, unit: &str| unit_fault(unit, level).is_none();
        for (level, good, bad) in [
            (Level::Village, "150203004001", "150203004"),
            (Level::Township, "150203004", "150203"),
            (Level::County, "150203", "150102"),
            (Level::Municipal, "150200", "150203"),
            (Level::Bank, "", "150203"),
            (Level::Platform, "150200", "150203"),
            (Level::Public, "150203", "150200"),
        ] {
            assert!(fits(level, good), "{level:?} {good}");
            assert!(!fits(level, bad), "{level:?} {bad}");
        }
    }

    #[test]
    fn an_institution_is_known_by_its_credit_code() {
        let kind = NumberKind::of(&spec(Level::Public, Desk::Institution));
        assert_eq!(kind, NumberKind::Credit);
        assert!(number_fault("91350100M000100Y43", kind).is_none());
        assert!(
            number_fault("11010519491231002X", kind).is_none_or(|it| it.field == "identity_number")
        );
    }
}
