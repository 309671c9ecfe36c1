//! Resource names of this service.

use uuid::Uuid;
use yuhui_kernel::{Tenant, resource_name};

/// `counties/-`: every county.
pub const EVERY_COUNTY: &str = "counties/-";

/// Something of a county.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// The county.
    pub tenant: Tenant,
    /// The thing.
    pub id: Uuid,
}

/// A report of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedReport {
    /// The batch.
    pub batch: Named,
    /// The report.
    pub id: Uuid,
}

/// Reads `counties/{county}`.
#[must_use]
pub fn county(name: &str) -> Option<Tenant> {
    Tenant::parse(resource_name::county(name)?).ok()
}

/// Reads `counties/{county}/paymentOrders/{order}`.
#[must_use]
pub fn order(name: &str) -> Option<Named> {
    of_county(name, "paymentOrders")
}

/// Reads `counties/{county}/batches/{batch}`.
#[must_use]
pub fn batch(name: &str) -> Option<Named> {
    of_county(name, "batches")
}

/// Reads `counties/{county}/batches/{batch}/reports/{report}`.
#[must_use]
pub fn report(name: &str) -> Option<NamedReport> {
    let (county, of, id) = resource_name::grandchild(name, ["batches", "reports"])?;
    Some(NamedReport {
        batch: named(county, of)?,
        id: id.parse().ok()?,
    })
}

/// Writes the name of an order of `county`.
#[must_use]
pub fn of_order(county: &str, id: Uuid) -> String {
    format!("counties/{county}/paymentOrders/{id}")
}

/// Writes the name of a batch of `county`.
#[must_use]
pub fn of_batch(county: &str, id: Uuid) -> String {
    format!("counties/{county}/batches/{id}")
}

/// Writes the name of a report on a batch of `county`.
#[must_use]
pub fn of_report(county: &str, batch: Uuid, id: Uuid) -> String {
    format!("{}/reports/{id}", of_batch(county, batch))
}

/// Writes the name of a line of `county`.
#[must_use]
pub fn of_line(county: &str, id: Uuid) -> String {
    format!("counties/{county}/paymentLines/{id}")
}

fn of_county(name: &str, collection: &str) -> Option<Named> {
    let (county, id) = resource_name::child(name, collection)?;
    named(county, id)
}

fn named(county: &str, id: &str) -> Option<Named> {
    Some(Named {
        tenant: Tenant::parse(county).ok()?,
        id: id.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let id = Uuid::from_u128(7);
        let named = order(&of_order("150203", id)).expect("an order");
        assert_eq!((named.tenant.as_str(), named.id), ("150203", id));
        let named = report(&of_report("150203", id, Uuid::from_u128(8))).expect("a report");
        assert_eq!((named.batch.id, named.id), (id, Uuid::from_u128(8)));
    }

    #[test]
    fn other_names_are_nobodys() {
        let id = Uuid::from_u128(7);
        for name in [
            "",
            "counties/150203",
            "counties/-/batches/1",
            "counties/999999",
        ] {
            assert_eq!(batch(name), None, "{name}");
        }
        assert_eq!(batch(&of_order("150203", id)), None);
        assert_eq!(county(EVERY_COUNTY), None);
    }
}
