//! Who may call what. The rules stand in the contract as method options; this
//! is the only code that reads and applies them.

mod guard;
mod refusals;
mod separation;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use prost_reflect::{DescriptorPool, DynamicMessage, ExtensionDescriptor, MethodDescriptor};
use tonic::Code;
use yuhui_proto::authz::v1::{Effect, Grant, Power, Reach, Role, RoleSpec, Rule};

pub use guard::{AUDIENCE, GATEWAY, Guard};
pub(crate) use guard::{REMOTE, answer};
pub use separation::MatrixRow;

use crate::{
    bounds::echo,
    caller::Caller,
    context,
    refusal::{ErrorReason, Refusal},
    token::Claims,
};

/// What ends a session, whatever it may do.
const SIGN_OUT: &str = "/yuhui.identity.v1.IdentityService/SignOut";

/// The rules of every method and the meaning of every role.
#[derive(Debug)]
pub struct Rules {
    /// By path, `/package.Service/Method`.
    methods: BTreeMap<String, Rule>,
    roles: HashMap<Role, RoleSpec>,
    /// What methods may be refused for, by path.
    refusals: BTreeMap<String, Vec<ErrorReason>>,
}

/// The contract leaves open who may call or what a role means.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The descriptors lack the options themselves.
    #[error("the descriptors lack {0}")]
    Missing(&'static str),
    /// An option that cannot be read.
    #[error("an authorization option cannot be read: {0}")]
    Unreadable(#[from] prost::DecodeError),
    /// Methods without a rule, or whose rule has no effect or a grant without
    /// power, reach or, for services, names.
    #[error("methods without a complete authorization rule: {}", .0.join(", "))]
    Incomplete(Vec<String>),
    /// Roles without a meaning.
    #[error("roles without a power: {}", .0.join(", "))]
    NoPower(Vec<String>),
}

/// Why a call is not let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// No such method, or one without a rule.
    NoRule(String),
    /// The method asks for a token, and there is none that is valid.
    Unauthenticated,
    /// The service is not among those that may call this one.
    NotACaller {
        /// Name in its certificate.
        name: String,
        /// Name of this service.
        service: &'static str,
    },
    /// An emergency access reads only (DYN-8).
    ReadOnly,
    /// No grant of the rule matches the caller.
    NotPermitted {
        /// Full name of the method: the rule's name.
        rule: String,
        /// Powers admitted.
        powers: String,
        /// Levels admitted; empty for any.
        levels: String,
    },
}

impl Refusal for Denied {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::NoRule(_) => ErrorReason::NoRule,
            Self::Unauthenticated => ErrorReason::Unauthenticated,
            Self::NotACaller { .. } => ErrorReason::NotACaller,
            Self::ReadOnly => ErrorReason::ReadOnly,
            Self::NotPermitted { .. } => ErrorReason::PermissionDenied,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::NoRule(_) => Code::Unimplemented,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::NotACaller { .. } | Self::ReadOnly | Self::NotPermitted { .. } => {
                Code::PermissionDenied
            }
        }
    }

    fn clause(&self) -> Option<&str> {
        // 四权分离.
        matches!(self, Self::NotPermitted { .. }).then_some("二e")
    }

    fn zh(&self) -> String {
        match self {
            Self::NoRule(path) => format!("没有该操作：{}", echo(path)),
            Self::Unauthenticated => "请先登录".into(),
            Self::NotACaller { name, service } => {
                format!("服务 {} 不得调用 {service}", echo(name))
            }
            Self::ReadOnly => "应急访问仅可查阅，不得办理".into(),
            Self::NotPermitted { .. } => "您的岗位无权进行该操作".into(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::NoRule(path) => format!("no such method: {}", echo(path)),
            Self::Unauthenticated => "a valid token is required".into(),
            Self::NotACaller { name, service } => {
                format!("service {} may not call {service}", echo(name))
            }
            Self::ReadOnly => "an emergency access reads, and changes nothing".into(),
            Self::NotPermitted { rule, .. } => format!("the role may not call {rule}"),
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NotPermitted {
                rule,
                powers,
                levels,
            } => vec![
                ("rule", rule.clone()),
                ("power", powers.clone()),
                ("levels", levels.clone()),
            ],
            _ => Vec::new(),
        }
    }
}

impl Rules {
    /// Reads the rules of every service in the packages `yuhui.*`. Fails if
    /// the contract leaves anything open: then no server may start.
    pub fn from_pool(pool: &DescriptorPool) -> Result<Self, RulesError> {
        let option = |name| {
            pool.get_extension_by_name(name)
                .ok_or(RulesError::Missing(name))
        };
        let rule = option("yuhui.authz.v1.rule")?;
        let role = option("yuhui.authz.v1.role")?;
        let refused = option("yuhui.errors.v1.refusals")?;
        Ok(Self {
            methods: methods(pool, &rule)?,
            roles: roles(pool, &role)?,
            refusals: refusals::refusals(pool, &refused)?,
        })
    }

    /// The rule of the method at `path`.
    #[must_use]
    pub fn rule(&self, path: &str) -> Option<&Rule> {
        self.methods.get(path)
    }

    /// Paths of every method.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.methods.keys().map(String::as_str)
    }

    /// Every role, in the order of the contract, and what it means.
    #[must_use]
    pub fn roles(&self) -> Vec<(Role, RoleSpec)> {
        let mut roles: Vec<_> = self
            .roles
            .iter()
            .map(|(role, spec)| (*role, *spec))
            .collect();
        roles.sort_by_key(|(role, _)| *role as i32);
        roles
    }

    /// Paths of the methods that admit a person of `role`.
    pub fn open_to(&self, role: Role) -> impl Iterator<Item = &str> {
        let claims = Claims {
            role: role.as_str_name().into(),
            ..Claims::default()
        };
        let admits = move |rule: &Rule| {
            let identity = Identity::of(Some(&claims), &self.roles);
            rule.allow.iter().any(|grant| identity.matches(grant))
        };
        let open = self.methods.iter().filter(move |(_, rule)| admits(rule));
        open.map(|(path, _)| path.as_str())
    }

    /// Names of the services that may call `path` for themselves.
    #[must_use]
    pub fn services(&self, path: &str) -> Vec<&str> {
        let grants = self.rule(path).into_iter().flat_map(|rule| &rule.allow);
        grants
            .flat_map(|grant| &grant.services)
            .map(String::as_str)
            .collect()
    }

    /// The services that the contract lets call the methods that `answers` picks: those that a rule
    /// names, and the gateway, if a person reaches any of them.
    #[must_use]
    pub fn callers(&self, answers: impl Fn(&str) -> bool) -> BTreeSet<String> {
        let rules = self.methods.iter().filter(|(path, _)| answers(path));
        let grants = rules.flat_map(|(_, rule)| &rule.allow);
        grants
            .flat_map(|grant| match grant.power() {
                Power::Service => grant.services.clone(),
                _ => vec![GATEWAY.to_owned()],
            })
            .collect()
    }

    /// Roles that may call `path`, in the order of the contract.
    #[must_use]
    pub fn admitted(&self, path: &str) -> Vec<Role> {
        let grants = || self.rule(path).into_iter().flat_map(|rule| &rule.allow);
        let roles = self.roles().into_iter();
        roles
            .filter(|(_, spec)| grants().any(|grant| admits(grant, spec)))
            .map(|(role, _)| role)
            .collect()
    }

    /// The caller, if the rule of `path` admits who the verified `claims` name
    /// (`None`: nobody signed in). The first grant that matches sets the reach.
    pub fn check(&self, path: &str, claims: Option<&Claims>) -> Result<Caller, Denied> {
        let rule = self
            .rule(path)
            .ok_or_else(|| Denied::NoRule(path.to_owned()))?;
        let identity = Identity::of(claims, &self.roles);
        if rule.effect() == Effect::Act && path != SIGN_OUT && identity.only_reads() {
            return Err(Denied::ReadOnly);
        }
        match rule.allow.iter().find(|grant| identity.matches(grant)) {
            Some(grant) => Ok(identity.caller(path, grant.reach())),
            None if claims.is_none() => Err(Denied::Unauthenticated),
            None => Err(not_permitted(path, rule)),
        }
    }
}

/// What the claims say, as far as grants ask about it.
struct Identity<'a> {
    claims: Option<&'a Claims>,
    role: Role,
    spec: RoleSpec,
}

impl<'a> Identity<'a> {
    fn of(claims: Option<&'a Claims>, roles: &HashMap<Role, RoleSpec>) -> Self {
        let role = claims
            .and_then(|claims| Role::from_str_name(&claims.role))
            .unwrap_or(Role::Unspecified);
        let spec = roles.get(&role).copied().unwrap_or_default();
        Self { claims, role, spec }
    }

    /// The service that calls, if one does. What a service signs is believed
    /// for what the contract lets that service do, not for its caller's role.
    fn service(&self) -> Option<&'a str> {
        let claims = self.claims?;
        let via = claims.via.as_deref()?;
        (via == claims.iss).then_some(via)
    }

    /// DYN-8: an emergency access changes nothing, whatever its role.
    fn only_reads(&self) -> bool {
        self.claims
            .is_some_and(|it| it.glass.is_some() && it.via.is_none())
    }

    fn matches(&self, grant: &Grant) -> bool {
        let person = self.claims.is_some_and(|it| it.via.is_none());
        match grant.power() {
            Power::Unspecified => false,
            Power::Public => self.claims.is_none() || person,
            Power::SignedIn => person && self.role != Role::Unspecified,
            Power::Service => self
                .service()
                .is_some_and(|name| grant.services.iter().any(|it| it == name)),
            _ => person && admits(grant, &self.spec),
        }
    }

    fn caller(&self, path: &str, reach: Reach) -> Caller {
        let claims = self.claims.cloned().unwrap_or_default();
        Caller {
            unit: claims.unit.parse().ok(),
            account: claims.sub,
            name: claims.name,
            role: self.role,
            spec: self.spec,
            person: claims.person,
            principal: claims.principal,
            glass: claims.glass,
            session: claims.sid,
            via: claims.via,
            reach,
            method: path.into(),
            request_id: context::request_id(),
            remote: None,
        }
    }
}

/// Whether a grant to a role's power admits the role.
fn admits(grant: &Grant, spec: &RoleSpec) -> bool {
    let any = |list: &[i32], value: i32| list.is_empty() || list.contains(&value);
    grant.power == spec.power
        && any(&grant.levels, spec.level)
        && any(&grant.desks, spec.desk)
        && (grant.duty == 0 || grant.duty == spec.duty)
}

fn not_permitted(path: &str, rule: &Rule) -> Denied {
    let names = |list: Vec<&str>| {
        let mut list = list;
        list.dedup();
        list.join(",")
    };
    let grants = rule.allow.iter();
    let levels = grants.clone().flat_map(|grant| grant.levels());
    Denied::NotPermitted {
        rule: path.trim_start_matches('/').replace('/', "."),
        powers: names(grants.map(|it| it.power().as_str_name()).collect()),
        levels: names(levels.map(|it| it.as_str_name()).collect()),
    }
}

fn methods(
    pool: &DescriptorPool,
    option: &ExtensionDescriptor,
) -> Result<BTreeMap<String, Rule>, RulesError> {
    let mut rules = BTreeMap::new();
    let mut incomplete = Vec::new();
    for (path, method) in paths(pool) {
        match read::<Rule>(&method.options(), option)? {
            Some(rule) if complete(&rule) => _ = rules.insert(path, rule),
            _ => incomplete.push(method.full_name().to_owned()),
        }
    }
    if incomplete.is_empty() {
        Ok(rules)
    } else {
        Err(RulesError::Incomplete(incomplete))
    }
}

/// Every method of the packages `yuhui.*`, with its path.
fn paths(pool: &DescriptorPool) -> impl Iterator<Item = (String, MethodDescriptor)> {
    let services = pool
        .services()
        .filter(|it| it.package_name().starts_with("yuhui."));
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    methods.map(|method| {
        let service = method.parent_service().full_name().to_owned();
        (format!("/{service}/{}", method.name()), method)
    })
}

fn complete(rule: &Rule) -> bool {
    let stated = |grant: &Grant| {
        grant.power() != Power::Unspecified
            && grant.reach() != Reach::Unspecified
            && (grant.power() == Power::Service) != grant.services.is_empty()
    };
    rule.effect() != Effect::Unspecified && !rule.allow.is_empty() && rule.allow.iter().all(stated)
}

fn roles(
    pool: &DescriptorPool,
    option: &ExtensionDescriptor,
) -> Result<HashMap<Role, RoleSpec>, RulesError> {
    const NAME: &str = "yuhui.authz.v1.Role";
    let roles = pool
        .get_enum_by_name(NAME)
        .ok_or(RulesError::Missing(NAME))?;
    let mut specs = HashMap::new();
    let mut without = Vec::new();
    for value in roles.values().filter(|value| value.number() != 0) {
        let spec = read::<RoleSpec>(&value.options(), option)?;
        match (Role::try_from(value.number()), spec) {
            (Ok(role), Some(spec)) if spec.power() != Power::Unspecified => {
                specs.insert(role, spec);
            }
            _ => without.push(value.name().to_owned()),
        }
    }
    if without.is_empty() {
        Ok(specs)
    } else {
        Err(RulesError::NoPower(without))
    }
}

/// The option in `options`, if it is set.
fn read<M: prost::Message + Default>(
    options: &DynamicMessage,
    option: &ExtensionDescriptor,
) -> Result<Option<M>, RulesError> {
    if !options.has_extension(option) {
        return Ok(None);
    }
    match options.get_extension(option).as_message() {
        Some(message) => Ok(Some(message.transcode_to()?)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests;
