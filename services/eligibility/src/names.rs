//! What things are called: the services this one deals with, and the objects that requests name.

use uuid::Uuid;
use yuhui_kernel::{Tenant, resource_name};
use yuhui_platform::{Result, caller::Caller, db::Tenancy, refusal::not_found};
use yuhui_proto::authz::v1::Reach;

use crate::domain::documents::upload::Parent;

/// Name of the service: its audience, its issuer, its database.
pub const NAME: &str = "eligibility";
/// Name of the ledger service.
pub(crate) const LEDGER: &str = "funding-ledger";
/// Name of the disbursement service.
pub(crate) const DISBURSEMENT: &str = "disbursement";
/// Name of the service that asks the registers of persons.
pub(crate) const REGISTRY: &str = "registry-verification";
/// Name of the service that keeps the register of institutions.
pub(crate) const INSTITUTIONS: &str = "institution-registry";

/// Every county, as far as the caller reaches.
pub(crate) const ALL_COUNTIES: &str = "counties/-";

/// The counties that a request names.
pub(crate) fn tenancy(caller: &Caller, parent: &str) -> Result<Tenancy> {
    if parent != ALL_COUNTIES {
        return Ok(Tenancy::One(parse_parent(caller, parent)?));
    }
    match caller.reach {
        Reach::AllTenants => Ok(Tenancy::All),
        _ => Err(not_found(parent).into()),
    }
}

/// `counties/{county}/{collection}/{uuid}` taken apart.
pub(crate) fn parse_name(name: &str, collection: &str) -> Option<(Tenant, Uuid)> {
    let (county, id) = resource_name::child(name, collection)?;
    Some((Tenant::parse(county).ok()?, Uuid::parse_str(id).ok()?))
}

/// The same, within the caller's reach.
pub(crate) fn parse_own(caller: &Caller, name: &str, collection: &str) -> Result<(Tenant, Uuid)> {
    let (tenant, id) = parse_name(name, collection).ok_or_else(|| not_found(name))?;
    // What is said to be missing is what was named.
    let tenant = caller.tenant_for(&tenant).map_err(|_| not_found(name))?;
    Ok((tenant, id))
}

/// `counties/{county}/cases/{uuid}` or `counties/{county}/notices/{uuid}` taken apart, within the caller's reach.
pub(crate) fn parse_file(caller: &Caller, name: &str) -> Result<(Tenant, Parent)> {
    let (collection, parent): (_, fn(Uuid) -> Parent) = match name.contains("/notices/") {
        true => ("notices", Parent::Notice),
        false => ("cases", Parent::Case),
    };
    let (tenant, id) = parse_own(caller, name, collection)?;
    Ok((tenant, parent(id)))
}

/// The same of a document in it: `…/documents/{uuid}`.
pub(crate) fn parse_document(caller: &Caller, name: &str) -> Result<(Tenant, Parent, Uuid)> {
    let parts = name.rsplit_once("/documents/");
    let parts = parts.and_then(|(file, id)| Some((file, Uuid::parse_str(id).ok()?)));
    let (file, id) = parts.ok_or_else(|| not_found(name))?;
    // What is said to be missing is what was named.
    let (tenant, parent) = parse_file(caller, file).map_err(|_| not_found(name))?;
    Ok((tenant, parent, id))
}

/// The id in the name of a case of that county.
pub(crate) fn own_case(tenant: Tenant, name: &str) -> Result<Uuid> {
    let own = parse_name(name, "cases").filter(|(county, _)| *county == tenant);
    let (_, id) = own.ok_or_else(|| not_found(name))?;
    Ok(id)
}

/// `counties/{county}` taken apart.
pub(crate) fn parse_parent(caller: &Caller, parent: &str) -> Result<Tenant> {
    let county = resource_name::county(parent);
    let tenant = county
        .and_then(|it| Tenant::parse(it).ok())
        .ok_or_else(|| not_found(parent))?;
    Ok(caller.tenant_for(&tenant)?)
}

/// Digits that every unit within the caller's reach begins with.
pub(crate) fn unit_prefix(caller: &Caller) -> String {
    let unit = caller.unit.filter(|_| caller.reach == Reach::OwnUnit);
    unit.map(|it| it.to_string()).unwrap_or_default()
}
