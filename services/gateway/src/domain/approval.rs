//! Who approves that an account may act: beside the security administrator who makes it, the head
//! of the unit (POLICY D.2), and for supervision the supervising body (SOD-6).

use yuhui_kernel::city;
use yuhui_proto::authz::v1::Role;

/// The role and the unit whose holder approves an account of `role` in `unit`: the head of the
/// unit, or for a head that of the unit above. `None` at the top, where a second security
/// administrator does.
#[must_use]
pub fn head_of(role: Role, unit: &str) -> Option<(Role, String)> {
    use Role::*;
    let city = || city().to_string();
    Some(match role {
        VillageClerk => (VillageHead, unit.to_owned()),
        VillageHead => (TownshipLead, prefix(unit, TOWNSHIP)),
        TownshipReviewer => (TownshipLead, unit.to_owned()),
        TownshipLead | CountyHealthReviewer => (CountyHealthApprover, prefix(unit, COUNTY)),
        CountyHealthApprover | CityHealthRegistrar => (CityHealthApprover, city()),
        CountyFinanceMaker => (CountyFinanceApprover, unit.to_owned()),
        CountyFinanceApprover | CityFinanceMaker => (CityFinanceApprover, city()),
        BankOperator => (BankAuthoriser, unit.to_owned()),
        CountyDisciplineInspector | CityDisciplineInspector => (CityDisciplineInspector, city()),
        CountyAuditor | CityAuditor => (CityAuditor, city()),
        EducationOfficer => (EducationHead, unit.to_owned()),
        // Departments without a head in the system, and claimants: the county answers for them.
        EducationHead
        | PublicSecurityLiaison
        | CivilAffairsLiaison
        | Registrar
        | MaternityLiaison
        | Institution
        | Applicant => (CountyHealthApprover, prefix(unit, COUNTY)),
        PublicityOfficer => (CityHealthApprover, city()),
        CityHealthApprover
        | CityFinanceApprover
        | BankAuthoriser
        | SystemAdministrator
        | SecurityAdministrator
        | AuditAdministrator
        | Unspecified => return None,
    })
}

/// Whether the holder of `own`, a role and a unit, approves an account of `role` in `unit`.
#[must_use]
pub fn is_head(own: (Role, String), role: Role, unit: &str) -> bool {
    head_of(role, unit) == Some(own)
}

/// Digits of a county's and of a township's code.
const COUNTY: usize = 6;
const TOWNSHIP: usize = 9;

/// The unit above: codes begin with those of what they belong to.
fn prefix(unit: &str, digits: usize) -> String {
    unit.get(..digits).unwrap_or(unit).to_owned()
}

#[cfg(test)]
mod tests {
    use yuhui_platform::authz::Rules;
    use yuhui_proto::authz::v1::{Duty, Power};

    use super::*;

    #[test]
    fn a_head_holds_the_same_power_and_makes_nothing() {
        let rules = Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules");
        let roles = rules.roles();
        let spec = |role: Role| roles.iter().find(|it| it.0 == role).expect("a role").1;
        for (role, own) in &roles {
            let Some((head, unit)) = head_of(*role, "150203004001") else {
                continue;
            };
            let head = spec(head);
            let business = !matches!(own.power(), Power::Support | Power::Claimant);
            assert!(!business || head.power() == own.power(), "{role:?}");
            assert_ne!(head.duty(), Duty::Maker, "{role:?}");
            assert!(
                "150203004001".starts_with(&unit) || unit == "150200",
                "{role:?}"
            );
        }
    }

    #[test]
    fn the_head_of_a_head_sits_one_level_up() {
        let head = |role, unit| head_of(role, unit).expect("a head");
        let village = head(Role::VillageHead, "150203004001");
        assert_eq!(village, (Role::TownshipLead, "150203004".into()));
        let township = head(Role::TownshipLead, "150203004");
        assert_eq!(township, (Role::CountyHealthApprover, "150203".into()));
        let auditor = head(Role::CountyAuditor, "150203");
        assert_eq!(auditor, (Role::CityAuditor, "150200".into()), "SOD-6");
        assert_eq!(head_of(Role::SecurityAdministrator, "150200"), None);
    }
}
