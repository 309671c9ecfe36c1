//! Separation of the four powers (四权分离), proved from the contract.

use std::collections::BTreeSet;

use yuhui_proto::authz::v1::{Effect, Grant, Power, Reach, Role, RoleSpec, Rule};

use super::{Rules, admits};

/// One method of the role × method matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixRow {
    /// Path, `/package.Service/Method`.
    pub path: String,
    /// Whether a call changes something.
    pub acts: bool,
    /// Per role, in the order of [`Rules::roles`]: how far it reaches, if admitted.
    pub reaches: Vec<Option<Reach>>,
    /// How far somebody who is not signed in reaches, if admitted.
    pub public: Option<Reach>,
    /// Services admitted.
    pub services: Vec<String>,
}

impl Rules {
    /// Which role may call which method.
    #[must_use]
    pub fn matrix(&self) -> Vec<MatrixRow> {
        let roles = self.roles();
        let row = |(path, rule): (&String, &Rule)| MatrixRow {
            path: path.clone(),
            acts: rule.effect() == Effect::Act,
            reaches: roles.iter().map(|(_, spec)| reach(rule, spec)).collect(),
            public: rule
                .allow
                .iter()
                .find(|grant| grant.power() == Power::Public)
                .map(Grant::reach),
            services: self.services(path).into_iter().map(Into::into).collect(),
        };
        self.methods.iter().map(row).collect()
    }

    /// Every way in which the contract lets two powers meet in one hand, in
    /// words; empty if there is none.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let acts = || {
            self.methods
                .iter()
                .filter(|(_, rule)| rule.effect() == Effect::Act)
        };
        let mut found: Vec<String> = acts()
            .filter_map(|(path, rule)| fault(path, rule))
            .collect();
        for (role, spec) in self.roles() {
            let reachable = acts()
                .filter(|(_, rule)| rule.allow.iter().any(|grant| admits(grant, &spec)))
                .flat_map(|(_, rule)| powers(rule));
            let powers: BTreeSet<_> = reachable.collect();
            // An applicant's own claim may also be lodged for him at the
            // counter: that is no power of his over others.
            let lodging = spec.power() == Power::Claimant || spec.power() == Power::Eligibility;
            let two = match powers.len() {
                0 | 1 => false,
                2 => !(lodging && powers == lodging_powers()),
                _ => true,
            };
            if two {
                found.push(format!("{} reaches {}", role.as_str_name(), names(&powers)));
            }
        }
        found
    }
}

/// How far `rule` lets a role reach.
fn reach(rule: &Rule, spec: &RoleSpec) -> Option<Reach> {
    rule.allow
        .iter()
        .find(|grant| match grant.power() {
            Power::Public | Power::SignedIn => true,
            _ => admits(grant, spec),
        })
        .map(Grant::reach)
}

/// The powers an act exercises. Services, the public and "anybody signed in"
/// hold none.
fn powers(rule: &Rule) -> BTreeSet<Power> {
    rule.allow
        .iter()
        .map(Grant::power)
        .filter(|power| !matches!(power, Power::Service | Power::Public | Power::SignedIn))
        .collect()
}

fn lodging_powers() -> BTreeSet<Power> {
    BTreeSet::from([Power::Claimant, Power::Eligibility])
}

fn names(powers: &BTreeSet<Power>) -> String {
    let names: Vec<_> = powers.iter().map(|power| power.as_str_name()).collect();
    names.join(" and ")
}

/// What the public does.
const SUBMIT_REPORT: &str = "/yuhui.portal.v1.ReportService/SubmitReport";

/// What is wrong with the rule of an act by itself.
fn fault(path: &str, rule: &Rule) -> Option<String> {
    let powers = powers(rule);
    if powers.len() > 1 && powers != lodging_powers() {
        return Some(format!("{path} exercises {}", names(&powers)));
    }
    let open = rule
        .allow
        .iter()
        .any(|grant| matches!(grant.power(), Power::Public | Power::SignedIn));
    // Anybody may sign in, keep his own account, and object to a notice or report (七2);
    // nothing else is done without a power.
    let ordinary = path.starts_with("/yuhui.identity.") || path == SUBMIT_REPORT;
    (open && !ordinary).then(|| format!("{path} can be called without holding a power"))
}

impl MatrixRow {
    /// How far `role` reaches, given the roles in the order of [`Rules::roles`].
    #[must_use]
    pub fn reach_of(&self, role: Role, roles: &[(Role, RoleSpec)]) -> Option<Reach> {
        let place = roles.iter().position(|(it, _)| *it == role)?;
        self.reaches.get(place).copied().flatten()
    }
}
