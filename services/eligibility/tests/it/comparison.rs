//! Paper beside register beside rule (R-PRC-7), and what has changed since (R-PRC-8).

use time::macros::date;
use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, Agreement, case::State, case_view::Kind},
    registry::v1::NameAnswer,
    types::v1::Decision,
};

use crate::{
    books::Family,
    harness::{CITY, COUNTY, OTHER_COUNTY, Office, denied, on_every_world, refused},
};

async fn compared(office: &Office, case: &str) -> Result<pb::GetComparisonResponse, Status> {
    let ask = pb::GetComparisonRequest { name: case.into() };
    Ok(office.case_views().get_comparison(ask).await?.into_inner())
}

fn fact<'a>(told: &'a pb::GetComparisonResponse, name: &str) -> &'a pb::ComparedFact {
    let found = told.facts.iter().find(|it| it.fact == name);
    found.unwrap_or_else(|| panic!("{name} in {told:#?}"))
}

#[tokio::test]
async fn paper_register_and_rule_stand_side_by_side() {
    on_every_world(async |world| {
        let family = Family::of(1);
        family.register(&world);
        let mother = world.vault.person(&family.mother);
        let wrong = (mother.clone(), NameAnswer::Mismatch);
        world.registers.known().names.extend([wrong]);
        let clerk = world.clerk();
        let case = world.lodge(&clerk, family.claim()).await.expect("lodged");
        let told = compared(&world.maker(), &case.name).await.expect("told");
        let names = fact(&told, "claim.names");
        assert_eq!(
            (names.stated.as_str(), names.answered.as_str()),
            ("某女", "MISMATCH")
        );
        assert_eq!(names.agreement(), Agreement::Differs);
        assert_eq!(names.register, "PUBLIC_SECURITY");
        assert_eq!(names.rules[0].rule, "R-PRC-7");
        assert_eq!(names.rules[0].outcome, "REFER");
        let hukou = fact(&told, "child.hukou");
        assert_eq!(hukou.agreement(), Agreement::Agrees);
        assert_eq!(
            (hukou.fetched_on.as_str(), hukou.rules.len() > 1),
            ("2025-03-10", true)
        );
        assert!(!hukou.answered.is_empty());
        let claimant = fact(&told, "claim.claimant");
        assert_eq!(
            claimant.stated,
            format!("{}********{}", &family.mother[..6], &family.mother[14..])
        );
        let text = format!("{told:?}");
        for secret in [
            &mother,
            &family.mother,
            &family.second,
            &world.vault.person(&family.second),
        ] {
            assert!(!text.contains(secret.as_str()), "{secret} in {text}");
        }
        assert!(told.since.is_none(), "the first evaluation");

        // The register has the name now, and the child has moved within the city.
        let right = (mother, NameAnswer::Match);
        world.registers.known().names.extend([right]);
        world.on(date!(2025 - 03 - 12));
        let outcome = pb::resolve_inquiry_request::Outcome::Resume;
        world.resolve(&case.name, outcome).await.expect("resolved");
        world.accept(&clerk, &case.name).await.expect("accepted");
        let reported = world.report(&clerk, &case.name, true).await;
        reported.expect("reported");
        let told = compared(&world.maker(), &case.name).await.expect("told");
        assert_eq!(fact(&told, "claim.names").agreement(), Agreement::Agrees);
        assert_eq!(told.evaluated_on, "2025-03-12");
        let since = told.since.expect("another evaluation");
        assert_eq!(since.decision(), Decision::Refer);
        let is = |all: &[pb::Changed], what: &str, before: &str, after: &str| {
            let found = all.iter().find(|it| it.what == what);
            let found = found.unwrap_or_else(|| panic!("{what} in {all:?}"));
            assert_eq!(
                (found.before.as_str(), found.after.as_str()),
                (before, after)
            );
        };
        is(
            &since.facts,
            "claim.names PUBLIC_SECURITY",
            "MISMATCH",
            "MATCH",
        );
        is(&since.rules, "R-PRC-7", "REFER", "PASS");
    })
    .await;
}

#[tokio::test]
async fn a_comparison_is_a_paper() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::CReview).await;
        let name = case.name.as_str();
        for (role, unit) in [
            (Role::VillageHead, crate::harness::VILLAGE),
            (Role::CountyAuditor, COUNTY),
            (Role::CityHealthApprover, CITY),
        ] {
            let told = compared(&world.at(role, unit), name).await;
            assert!(!told.expect("told").facts.is_empty(), "{role:?}");
        }
        let own = compared(&world.applicant(&family.mother), name).await;
        assert!(!own.expect("told").facts.is_empty());
        assert_eq!(denied(compared(&world.registrar(), name).await), "DYN-9");
        let inspector = world.at(Role::CountyDisciplineInspector, COUNTY);
        assert_eq!(denied(compared(&inspector, name).await), "D.2");
        let elsewhere = world.at(Role::CountyHealthReviewer, OTHER_COUNTY);
        assert_eq!(refused(compared(&elsewhere, name).await).0, Code::NotFound);
        let finance = world.at(Role::CountyFinanceMaker, COUNTY);
        assert_eq!(
            refused(compared(&finance, name).await).0,
            Code::PermissionDenied
        );
        let seen = pb::ListCaseViewsRequest {
            parent: name.into(),
            ..Default::default()
        };
        let auditor = world.at(Role::CountyAuditor, COUNTY);
        let seen = auditor.views().list_case_views(seen).await.expect("told");
        let seen = seen.into_inner().views;
        assert!(
            seen.iter().any(|it| it.kind() == Kind::Comparison),
            "{seen:?}"
        );
    })
    .await;
}
