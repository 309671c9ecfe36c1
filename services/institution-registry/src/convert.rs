//! Between the contract and the domain: the names in requests, and institutions and stays as they are
//! told.

use time::Date;
use uuid::Uuid;
use yuhui_kernel::{Registrar, Tenant, dates, proposal::ProposalState, resource_name};
use yuhui_platform::{
    Error,
    caller::actor,
    refusal::{self, Common, Violation},
};
use yuhui_proto::institution::v1 as pb;

use crate::{
    domain::{Change, Enrolment, HonourLevel, Institution, Kind, PriceList, Recorded, Verdict},
    store::{changes::Proposal, facts::Dossier, use_reports::Kept},
};

/// `counties/{county}`.
pub fn county(field: &str, name: &str) -> Result<Tenant, Common> {
    let code = resource_name::county(name);
    tenant(code.ok_or_else(|| malformed(field, "counties/{county}"))?)
}

/// `counties/{county}/institutions/{institution}`.
pub fn institution_named(field: &str, name: &str) -> Result<(Tenant, Uuid), Common> {
    let parts = resource_name::child(name, "institutions");
    let read = parts.and_then(|(county, id)| Some((county, Uuid::parse_str(id).ok()?)));
    let (county, id) =
        read.ok_or_else(|| malformed(field, "counties/{county}/institutions/{institution}"))?;
    Ok((tenant(county)?, id))
}

/// `counties/{county}/institutions/{institution}/changes/{change}`.
pub fn change_named(field: &str, name: &str) -> Result<(Tenant, Uuid, Uuid), Common> {
    let parts = resource_name::grandchild(name, ["institutions", "changes"]);
    let read = parts.and_then(|(county, institution, change)| {
        let ids = (Uuid::parse_str(institution), Uuid::parse_str(change));
        Some((county, ids.0.ok()?, ids.1.ok()?))
    });
    let (county, institution, change) = read.ok_or_else(|| {
        malformed(
            field,
            "counties/{county}/institutions/{institution}/changes/{change}",
        )
    })?;
    Ok((tenant(county)?, institution, change))
}

/// `counties/{county}/institutions/{institution}/inspections/{inspection}`.
pub fn inspection_named(field: &str, name: &str) -> Result<(Tenant, Uuid, Uuid), Common> {
    let parts = resource_name::grandchild(name, ["institutions", "inspections"]);
    let read = parts.and_then(|(county, institution, inspection)| {
        let ids = (Uuid::parse_str(institution), Uuid::parse_str(inspection));
        Some((county, ids.0.ok()?, ids.1.ok()?))
    });
    let (county, institution, inspection) = read.ok_or_else(|| {
        malformed(
            field,
            "counties/{county}/institutions/{institution}/inspections/{inspection}",
        )
    })?;
    Ok((tenant(county)?, institution, inspection))
}

/// `counties/{county}/institutions/{institution}/useReports/{round}`.
pub fn use_report_named(field: &str, name: &str) -> Result<(Tenant, Uuid, i32), Common> {
    let parts = resource_name::grandchild(name, ["institutions", "useReports"]);
    let read = parts.and_then(|(county, institution, round)| {
        let institution = Uuid::parse_str(institution).ok()?;
        Some((county, institution, round.parse().ok()?))
    });
    let (county, institution, round) = read.ok_or_else(|| {
        malformed(
            field,
            "counties/{county}/institutions/{institution}/useReports/{round}",
        )
    })?;
    Ok((tenant(county)?, institution, round))
}

fn tenant(code: &str) -> Result<Tenant, Common> {
    Tenant::parse(code).map_err(|_| refusal::not_found(format!("counties/{code}")))
}

fn malformed(field: &str, shape: &str) -> Common {
    let zh = format!("须为{shape}");
    refusal::invalid(vec![Violation::new(field, zh, format!("must be {shape}"))])
}

/// The institution's resource name.
pub fn name_of(it: &Institution) -> String {
    format!("counties/{}/institutions/{}", it.tenant, it.id)
}

fn day(date: Option<Date>) -> String {
    date.map(dates::format).unwrap_or_default()
}

/// An institution.
pub fn institution(it: Institution) -> pb::Institution {
    let kind = match it.kind {
        Kind::Nursery => pb::InstitutionKind::Nursery,
        Kind::Kindergarten => pb::InstitutionKind::Kindergarten,
    };
    let registrar = match it.registered_with {
        Registrar::CivilAffairs => pb::Registrar::CivilAffairs,
        Registrar::MarketRegulation => pb::Registrar::MarketRegulation,
        Registrar::PublicInstitutionRegistry => pb::Registrar::PublicInstitution,
    };
    let suspensions = it.record.suspensions.iter().map(|it| pb::Suspension {
        from_on: dates::format(it.from_on),
        to_on: day(it.to_on),
    });
    let honours = it.record.honours.iter().map(|it| pb::Honour {
        level: level(it.level).into(),
        granted_on: dates::format(it.granted_on),
        document_number: it.document_number.clone(),
    });
    let certificates = it.record.certificates.iter();
    let certificates = certificates.map(|(year, headcount)| pb::HeadcountCertificate {
        subsidy_year: *year,
        headcount: *headcount,
    });
    pb::Institution {
        name: name_of(&it),
        credit_code: it.credit_code.to_string(),
        display_name: it.display_name,
        kind: kind.into(),
        registered_with: registrar.into(),
        registered_on: dates::format(it.registered_on),
        township: it.township.to_string(),
        licensed_places: it.licensed_places,
        filed_on: day(it.record.filed_on),
        education_approved_on: day(it.record.education_approved_on),
        inclusive_recognised_on: day(it.record.inclusive_recognised_on),
        suspensions: suspensions.collect(),
        honours: honours.collect(),
        certificates: certificates.collect(),
        credit_code_doubtful: !it.credit_code.check_digit_valid(),
        institution_ref: it.institution_ref,
        // Told to those who decide, with the facts.
        legal_person: String::new(),
    }
}

fn level(level: HonourLevel) -> pb::HonourLevel {
    match level {
        HonourLevel::Municipal => pb::HonourLevel::Municipal,
        HonourLevel::Regional => pb::HonourLevel::Regional,
        HonourLevel::National => pb::HonourLevel::National,
    }
}

/// A change as it was proposed, of the institution of that name.
pub fn proposal(of: &str, it: &Proposal) -> Result<pb::Change, Error> {
    use pb::change::State;
    Ok(pb::Change {
        name: format!("{of}/changes/{}", it.id),
        change: Some(change(&it.change)),
        state: match it.state {
            ProposalState::Waiting => State::Waiting,
            ProposalState::Approved => State::Approved,
            ProposalState::Declined => State::Declined,
            ProposalState::Withdrawn => State::Withdrawn,
        }
        .into(),
        proposed_by: actor(&it.maker.account),
        proposed_on: dates::format(it.proposed_on),
        ended_by: it.ended_by.as_deref().map(actor).unwrap_or_default(),
        reason: it.words.clone(),
        etag: it.etag()?,
    })
}

/// The states a list of changes is narrowed to.
pub fn change_states(ask: &pb::ListChangesRequest) -> Vec<ProposalState> {
    use pb::change::State;
    let wanted = ask.states().filter_map(|state| match state {
        State::Unspecified => None,
        State::Waiting => Some(ProposalState::Waiting),
        State::Approved => Some(ProposalState::Approved),
        State::Declined => Some(ProposalState::Declined),
        State::Withdrawn => Some(ProposalState::Withdrawn),
    });
    wanted.collect()
}

/// What a change changes.
pub fn change(it: &Change) -> pb::change::Change {
    use pb::change::Change as Shown;
    match it {
        Change::Filed { on } => Shown::FiledOn(dates::format(*on)),
        Change::InclusiveRecognised { on } => Shown::InclusiveRecognisedOn(dates::format(*on)),
        Change::EducationApproved { on } => Shown::EducationApprovedOn(dates::format(*on)),
        Change::Suspended(it) => Shown::Suspension(pb::Suspension {
            from_on: dates::format(it.from_on),
            to_on: day(it.to_on),
        }),
        Change::Honoured(it) => Shown::Honour(pb::Honour {
            level: level(it.level).into(),
            granted_on: dates::format(it.granted_on),
            document_number: it.document_number.clone(),
        }),
        Change::Headed(it) => Shown::LegalPerson(pb::LegalPerson {
            person: it.person_ref.clone(),
            from_on: dates::format(it.from_on),
        }),
        Change::Certified {
            subsidy_year,
            headcount,
        } => Shown::Certificate(pb::HeadcountCertificate {
            subsidy_year: *subsidy_year,
            headcount: *headcount,
        }),
    }
}

/// An inspection, of the institution of that name.
pub fn inspection(of: &str, it: &Recorded) -> Result<pb::Inspection, Error> {
    let found = &it.inspection;
    let (signed_by, signed_on) = it.signed.clone().unzip();
    Ok(pb::Inspection {
        name: format!("{of}/inspections/{}", it.id),
        inspected_on: dates::format(found.inspected_on),
        children_present: found.children_present,
        over_three: found.over_three,
        price_list: match found.price_list {
            PriceList::AsPromised => pb::inspection::PriceList::AsPromised,
            PriceList::Other => pb::inspection::PriceList::Other,
            PriceList::NotShown => pb::inspection::PriceList::NotShown,
        }
        .into(),
        findings: found.findings.clone(),
        recorded_by: actor(&it.by.account),
        recorded_on: dates::format(it.recorded_on),
        signed_by: signed_by.as_deref().map(actor).unwrap_or_default(),
        signed_on: day(signed_on),
        etag: found.digest()?,
    })
}

/// A report on the use of the money, of the institution of that name.
pub fn use_report(of: &str, it: &Kept) -> Result<pb::UseReport, Error> {
    let report = &it.report;
    let (review, reviewed_on) = it.review.clone().unzip();
    let verdict = review.as_ref().map(|it| match it.verdict {
        Verdict::Proper => pb::use_report::Verdict::Proper,
        Verdict::Diverted => pb::use_report::Verdict::Diverted,
    });
    Ok(pb::UseReport {
        name: format!("{of}/useReports/{}", report.round),
        round: report.round,
        operating_fen: report.operating.fen(),
        other_fen: report.other.fen(),
        note: report.note.clone(),
        submitted_on: dates::format(it.submitted_on),
        verdict: verdict.unwrap_or_default().into(),
        words: review
            .as_ref()
            .map(|it| it.words.clone())
            .unwrap_or_default(),
        reviewed_by: review.map(|it| actor(&it.by)).unwrap_or_default(),
        reviewed_on: day(reviewed_on),
        etag: report.digest()?,
    })
}

/// A stay.
pub fn enrolment(it: Enrolment, institution_ref: &str) -> pb::Enrolment {
    pb::Enrolment {
        child: it.child_ref,
        child_born_on: dates::format(it.child_born_on),
        institution_ref: institution_ref.to_owned(),
        from_on: dates::format(it.from_on),
        to_on: day(it.to_on),
        fee_receipts: it.fee_receipts,
    }
}

/// An institution with stays.
pub fn dossier(it: Dossier) -> pb::InstitutionDossier {
    let reference = &it.institution.institution_ref;
    let stays = it.enrolments.into_iter();
    let enrolments = stays.map(|stay| enrolment(stay, reference)).collect();
    // The record was cut to what is known by the day of the answer.
    let heads = &it.institution.record.legal_persons;
    let legal_person = heads.last().map(|it| it.person_ref.clone());
    pb::InstitutionDossier {
        enrolments,
        institution: Some(pb::Institution {
            legal_person: legal_person.unwrap_or_default(),
            ..institution(it.institution)
        }),
    }
}
