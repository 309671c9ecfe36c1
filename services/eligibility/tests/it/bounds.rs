//! Who reaches what: counties, units, powers, claimants; and what counties know of each other.

use time::macros::date;
use tonic::Code;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, case::State},
    types::v1::{Decision, Programme},
};

use crate::{
    books::{self, Family},
    harness::{COUNTY, OTHER_COUNTY, PARENT, VILLAGE, at_fault, denied, on_every_world, refused},
    walk::act,
};

fn missing() -> (Code, String) {
    (Code::NotFound, "NOT_FOUND".into())
}

async fn get(office: &crate::harness::Office, name: &str) -> Result<pb::Case, tonic::Status> {
    let ask = pb::GetCaseRequest { name: name.into() };
    Ok(office
        .cases()
        .get_case(ask)
        .await?
        .into_inner()
        .case
        .expect("a case"))
}

#[tokio::test]
async fn what_is_not_reached_does_not_exist() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        let name = case.name.as_str();
        let stranger = world.at(Role::CountyHealthReviewer, OTHER_COUNTY);
        assert_eq!(refused(get(&stranger, name).await), missing());
        assert_eq!(refused(world.review(&stranger, name).await), missing());
        let elsewhere = name.replace(COUNTY, OTHER_COUNTY);
        assert_eq!(refused(get(&stranger, &elsewhere).await), missing());
        assert_eq!(refused(get(&world.maker(), &elsewhere).await), missing());
        for village in ["150203002002", "150203003001"] {
            let clerk = world.at(Role::VillageClerk, village);
            assert_eq!(refused(get(&clerk, name).await), missing());
            assert_eq!(refused(world.report(&clerk, name, true).await), missing());
        }
        let township = world.at(Role::TownshipReviewer, "150203003");
        assert_eq!(refused(get(&township, name).await), missing());
        for name in [
            "cases/1",
            "counties/150203/cases/1",
            "counties/999999/cases/1",
        ] {
            assert_eq!(refused(get(&world.maker(), name).await), missing());
        }
        assert_eq!(at_fault(get(&world.maker(), "").await), ["name"]);
    })
    .await;
}

#[tokio::test]
async fn only_the_power_of_eligibility_decides() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CNotice).await;
        let name = case.name.as_str();
        for (role, unit) in [
            (Role::CountyFinanceApprover, COUNTY),
            (Role::CityHealthApprover, "150200"),
            (Role::CountyDisciplineInspector, COUNTY),
            (Role::BankAuthoriser, "150200"),
            (Role::CountyHealthReviewer, COUNTY),
        ] {
            let confirmed = world.confirm(&world.at(role, unit), name).await;
            assert_eq!(refused(confirmed).0, Code::PermissionDenied, "{role:?}");
        }
        let finance = get(&world.at(Role::CountyFinanceMaker, COUNTY), name).await;
        assert_eq!(refused(finance).0, Code::PermissionDenied);
        for (role, unit) in [
            (Role::CityHealthRegistrar, "150200"),
            (Role::CityAuditor, "150200"),
            (Role::CountyAuditor, COUNTY),
            (Role::VillageHead, VILLAGE),
        ] {
            assert_eq!(
                get(&world.at(role, unit), name).await.expect("read").name,
                name
            );
        }
    })
    .await;
}

#[tokio::test]
async fn claimants_have_their_own_cases_and_no_others() {
    on_every_world(async |world| {
        let (one, other) = (Family::of(1), Family::of(2));
        let case = world.family_at(&one, State::VReview).await;
        world.family_at(&other, State::Lodged).await;
        let own = world.applicant(&one.mother);
        assert_eq!(get(&own, &case.name).await.expect("own").name, case.name);
        let stranger = world.applicant(&other.mother);
        assert_eq!(refused(get(&stranger, &case.name).await), missing());
        assert_eq!(
            refused(world.withdraw(&stranger, &case.name).await),
            missing()
        );
        let ask = pb::ListCasesRequest {
            parent: PARENT.into(),
            ..Default::default()
        };
        let listed = own
            .cases()
            .list_cases(ask)
            .await
            .expect("listed")
            .into_inner();
        assert_eq!(listed.cases.len(), 1);
        let in_the_name_of_another = world.draft(&stranger, one.claim()).await;
        assert_eq!(at_fault(in_the_name_of_another), ["claim.claimant_number"]);
        let reported = world.report(&own, &case.name, true).await;
        assert_eq!(refused(reported).0, Code::PermissionDenied);
        let withdrawn = world
            .withdraw(&own, &case.name)
            .await
            .expect("his right (F25)");
        assert_eq!(withdrawn.state(), State::Withdrawn);
    })
    .await;
}

#[tokio::test]
async fn claims_come_in_at_their_counter() {
    on_every_world(async |world| {
        let family = Family::of(1);
        family.register(&world);
        let code = books::nursery(&world, 1, 1);
        assert_eq!(
            denied(world.draft(&world.maker(), family.claim()).await),
            "F1"
        );
        assert_eq!(
            denied(
                world
                    .draft(&world.clerk(), books::nursery_claim(&code))
                    .await
            ),
            "I1"
        );
        let neighbour = world.at(Role::VillageClerk, "150203002002");
        assert_eq!(
            at_fault(world.draft(&neighbour, family.claim()).await),
            ["claim.village"]
        );

        let case = world.family_at(&family, State::TReview).await;
        assert_eq!(
            denied(world.report(&world.clerk(), &case.name, true).await),
            "STAGE"
        );
        assert_eq!(
            denied(world.withdraw(&world.maker(), &case.name).await),
            "F1"
        );
        assert_eq!(
            denied(world.object(&world.clerk(), &case.name).await),
            "STAGE"
        );
        let lodged = world
            .lodge(&world.maker(), books::nursery_claim(&code))
            .await;
        let (name, clerk) = (lodged.expect("lodged").name, world.clerk());
        assert_eq!(refused(world.accept(&clerk, &name).await), missing());
    })
    .await;
}

#[tokio::test]
async fn lists_show_the_callers_unit_page_by_page() {
    on_every_world(async |world| {
        for serial in 1..=3 {
            world.family_at(&Family::of(serial), State::Lodged).await;
        }
        let township = world.reviewer();
        let mut seen = Vec::new();
        let mut page_token = String::new();
        loop {
            let ask = pb::ListCasesRequest {
                parent: PARENT.into(),
                page_size: 2,
                page_token,
                filter: Some(pb::CaseFilter {
                    states: vec![State::Lodged.into()],
                    programmes: vec![Programme::P1.into()],
                    rounds: vec![2025],
                    ..Default::default()
                }),
                ..Default::default()
            };
            let page = township
                .cases()
                .list_cases(ask)
                .await
                .expect("a page")
                .into_inner();
            seen.extend(page.cases.into_iter().map(|it| it.name));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(seen.len(), 3);
        let other = world.at(Role::TownshipReviewer, "150203003");
        let ask = pb::ListCasesRequest {
            parent: PARENT.into(),
            ..Default::default()
        };
        let listed = other
            .cases()
            .list_cases(ask)
            .await
            .expect("listed")
            .into_inner();
        assert!(listed.cases.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_child_claimed_for_in_one_county_is_known_in_all() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let first = world.family_at(&family, State::Lodged).await;
        world.on(date!(2025 - 03 - 15));
        family.moves(&world, OTHER_COUNTY, "2025-03-12", "2025-03-11");
        let village = "150204002001";
        let clerk = world.at(Role::VillageClerk, village);
        let claim = pb::Claim {
            village: village.into(),
            ..family.claim()
        };
        let parent = format!("counties/{OTHER_COUNTY}");
        let draft = world.draft_in(&parent, &clerk, Some(claim)).await;
        let name = draft.expect("drafted").name;
        let lodged = act!(
            world,
            clerk,
            lodge_case,
            LodgeCaseRequest { name: name.clone() }
        );
        let told = lodged.expect("lodged").determination.expect("it");
        assert_eq!(
            (told.decision(), told.reason.as_str()),
            (Decision::NotAccepted, "DUPLICATE")
        );
        let accepted = world.accept(&clerk, &name).await;
        assert_eq!(refused(accepted).1, "RULES_DISAGREE");

        world
            .withdraw(&world.clerk(), &first.name)
            .await
            .expect("withdrawn");
        let accepted = world
            .accept(&clerk, &name)
            .await
            .expect("nothing stands against it now");
        assert_eq!(
            accepted.determination.expect("it").decision(),
            Decision::Pay
        );
    })
    .await;
}

#[tokio::test]
async fn another_county_is_told_which_is_competent() {
    on_every_world(async |world| {
        let family = Family::of(1);
        family.register_in(&world, OTHER_COUNTY);
        let case = world
            .lodge(&world.clerk(), family.claim())
            .await
            .expect("lodged");
        let ask = pb::RefuseCaseRequest {
            name: case.name.clone(),
            note: "请到青山区申请".into(),
            request_id: world.fresh(),
            ..Default::default()
        };
        let clerk = world.clerk();
        let answer = clerk
            .cases()
            .refuse_case(ask.clone())
            .await
            .expect("refused")
            .into_inner();
        assert_eq!(answer.competent_county, OTHER_COUNTY);
        assert_eq!(answer.case.clone().expect("it").state(), State::NotAccepted);
        let again = clerk
            .cases()
            .refuse_case(ask)
            .await
            .expect("again")
            .into_inner();
        assert_eq!(again, answer);
        let ask = pb::GetDeterminationRequest { name: case.name };
        let applicant = world.applicant(&family.mother);
        let told = applicant
            .cases()
            .get_determination(ask)
            .await
            .expect("it")
            .into_inner();
        assert!(told.letter.contains("青山区") && told.letter.contains("请到青山区申请"));
    })
    .await;
}
