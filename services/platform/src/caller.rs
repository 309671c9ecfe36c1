//! Who calls: built by the authorization layer from a verified token, never
//! from the request.

use tonic::{Request, Status};
use yuhui_kernel::{DivisionCode, Hand, Tenant, city};
use yuhui_proto::authz::v1::{Desk, Duty, Level, Power, Reach, Role, RoleSpec};

use crate::{
    context,
    db::Tenancy,
    error,
    refusal::{Common, not_found},
    token::{Claims, Principal},
};

/// Somebody whom the rule of the method admitted.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Account id; `service:NAME` for jobs; empty for the public.
    pub account: String,
    /// Name of the account's holder.
    pub name: String,
    /// Role (岗位); unspecified for the public and for jobs.
    pub role: Role,
    /// What holding the role means.
    pub spec: RoleSpec,
    /// Unit: village, township, county or city.
    pub unit: Option<DivisionCode>,
    /// Blind index of the holder's citizen number or credit code.
    pub person: Option<String>,
    /// Whom the account acts for, in his role and unit (DYN-7).
    pub principal: Option<Principal>,
    /// The emergency access the account reads under (DYN-8).
    pub glass: Option<String>,
    /// Session the call belongs to.
    pub session: String,
    /// Service that calls on the account's behalf or for a job.
    pub via: Option<String>,
    /// How far the grant that matched reaches.
    pub reach: Reach,
    /// Path of the method called, `/package.Service/Method`.
    pub method: String,
    /// Id of the request, the same in gateway and services.
    pub request_id: String,
    /// Address the call came from.
    pub remote: Option<String>,
}

impl Caller {
    /// A service acting by itself, within one county or across them.
    #[must_use]
    pub fn service(name: &str, tenant: Option<Tenant>) -> Self {
        Self {
            account: format!("service:{name}"),
            name: name.into(),
            unit: tenant.map(Tenant::code),
            via: Some(name.into()),
            reach: match tenant {
                Some(_) => Reach::OwnTenant,
                None => Reach::AllTenants,
            },
            ..Self::public()
        }
    }

    /// A member of the public who has not signed in.
    #[must_use]
    pub fn public() -> Self {
        Self {
            account: String::new(),
            name: String::new(),
            role: Role::Unspecified,
            spec: RoleSpec::default(),
            unit: None,
            person: None,
            principal: None,
            glass: None,
            session: String::new(),
            via: None,
            reach: Reach::NoTenant,
            method: String::new(),
            request_id: context::request_id(),
            remote: None,
        }
    }

    /// The same caller, for whom `service` now speaks. The gateway uses it for
    /// methods that admit the gateway itself.
    #[must_use]
    pub fn through(mut self, service: &str) -> Self {
        self.via = Some(service.into());
        self
    }

    /// The hand that acts, as the rules of separation compare it (DYN-1, DYN-4): a deputy's is also that of
    /// whom he acts for (DYN-7).
    #[must_use]
    pub fn hand(&self) -> Hand {
        let persons: Vec<&str> = self.persons().collect();
        Hand {
            account: self.account.clone(),
            person: (!persons.is_empty()).then(|| persons.join(" ")),
        }
    }

    /// Blind references of the persons who act: the caller, and whom he acts for.
    pub fn persons(&self) -> impl Iterator<Item = &str> {
        let principal = self.principal.as_ref().and_then(|it| it.person.as_deref());
        self.person.as_deref().into_iter().chain(principal)
    }

    /// The name in records: a deputy answers with both names, an emergency access says that it is one.
    #[must_use]
    pub fn full_name(&self) -> String {
        match (&self.principal, &self.glass) {
            (Some(principal), _) => format!("{}（代{}）", self.name, principal.name),
            (None, Some(_)) => format!("{}（应急访问）", self.name),
            (None, None) => self.name.clone(),
        }
    }

    /// Whether the caller acts for himself alone, by what he holds.
    #[must_use]
    pub fn is_himself(&self) -> bool {
        self.principal.is_none() && self.glass.is_none()
    }

    /// The power of the role.
    #[must_use]
    pub fn power(&self) -> Power {
        self.spec.power()
    }

    /// The level of the role.
    #[must_use]
    pub fn level(&self) -> Level {
        self.spec.level()
    }

    /// The desk of the role.
    #[must_use]
    pub fn desk(&self) -> Desk {
        self.spec.desk()
    }

    /// Maker or checker.
    #[must_use]
    pub fn duty(&self) -> Duty {
        self.spec.duty()
    }

    /// Whether somebody signed in is behind the call.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.role != Role::Unspecified
    }

    /// The caller's own county.
    pub fn tenant(&self) -> Result<Tenant, Common> {
        self.own().ok_or(Common::NoTenant)
    }

    /// The county a request names, if the caller reaches it. Others do not
    /// exist for this caller.
    pub fn tenant_for(&self, named: &Tenant) -> Result<Tenant, Common> {
        let reached = match self.reach {
            Reach::AllTenants => true,
            Reach::OwnRecords | Reach::OwnUnit | Reach::OwnTenant => self.own() == Some(*named),
            Reach::NoTenant | Reach::Unspecified => false,
        };
        if reached {
            Ok(*named)
        } else {
            Err(not_found(format!("counties/{named}")))
        }
    }

    /// The rows a list may show.
    #[must_use]
    pub fn tenancy(&self) -> Tenancy {
        match (self.reach, self.own()) {
            (Reach::AllTenants, _) => Tenancy::All,
            (_, Some(tenant)) => Tenancy::One(tenant),
            (_, None) => Tenancy::City,
        }
    }

    /// Whether `unit` is the caller's own or lies below it.
    #[must_use]
    pub fn covers(&self, unit: &DivisionCode) -> bool {
        self.unit.is_some_and(|own| own.contains(unit))
    }

    fn own(&self) -> Option<Tenant> {
        self.unit.and_then(Tenant::of)
    }

    /// The claims that state this caller again, for another audience.
    pub(crate) fn claims(&self) -> Claims {
        let role = match self.role {
            Role::Unspecified => "",
            role => role.as_str_name(),
        };
        Claims {
            sub: self.account.clone(),
            sid: self.session.clone(),
            name: self.name.clone(),
            role: role.into(),
            unit: self.unit.map(|unit| unit.to_string()).unwrap_or_default(),
            person: self.person.clone(),
            principal: self.principal.clone(),
            glass: self.glass.clone(),
            ..Claims::default()
        }
    }

    /// Whether the unit is the city itself.
    #[must_use]
    pub fn is_municipal(&self) -> bool {
        self.unit == Some(city())
    }
}

/// The caller of a request, and its message.
pub fn accept<T>(request: Request<T>) -> Result<(Caller, T), Status> {
    let (_, mut extensions, message) = request.into_parts();
    match extensions.remove::<Caller>() {
        Some(caller) => Ok((caller, message)),
        None => Err(unguarded()),
    }
}

/// The caller of a request.
pub fn of<T>(request: &Request<T>) -> Result<&Caller, Status> {
    request.extensions().get().ok_or_else(unguarded)
}

/// The routes were served without the authorization layer.
fn unguarded() -> Status {
    tracing::error!("a request reached a handler without passing authorization");
    error::internal(context::request_id())
}

/// Who that account is, for people: `accounts/{account}`, the name of a service, or nobody.
#[must_use]
pub fn actor(account: &str) -> String {
    match account.strip_prefix("service:") {
        Some(service) => service.to_owned(),
        None if account.is_empty() => String::new(),
        None => format!("accounts/{account}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(unit: &str, reach: Reach) -> Caller {
        Caller {
            unit: Some(unit.parse().expect("unit")),
            reach,
            ..Caller::public()
        }
    }

    fn tenant(code: &str) -> Tenant {
        Tenant::parse(code).expect("county")
    }

    #[test]
    fn a_county_is_derived_from_the_unit_and_others_do_not_exist() {
        let clerk = caller("150203004001", Reach::OwnUnit);
        assert_eq!(clerk.tenant(), Ok(tenant("150203")));
        assert_eq!(clerk.tenant_for(&tenant("150203")), Ok(tenant("150203")));
        assert_eq!(
            clerk.tenant_for(&tenant("150204")),
            Err(not_found("counties/150204"))
        );
        assert_eq!(clerk.tenancy(), Tenancy::One(tenant("150203")));
    }

    #[test]
    fn the_city_has_no_county_of_its_own_but_reaches_all_where_the_rule_says_so() {
        let city = caller("150200", Reach::AllTenants);
        assert_eq!(city.tenant(), Err(Common::NoTenant));
        assert!(city.tenant_for(&tenant("150204")).is_ok());
        assert_eq!(city.tenancy(), Tenancy::All);
        assert!(
            caller("150200", Reach::OwnTenant)
                .tenant_for(&tenant("150204"))
                .is_err()
        );
    }

    #[test]
    fn a_deputy_acts_with_both_hands_and_both_names() {
        let own = Caller {
            account: "d".into(),
            name: "云".into(),
            person: Some("pd".into()),
            ..Caller::public()
        };
        let deputy = Caller {
            principal: Some(Principal {
                account: "p".into(),
                name: "巴图".into(),
                person: Some("pp".into()),
            }),
            ..own.clone()
        };
        assert_eq!(own.hand().person.as_deref(), Some("pd"));
        assert_eq!(deputy.hand().person.as_deref(), Some("pd pp"));
        assert_eq!(deputy.full_name(), "云（代巴图）");
        assert!(own.is_himself() && !deputy.is_himself());
        assert!(Caller::public().hand().person.is_none());
    }

    #[test]
    fn a_township_covers_its_villages_and_no_others() {
        let township = caller("150203004", Reach::OwnUnit);
        assert!(township.covers(&"150203004001".parse().expect("village")));
        assert!(!township.covers(&"150203005001".parse().expect("village")));
        assert!(!township.covers(&"150203".parse().expect("county")));
        assert!(!Caller::public().covers(&city()));
    }
}
