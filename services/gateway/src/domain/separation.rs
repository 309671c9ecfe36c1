//! Forbidden combinations of roles in one person's hands (SOD-1 to SOD-5,
//! SOD-7). SOD-6 concerns who grants; see [`super::account::may_grant`].

use yuhui_platform::refusal::{self, Common};
use yuhui_proto::authz::v1::{Duty, Level, Power, Role, RoleSpec};

/// A role that a person holds, or is about to hold, through an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Role (岗位).
    pub role: Role,
    /// What the role means.
    pub spec: RoleSpec,
    /// Division code of the unit; empty where there is none.
    pub unit: String,
}

/// Whether a person who holds `others` may also hold `new`. Suspended
/// accounts, which never act again, do not count.
pub fn check(new: &Holding, others: &[Holding]) -> Result<(), Common> {
    others.iter().try_for_each(|other| pair(new, other))
}

fn pair(a: &Holding, b: &Holding) -> Result<(), Common> {
    let (pa, pb) = (a.spec.power(), b.spec.power());
    let either = |power| pa == power || pb == power;
    if a.role == b.role && a.unit == b.unit {
        return Err(twice());
    }
    if either(Power::Support) {
        return Err(liaison());
    }
    // A claim of one's own is no office; DYN-3 keeps its holder from his own case.
    if either(Power::Claimant) {
        return Ok(());
    }
    if either(Power::Platform) {
        return Err(administrator());
    }
    if pa != pb {
        return Err(if either(Power::Disbursement) {
            bank()
        } else {
            two_powers()
        });
    }
    same_power(a, b)
}

/// Two accounts of the same power: only the same duty, at the same level, in
/// the same county.
fn same_power(a: &Holding, b: &Holding) -> Result<(), Common> {
    let (da, db) = (a.spec.duty(), b.spec.duty());
    if da != db && da != Duty::Unspecified && db != Duty::Unspecified {
        return Err(maker_and_checker());
    }
    let (la, lb) = (a.spec.level(), b.spec.level());
    if la != lb && la != Level::Municipal && lb != Level::Municipal {
        return Err(two_levels());
    }
    if la != lb || county(&a.unit) != county(&b.unit) {
        return Err(two_tenants());
    }
    Ok(())
}

fn county(unit: &str) -> &str {
    unit.get(..6).unwrap_or(unit)
}

fn twice() -> Common {
    refusal::denied(
        "SOD-1",
        "该人员在同一单位已有同一岗位的账号",
        "the person already has an account of this role and unit",
    )
}

fn two_powers() -> Common {
    refusal::denied(
        "SOD-1",
        "一人不得同时持有四权中的两权",
        "one person does not hold two of the four powers",
    )
}

fn bank() -> Common {
    refusal::denied(
        "SOD-2",
        "公职人员不得持有银行岗位，银行人员不得持有公职岗位",
        "a civil servant holds no role of the bank, and the reverse",
    )
}

fn maker_and_checker() -> Common {
    refusal::denied(
        "SOD-3",
        "同一人不得兼任经办与审批",
        "one person is not both maker and checker",
    )
}

fn administrator() -> Common {
    refusal::denied(
        "SOD-4",
        "三员须由三人分任且不得持有业务岗位",
        "the three administrators are three persons and hold no business role",
    )
}

fn liaison() -> Common {
    refusal::denied(
        "SOD-5",
        "配合部门联络员不得持有其他岗位",
        "the liaison of a supporting department holds no other role",
    )
}

fn two_tenants() -> Common {
    refusal::denied(
        "SOD-7",
        "同一人不得兼任市级与旗县区岗位或两个旗县区的岗位",
        "one person does not act for city and county, nor for two counties",
    )
}

fn two_levels() -> Common {
    refusal::denied(
        "DYN-2",
        "同一人不得在两个级别经手同一事项",
        "one person does not act at two levels of the same case",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use yuhui_platform::authz::Rules;

    use super::*;

    static ROLES: LazyLock<Vec<(Role, RoleSpec)>> = LazyLock::new(|| {
        let rules = Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules");
        rules.roles()
    });

    fn holding(role: Role, unit: &str) -> Holding {
        let spec = ROLES.iter().find(|(it, _)| *it == role).expect("a role").1;
        let unit = unit.into();
        Holding { role, spec, unit }
    }

    fn verdict(a: (Role, &str), b: (Role, &str)) -> Option<&'static str> {
        let (a, b) = (holding(a.0, a.1), holding(b.0, b.1));
        let forth = rule(check(&a, std::slice::from_ref(&b)));
        assert_eq!(forth, rule(check(&b, &[a])), "the order does not matter");
        forth
    }

    fn rule(result: Result<(), Common>) -> Option<&'static str> {
        match result {
            Ok(()) => None,
            Err(Common::Denied { rule, .. }) => Some(rule),
            Err(other) => panic!("unexpected {other:?}"),
        }
    }

    #[test]
    fn forbidden_pairs_are_named_after_their_rule() {
        use Role::*;
        let (kundulun, donghe) = ("150203", "150202");
        for (a, b, expected) in [
            (
                (CountyHealthReviewer, kundulun),
                (CountyFinanceMaker, kundulun),
                Some("SOD-1"),
            ),
            (
                (CountyHealthReviewer, kundulun),
                (CountyFinanceMaker, donghe),
                Some("SOD-1"),
            ),
            (
                (CountyAuditor, kundulun),
                (CityFinanceMaker, "150200"),
                Some("SOD-1"),
            ),
            (
                (VillageClerk, "150203004001"),
                (VillageClerk, "150203004001"),
                Some("SOD-1"),
            ),
            (
                (BankOperator, ""),
                (VillageClerk, "150203004001"),
                Some("SOD-2"),
            ),
            ((BankOperator, ""), (CountyAuditor, kundulun), Some("SOD-2")),
            ((BankOperator, ""), (BankAuthoriser, ""), Some("SOD-3")),
            (
                (CountyFinanceMaker, kundulun),
                (CountyFinanceApprover, kundulun),
                Some("SOD-3"),
            ),
            (
                (SecurityAdministrator, ""),
                (AuditAdministrator, ""),
                Some("SOD-4"),
            ),
            (
                (SystemAdministrator, ""),
                (CountyHealthReviewer, kundulun),
                Some("SOD-4"),
            ),
            ((SystemAdministrator, ""), (BankOperator, ""), Some("SOD-4")),
            (
                (EducationOfficer, kundulun),
                (CountyHealthReviewer, kundulun),
                Some("SOD-5"),
            ),
            (
                (PublicSecurityLiaison, kundulun),
                (Applicant, kundulun),
                Some("SOD-5"),
            ),
            (
                (CountyHealthReviewer, kundulun),
                (CityHealthRegistrar, "150200"),
                Some("SOD-7"),
            ),
            (
                (CountyAuditor, kundulun),
                (CountyAuditor, donghe),
                Some("SOD-7"),
            ),
            (
                (VillageClerk, "150203004001"),
                (TownshipReviewer, "150203004"),
                Some("DYN-2"),
            ),
            (
                (VillageClerk, "150203004001"),
                (VillageClerk, "150203004002"),
                None,
            ),
            ((VillageClerk, "150203004001"), (Applicant, kundulun), None),
            ((BankOperator, ""), (Applicant, kundulun), None),
        ] {
            assert_eq!(verdict(a, b), expected, "{a:?} and {b:?}");
        }
    }

    #[test]
    fn no_two_of_the_four_powers_meet_whatever_the_roles() {
        let four = |power| {
            matches!(
                power,
                Power::Eligibility | Power::Funds | Power::Disbursement | Power::Supervision
            )
        };
        for &(a, sa) in ROLES.iter() {
            for &(b, sb) in ROLES.iter() {
                if four(sa.power()) && four(sb.power()) && sa.power() != sb.power() {
                    assert!(
                        verdict((a, "150203"), (b, "150203")).is_some(),
                        "{a:?} {b:?}"
                    );
                }
            }
        }
    }
}
