//! The worked cases, asked as a pre-check: what the file expects is what the asker is told.

use yuhui_kernel::dates;
use yuhui_policy::{
    Class, Decision, Programme,
    case_file::{Application, Case, CaseFile, Enrolment, Expected, Institution, Kind},
    facts::{HonourLevel, InstitutionKind},
};
use yuhui_proto::{
    eligibility::v1::{
        FamilySituation, InstitutionSituation, NurserySituation, PreCheckRequest,
        family_situation as family, institution_situation as institution,
    },
    types::v1 as types,
};

use crate::harness::on_every_world;

const CASES: &str = include_str!("../../../../tests/data/cases_shared.json");

fn day(day: Option<time::Date>) -> String {
    day.map(dates::format).unwrap_or_default()
}

/// Whether a pre-check knows all the case knows: one claim, nothing found or changed after lodging.
fn can_be_asked(case: &Case) -> bool {
    let [application] = &case.applications[..] else {
        return false;
    };
    let lodged_on = application.lodged_on;
    let later = |day: Option<time::Date>| day.is_some_and(|it| it > lodged_on);
    let family_changes = case
        .hukou
        .iter()
        .any(|it| later(Some(it.from)) || later(it.to))
        || case.persons.iter().any(|it| later(it.died_on))
        || case
            .births
            .iter()
            .any(|it| later(it.birth_service_registered_on));
    let one_nursery = application.institution.is_none() || case.institutions.len() == 1;
    matches!(case.kind, Kind::Family | Kind::Institution)
        && case.params.is_empty()
        && case.findings.is_empty()
        && case.process.is_empty()
        && !family_changes
        && one_nursery
}

fn ask(case: &Case, application: &Application, subject: &str) -> PreCheckRequest {
    let programme = match application.programme {
        Programme::P1 => types::Programme::P1,
        Programme::P2 => types::Programme::P2,
        Programme::P3 => types::Programme::P3,
        Programme::N1 => types::Programme::Unspecified,
        Programme::P4 => types::Programme::P4,
    };
    PreCheckRequest {
        programme: programme.into(),
        lodging_on: dates::format(application.lodged_on),
        county: application.county.to_string(),
        subsidy_year: application.subsidy_year.unwrap_or_default(),
        family: application
            .applicant
            .as_ref()
            .map(|applicant| a_family(case, applicant, subject)),
        institution: application
            .institution
            .is_some()
            .then(|| an_institution(case)),
        earlier_claims: Vec::new(),
    }
}

fn a_family(case: &Case, applicant: &str, child: &str) -> FamilySituation {
    let stays = case.enrolments.iter();
    let stays = stays.filter(|it| it.child.as_deref() == Some(child));
    FamilySituation {
        child: child.into(),
        applicant: applicant.into(),
        persons: case
            .persons
            .iter()
            .map(|it| family::Person {
                label: it.id.clone(),
                born_on: dates::format(it.born_on),
                died_on: day(it.died_on),
            })
            .collect(),
        hukou: case
            .hukou
            .iter()
            .map(|it| family::Hukou {
                person: it.person.clone(),
                division: it.county.to_string(),
                from_on: dates::format(it.from),
                to_on: day(it.to),
            })
            .collect(),
        marriages: case
            .marriages
            .iter()
            .map(|it| family::Marriage {
                spouses: it.spouses.to_vec(),
                from_on: dates::format(it.from),
                to_on: day(it.to),
            })
            .collect(),
        deliveries: case.births.iter().map(delivery).collect(),
        adoptions: case
            .adoptions
            .iter()
            .map(|it| family::Adoption {
                child: it.child.clone(),
                adopters: it.adopters.clone(),
                adopted_on: dates::format(it.on),
            })
            .collect(),
        custody: case
            .custody
            .iter()
            .map(|it| family::Custody {
                child: it.child.clone(),
                holders: it.holders.clone(),
                actual_carers: it.actual_carers.clone(),
                from_on: dates::format(it.from),
                to_on: day(it.to),
            })
            .collect(),
        guardianships: case
            .guardianships
            .iter()
            .map(|it| family::Guardianship {
                child: it.child.clone(),
                guardian: it.guardian.clone(),
                from_on: dates::format(it.from),
                to_on: day(it.to),
            })
            .collect(),
        nurseries: case.institutions.iter().map(nursery).collect(),
        stays: stays.map(stay).collect(),
    }
}

fn delivery(it: &yuhui_policy::case_file::Birth) -> family::Delivery {
    let mut children: Vec<_> = it.children.iter().collect();
    children.sort_by_key(|it| it.order);
    family::Delivery {
        mother: it.mother.clone(),
        father: it.father.clone().unwrap_or_default(),
        birth_service_registered_on: day(it.birth_service_registered_on),
        children: children
            .into_iter()
            .map(|it| family::Child {
                label: it.id.clone(),
                born_on: dates::format(it.born_on),
                stillborn: !it.live,
            })
            .collect(),
    }
}

fn stay(it: &Enrolment) -> family::Stay {
    family::Stay {
        nursery: it.institution.clone(),
        from_on: dates::format(it.from),
        to_on: day(it.to),
        fee_receipts: it.fee_receipts,
    }
}

fn nursery(it: &Institution) -> NurserySituation {
    NurserySituation {
        label: it.id.clone(),
        kindergarten: it.kind == InstitutionKind::Kindergarten,
        county: it.county.to_string(),
        registered_on: day(it.registered_on),
        filed_on: day(it.filed_on),
        education_approved_on: day(it.education_approved_on),
        inclusive_recognised_on: day(it.inclusive_recognised_on),
    }
}

fn an_institution(case: &Case) -> InstitutionSituation {
    let described = case.institutions.first().expect("an institution");
    InstitutionSituation {
        nursery: Some(nursery(described)),
        suspensions: described
            .suspensions
            .iter()
            .map(|it| institution::Suspension {
                from_on: dates::format(it.from),
                to_on: day(it.to),
            })
            .collect(),
        honours: described
            .honours
            .iter()
            .map(|it| institution::Honour {
                level: match it.level {
                    HonourLevel::Municipal => institution::honour::Level::Municipal,
                    HonourLevel::Regional => institution::honour::Level::Regional,
                    HonourLevel::National => institution::honour::Level::National,
                }
                .into(),
                granted_on: dates::format(it.granted_on),
            })
            .collect(),
        groups: case.enrolments.iter().map(group).collect(),
        certificates: described
            .certified_headcount
            .iter()
            .map(|(year, headcount)| institution::Certificate {
                subsidy_year: *year,
                headcount: i32::try_from(*headcount).expect("small"),
            })
            .collect(),
    }
}

fn group(it: &Enrolment) -> institution::Group {
    institution::Group {
        count: it.count.map_or(1, |it| i32::try_from(it).expect("small")),
        born_on: day(it.born_on),
        from_on: dates::format(it.from),
        to_on: day(it.to),
        fee_receipts: it.fee_receipts,
    }
}

fn decision(decision: Decision) -> types::Decision {
    let name = format!("DECISION_{}", decision.code());
    types::Decision::from_str_name(&name).expect("known")
}

fn class(class: Option<Class>) -> types::BirthClass {
    match class {
        Some(Class::Second) => types::BirthClass::Second,
        Some(Class::Third) => types::BirthClass::Third,
        None => types::BirthClass::Unspecified,
    }
}

/// What can be decided before anything is confirmed.
fn is_decided_at_lodging(expected: &Expected) -> bool {
    matches!(
        expected.decision,
        Decision::Pay | Decision::Reject | Decision::NotAccepted | Decision::Refer
    )
}

#[tokio::test]
async fn the_worked_cases_are_answered_as_they_are_decided() {
    on_every_world(async |world| {
        let file = CaseFile::parse(CASES).expect("a case file");
        let mut answered = Vec::new();
        for case in file.cases.iter().filter(|it| can_be_asked(it)) {
            let application = case.applications.first().expect("one");
            for expected in case.expected.iter().filter(|it| is_decided_at_lodging(it)) {
                let subject = expected.subject().expect("a child or institution");
                let request = ask(case, application, subject);
                let told = world.anybody().pre_checks().pre_check(request).await;
                let told = told.expect(&case.id).into_inner();
                let reason = expected.reason.map_or("", |it| it.code());
                assert_eq!(
                    (told.decision(), told.reason.as_str(), told.amount_fen),
                    (decision(expected.decision), reason, expected.amount.fen()),
                    "{} {subject}",
                    case.id
                );
                if expected.class.is_some() {
                    assert_eq!(told.birth_class(), class(expected.class), "{}", case.id);
                }
                if expected.decision == Decision::Pay {
                    assert_eq!(Some(told.round), expected.round, "{}", case.id);
                    assert!(told.last_lodging_on >= told.lodging_on, "{}", case.id);
                }
                for clause in &expected.cites {
                    let cited = told.cites.iter().any(|it| it == clause.as_str());
                    assert!(cited, "{} cites {clause}", case.id);
                }
                answered.push((application.programme, expected.decision));
            }
        }
        assert!(answered.len() >= 60, "{} answers", answered.len());
        for programme in [Programme::P1, Programme::P2, Programme::P3, Programme::P4] {
            for wanted in [Decision::Pay, Decision::Reject] {
                assert!(
                    answered.contains(&(programme, wanted)),
                    "{} {}",
                    programme.code(),
                    wanted.code()
                );
            }
        }
    })
    .await;
}
