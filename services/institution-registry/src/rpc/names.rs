//! Resource names, and who reaches what they name.

use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Caller, Result,
    db::Tx,
    refusal::{self, Common, Violation},
};
use yuhui_proto::authz::v1::Reach;

use crate::{
    domain::Institution,
    store::institutions::{self, Stored},
};

/// `counties/{county}`.
pub fn read_county(field: &str, name: &str) -> Result<Tenant, Common> {
    let code = name
        .strip_prefix("counties/")
        .filter(|it| !it.contains('/'));
    let code = code.ok_or_else(|| malformed(field, "counties/{county}"))?;
    Tenant::parse(code).map_err(|_| refusal::not_found(name))
}

/// `counties/{county}/institutions/{institution}`.
pub fn read_institution(field: &str, name: &str) -> Result<(Tenant, Uuid), Common> {
    let parts = name.split_once("/institutions/");
    let read = parts.and_then(|(county, id)| Some((county, Uuid::parse_str(id).ok()?)));
    let (county, id) =
        read.ok_or_else(|| malformed(field, "counties/{county}/institutions/{institution}"))?;
    Ok((read_county(field, county)?, id))
}

/// `counties/{county}/institutions/{institution}/changes/{change}`.
pub fn read_change(field: &str, name: &str) -> Result<(Tenant, Uuid, Uuid), Common> {
    let parts = name.split_once("/changes/");
    let read = parts.and_then(|(institution, id)| Some((institution, Uuid::parse_str(id).ok()?)));
    let (institution, change) = read.ok_or_else(|| {
        malformed(
            field,
            "counties/{county}/institutions/{institution}/changes/{change}",
        )
    })?;
    let (tenant, institution) = read_institution(field, institution)?;
    Ok((tenant, institution, change))
}

/// The institution's resource name.
pub fn institution(it: &Institution) -> String {
    format!("counties/{}/institutions/{}", it.tenant, it.id)
}

/// The institution that `name` names, if the caller reaches it: an
/// institution's own account reaches itself alone.
pub async fn reach(tx: &Tx, caller: &Caller, id: Uuid, name: &str) -> Result<Stored> {
    reached(institutions::find(tx, id).await?, caller, name)
}

/// The same, locked for an act on it.
pub async fn reach_locked(tx: &Tx, caller: &Caller, id: Uuid, name: &str) -> Result<Stored> {
    reached(institutions::locked(tx, id).await?, caller, name)
}

fn reached(stored: Option<Stored>, caller: &Caller, name: &str) -> Result<Stored> {
    let own = |it: &Stored| caller.person.as_deref() == Some(&it.institution.institution_ref);
    stored
        .filter(|it| caller.reach != Reach::OwnRecords || own(it))
        .ok_or_else(|| refusal::not_found(name).into())
}

fn malformed(field: &str, shape: &str) -> Common {
    let zh = format!("须为{shape}");
    refusal::invalid(vec![Violation::new(field, zh, format!("must be {shape}"))])
}
