//! What a form states beside its claim (annexes 1 to 4): kept as it was stated, shown with its numbers masked.

use serde::{Serialize, de::DeserializeOwned};
use yuhui_platform::Result;
use yuhui_proto::eligibility::v1::{FamilyParticulars, InstitutionParticulars};

use crate::domain::{
    Case, Kind,
    private::{Private, mask, mask_phone},
};

/// As it is kept; empty of what states nothing.
pub(crate) fn kept<T: Serialize + Default + PartialEq>(stated: Option<&T>) -> Result<String> {
    match stated {
        Some(stated) if *stated != T::default() => Ok(serde_json::to_string(stated)?),
        _ => Ok(String::new()),
    }
}

fn read<T: DeserializeOwned>(kept: &str) -> Result<Option<T>> {
    match kept {
        "" => Ok(None),
        kept => Ok(Some(serde_json::from_str(kept)?)),
    }
}

/// What a family stated, in full; none of a claim of an institution.
pub(crate) fn family(case: &Case, private: &Private) -> Result<Option<FamilyParticulars>> {
    match case.kind() {
        Kind::Family => read(&private.particulars),
        Kind::Institution => Ok(None),
    }
}

/// What an institution stated, in full; none of a claim of a family.
pub(crate) fn institution(
    case: &Case,
    private: &Private,
) -> Result<Option<InstitutionParticulars>> {
    match case.kind() {
        Kind::Family => Ok(None),
        Kind::Institution => read(&private.particulars),
    }
}

/// The same without applicant and agent, who are others once the case is taken over (C.7).
pub(crate) fn without_applicant(case: &Case, private: &Private) -> Result<String> {
    let stated = family(case, private)?.map(|stated| FamilyParticulars {
        applicant: None,
        agent: None,
        ..stated
    });
    kept(stated.as_ref())
}

/// As everybody reads it: numbers masked.
pub(crate) fn family_masked(mut stated: FamilyParticulars) -> FamilyParticulars {
    if let Some(applicant) = &mut stated.applicant {
        applicant.phone = mask_phone(&applicant.phone);
    }
    if let Some(other) = &mut stated.other_parent {
        other.identity_number = mask(&other.identity_number);
    }
    for child in &mut stated.children {
        child.identity_number = mask(&child.identity_number);
        child.birth_certificate_number = mask(&child.birth_certificate_number);
    }
    if let Some(agent) = &mut stated.agent {
        agent.identity_number = mask(&agent.identity_number);
        agent.phone = mask_phone(&agent.phone);
    }
    stated
}

/// As everybody reads it: numbers masked.
pub(crate) fn institution_masked(mut stated: InstitutionParticulars) -> InstitutionParticulars {
    if let Some(record) = &mut stated.record {
        record.representative_number = mask(&record.representative_number);
        record.phone = mask_phone(&record.phone);
    }
    stated
}
