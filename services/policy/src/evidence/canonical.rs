//! The one order of lists whose order means nothing.

use serde::Serialize;

use crate::Facts;

/// Why writing the types of this crate cannot fail.
pub(super) const ALWAYS_WRITABLE: &str = "no type here has a key that is no text or number";

/// Compact JSON.
pub(super) fn bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect(ALWAYS_WRITABLE)
}

/// The facts with every list sorted by its own text.
pub(super) fn facts(facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    for marriage in &mut facts.marriages {
        marriage.spouses.sort();
    }
    for delivery in &mut facts.births {
        sort(&mut delivery.children);
    }
    for adoption in &mut facts.adoptions {
        adoption.adopters.sort();
    }
    for custody in &mut facts.custody {
        custody.holders.sort();
        custody.actual_carers.sort();
    }
    for institution in &mut facts.institutions {
        sort(&mut institution.suspensions);
        sort(&mut institution.honours);
    }
    sort(&mut facts.persons);
    sort(&mut facts.hukou);
    sort(&mut facts.marriages);
    sort(&mut facts.births);
    sort(&mut facts.adoptions);
    sort(&mut facts.custody);
    sort(&mut facts.guardianships);
    sort(&mut facts.institutions);
    sort(&mut facts.enrolments);
    sort(&mut facts.other_claims);
    sort(&mut facts.frauds);
    sort(&mut facts.national_payments);
    sort(&mut facts.names);
    sort(&mut facts.answers);
    facts.settle_gaps();
    facts
}

fn sort<T: Serialize>(list: &mut [T]) {
    list.sort_by_cached_key(bytes);
}
