//! DYN-3: nobody acts on an institution that he or a relative heads; and one child under two
//! numbers.

use tonic::{Code, Status};
use yuhui_proto::{authz::v1::Role, institution::v1 as pb, internal::v1 as internal};

use crate::harness::{
    COUNTY, OTHER, System, code, fields, filed, fresh, proposal, registration, stay,
};

const HEAD: &str = "15029919800101002X";
const NEXT: &str = "U150000077";
const OFFICIAL: &str = "official";

/// An institution with a legal person, and an official who is the person's relative.
async fn settle(system: &System) -> pb::Institution {
    let mut ask = registration(COUNTY, &code(1));
    let institution = ask.institution.as_mut().expect("stated");
    institution.legal_person = NEXT.into();
    let mut registrar = system.call(Role::CivilAffairsLiaison, COUNTY);
    let answer = registrar.register_institution(ask).await;
    let institution = answer.expect("registered").into_inner().institution;
    let institution = institution.expect("institution");
    assert_eq!(institution.legal_person, "", "shown to nobody");
    let head = system.child(NEXT);
    let mut known = system.registers.known();
    known.relatives.insert(OFFICIAL.into(), vec![head]);
    drop(known);
    institution
}

fn denied<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    use tonic_types::StatusExt as _;
    let status = answer.expect_err("a refusal");
    assert_eq!(status.code(), Code::PermissionDenied, "{status}");
    let info = status.get_details_error_info().expect("details");
    info.metadata.get("rule").cloned().unwrap_or_default()
}

fn headed(person: &str, from_on: &str) -> pb::change::Change {
    pb::change::Change::LegalPerson(pb::LegalPerson {
        person: person.into(),
        from_on: from_on.into(),
    })
}

#[tokio::test]
async fn a_relative_of_the_legal_person_decides_nothing_about_the_institution() {
    let system = System::start().await;
    let nursery = settle(&system).await;
    let mut maker = system.call_as(Role::CountyHealthReviewer, COUNTY, OFFICIAL);
    let proposed = maker.propose_change(proposal(&nursery.name, filed("2023-03-01")));
    assert_eq!(denied(proposed.await), "DYN-3");
    system
        .report(&nursery, vec![stay("U150000001", "2024-03-01", "")])
        .await
        .expect("reported");
    let checked = maker.check_enrolments(pb::CheckEnrolmentsRequest {
        parent: nursery.name.clone(),
        digest: "0".repeat(64),
        request_id: fresh(),
        ..pb::CheckEnrolmentsRequest::default()
    });
    assert_eq!(denied(checked.await), "DYN-3");

    let mut other = system.call(Role::CountyHealthReviewer, COUNTY);
    let proposed = other.propose_change(proposal(&nursery.name, filed("2023-03-01")));
    let proposed = proposed.await.expect("no relative").into_inner().change;
    let proposed = proposed.expect("a change");
    let ask = pb::ApproveChangeRequest {
        name: proposed.name,
        etag: proposed.etag,
        request_id: fresh(),
    };
    let mut checker = system.call_as(Role::CountyHealthApprover, COUNTY, OFFICIAL);
    let approved = checker.approve_change(ask.clone()).await;
    assert_eq!(denied(approved), "DYN-3");
    let mut checker = system.call(Role::CountyHealthApprover, COUNTY);
    checker.approve_change(ask).await.expect("no relative");

    let mut ask = registration(COUNTY, &code(2));
    ask.institution.as_mut().expect("stated").legal_person = NEXT.into();
    let mut registrar = system.call_as(Role::CivilAffairsLiaison, COUNTY, OFFICIAL);
    assert_eq!(denied(registrar.register_institution(ask).await), "DYN-3");
}

#[tokio::test]
async fn who_heads_it_now_or_later_counts_and_who_did_no_more() {
    let system = System::start().await;
    let nursery = settle(&system).await;
    // The relative himself cannot be put at its head by his family either.
    let registrar = registration(COUNTY, &code(3));
    let mut civil = system.call(Role::CivilAffairsLiaison, COUNTY);
    let free = civil
        .register_institution(registrar)
        .await
        .expect("no head");
    let free = free.into_inner().institution.expect("institution");
    let mut maker = system.call_as(Role::CountyHealthReviewer, COUNTY, OFFICIAL);
    let proposed = maker.propose_change(proposal(&free.name, headed(NEXT, "2025-09-01")));
    assert_eq!(denied(proposed.await), "DYN-3");

    system
        .decide(&nursery, headed("U150000078", "2025-05-01"))
        .await;
    let proposed = maker.propose_change(proposal(&nursery.name, filed("2023-03-01")));
    proposed.await.expect("another heads it since May");
    let dossier = system.dossier(&nursery, 2024).await.dossier;
    let told = dossier.and_then(|it| it.institution).expect("told");
    assert_eq!(told.legal_person, system.child("U150000078"));

    system.decide(&nursery, headed(NEXT, "2025-09-01")).await;
    let proposed = maker.propose_change(proposal(&nursery.name, filed("2023-03-01")));
    assert_eq!(denied(proposed.await), "DYN-3");
    let dossier = system.dossier(&nursery, 2024).await.dossier;
    let told = dossier.and_then(|it| it.institution).expect("told");
    assert_eq!(
        told.legal_person,
        system.child("U150000078"),
        "until September"
    );
}

#[tokio::test]
async fn a_legal_person_is_a_person_and_a_silent_register_puts_off_the_act() {
    let system = System::start().await;
    let nursery = settle(&system).await;
    let mut maker = system.call_as(Role::CountyHealthReviewer, COUNTY, "somebody");
    let proposed = maker.propose_change(proposal(&nursery.name, headed(HEAD, "2025-05-01")));
    let refused = proposed.await.expect_err("a wrong check digit");
    assert_eq!(fields(&refused), ["change.legal_person.person"]);
    let mut ask = registration(OTHER, &code(4));
    ask.institution.as_mut().expect("stated").legal_person = HEAD.into();
    let mut registrar = system.call(Role::CivilAffairsLiaison, OTHER);
    let refused = registrar.register_institution(ask).await.expect_err("same");
    assert_eq!(fields(&refused), ["institution.legal_person"]);

    system.registers.known().silent = true;
    let proposed = maker.propose_change(proposal(&nursery.name, filed("2023-03-01")));
    let refused = proposed.await.expect_err("nobody knows");
    assert_eq!(refused.code(), Code::Unavailable);
}

/// A child reported by its birth certificate here and by its citizen number there is one child.
#[tokio::test]
async fn stays_under_every_number_are_the_childs() {
    let system = System::start().await;
    let here = system.nursery(COUNTY, &code(1)).await;
    let there = system.nursery(OTHER, &code(2)).await;
    let of = |nursery: &pb::Institution, child: &str| (nursery.clone(), child.to_owned());
    for (nursery, child) in [of(&here, "U150000001"), of(&there, "U150000002")] {
        let stays = vec![stay(&child, "2024-03-01", "2024-06-30")];
        system.report(&nursery, stays).await.expect("reported");
        system.check(&nursery).await;
    }
    let child_ref = system.child("U150000001");
    let ask = internal::GatherEnrolmentFactsRequest {
        child_ref: child_ref.clone(),
        alias_refs: vec![system.child("U150000002")],
    };
    let told = system.facts().gather_enrolment_facts(ask.clone()).await;
    let dossiers = told.expect("facts").into_inner().dossiers;
    assert_eq!(dossiers.len(), 2);
    let stays = dossiers.iter().flat_map(|it| &it.enrolments);
    assert!(stays.into_iter().all(|it| it.child == child_ref));

    let ask = internal::GatherEnrolmentFactsRequest {
        alias_refs: vec!["U150000002".into()],
        ..ask
    };
    let refused = system.facts().gather_enrolment_facts(ask).await;
    assert_eq!(
        fields(&refused.expect_err("no reference")),
        ["alias_refs[0]"]
    );
}

/// R-P3-5: a child that moved on under its new number is told with the stay it left behind.
#[tokio::test]
async fn a_child_that_moved_on_under_another_number_is_found_elsewhere() {
    let system = System::start().await;
    let here = system.nursery(COUNTY, &code(1)).await;
    let there = system.nursery(OTHER, &code(2)).await;
    let (newborn, citizen) = ("U150000001", "U150000002");
    let stays = vec![
        stay(newborn, "2024-03-01", "2024-06-30"),
        stay(citizen, "2024-07-01", "2024-07-31"),
        stay("U150000003", "2024-03-01", "2024-06-30"),
    ];
    system.report(&here, stays).await.expect("reported");
    let stays = vec![
        stay(citizen, "2024-08-01", "2024-12-31"),
        stay("U150000004", "2024-08-01", "2024-12-31"),
    ];
    system.report(&there, stays).await.expect("reported");
    system.check(&here).await;
    system.check(&there).await;
    let children = |dossier: &pb::InstitutionDossier| {
        let stays = dossier.enrolments.iter();
        let children: std::collections::BTreeSet<_> = stays.map(|it| it.child.clone()).collect();
        children.len()
    };

    let facts = system.dossier(&here, 2024).await;
    assert_eq!(children(&facts.dossier.expect("here")), 3);
    let two = facts.elsewhere.iter().flat_map(|it| &it.enrolments);
    assert_eq!(two.count(), 1, "the later number is here as well");

    let pair = (system.child(newborn), system.child(citizen));
    system.registers.known().aliases.push(pair);
    let facts = system.dossier(&here, 2024).await;
    let own = facts.dossier.expect("here");
    assert_eq!(children(&own), 2, "two children, not three");
    let elsewhere = &facts.elsewhere[0].enrolments;
    assert_eq!(elsewhere.len(), 1);
    assert!(
        own.enrolments
            .iter()
            .any(|it| it.child == elsewhere[0].child)
    );

    // From there, where only the later number is known, the earlier stays are found too.
    let facts = system.dossier(&there, 2024).await;
    let own = facts.dossier.expect("there");
    let stays: Vec<_> = facts
        .elsewhere
        .iter()
        .flat_map(|it| &it.enrolments)
        .collect();
    assert_eq!(stays.len(), 2);
    let child = system.child(citizen);
    assert!(stays.iter().all(|it| it.child == child));
    assert!(own.enrolments.iter().any(|it| it.child == child));

    system.registers.known().silent = true;
    let ask = internal::GatherInstitutionFactsRequest {
        institution_ref: here.institution_ref.clone(),
        subsidy_year: 2024,
    };
    let refused = system.facts().gather_institution_facts(ask).await;
    assert_eq!(refused.expect_err("unknown").code(), Code::Unavailable);
}
