//! Reading names in requests.

use yuhui_kernel::Tenant;
use yuhui_platform::{Caller, Result, refusal::not_found};

use crate::domain::name;

/// The county a `counties/{county}` names, if the caller reaches it.
pub fn county(caller: &Caller, parent: &str) -> Result<Tenant> {
    let code = name::county(parent).ok_or_else(|| not_found(parent))?;
    tenant(caller, code, parent)
}

/// County and id of `counties/{county}/{collection}/{id}`, if the caller reaches the county.
pub fn child<'a>(caller: &Caller, full: &'a str, collection: &str) -> Result<(Tenant, &'a str)> {
    let (code, id) = name::child(full, collection).ok_or_else(|| not_found(full))?;
    Ok((tenant(caller, code, full)?, id))
}

fn tenant(caller: &Caller, code: &str, full: &str) -> Result<Tenant> {
    let named = Tenant::parse(code).map_err(|_| not_found(full))?;
    // Another county's name answers as if there were nothing.
    caller
        .tenant_for(&named)
        .map_err(|_| not_found(full).into())
}
