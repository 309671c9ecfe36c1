//! Institutions and stays as the contract tells them.

use time::Date;
use yuhui_kernel::{Registrar, dates};
use yuhui_proto::institution::v1 as pb;

use super::names;
use crate::{
    domain::{Change, Enrolment, HonourLevel, Institution, Kind},
    store::facts::Dossier,
};

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
        name: names::institution(&it),
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
