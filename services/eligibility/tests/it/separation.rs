//! Dynamic separation of duties, by person and not by account.

use yuhui_proto::{authz::v1::Role, eligibility::v1::case::State, types::v1::Programme};

use crate::{
    books::{self, Family},
    harness::{CITY, COUNTY, Office, TOWNSHIP, VILLAGE, World, denied, on_every_world},
    walk::act,
};

/// Another account, at `role`, of whoever holds `known` in `unit`.
fn same_person(world: &World, role: Role, known: Role, unit: &str, at: &str) -> Office {
    let person = format!("person-of-{}@{at}", known.as_str_name());
    world.known_as(role, unit, "other-account", Some(&person))
}

#[tokio::test]
async fn who_made_a_thing_does_not_approve_it() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        let name = case.name.as_str();
        world
            .report(&world.clerk(), name, true)
            .await
            .expect("reported");
        let himself = same_person(
            &world,
            Role::VillageHead,
            Role::VillageClerk,
            VILLAGE,
            VILLAGE,
        );
        assert_eq!(denied(world.sign(&himself, name, true).await), "DYN-1");
        world.sign(&world.head(), name, true).await.expect("signed");

        world.bring(name, Programme::P1, State::CNotice).await;
        world.notice(&world.maker(), name).await;
        let (maker, checker) = (Role::CountyHealthReviewer, Role::CountyHealthApprover);
        let himself = same_person(&world, checker, maker, COUNTY, COUNTY);
        assert_eq!(denied(world.confirm(&himself, name).await), "DYN-1");
        world
            .propose_rejection(name, "NO_STANDING")
            .await
            .expect("proposed");
        assert_eq!(
            denied(world.approve_rejection(&himself, name).await),
            "DYN-1"
        );
        world
            .confirm(&world.checker(), name)
            .await
            .expect("confirmed");
        let roster = world.build(Programme::P1).await.expect("built");
        assert_eq!(denied(world.seal(&himself, &roster.name).await), "DYN-1");
        world
            .seal(&world.checker(), &roster.name)
            .await
            .expect("sealed");
        world.check_roster(&roster.name).await.expect("checked");
        let (registrar, recorder) = (Role::CityHealthRegistrar, Role::CityHealthApprover);
        let himself = same_person(&world, recorder, registrar, CITY, CITY);
        assert_eq!(denied(world.record(&himself, &roster.name).await), "DYN-1");
        world
            .record(&world.recorder(), &roster.name)
            .await
            .expect("recorded");
    })
    .await;
}

#[tokio::test]
async fn who_recorded_an_objection_or_referred_a_case_does_not_resolve_it() {
    on_every_world(async |world| {
        use yuhui_proto::eligibility::v1::resolve_inquiry_request::Outcome;
        let case = world.family_at(&Family::of(1), State::CReview).await;
        let (maker, checker) = (Role::CountyHealthReviewer, Role::CountyHealthApprover);
        let himself = same_person(&world, checker, maker, COUNTY, COUNTY);
        world
            .object(&world.maker(), &case.name)
            .await
            .expect("recorded");
        let (name, finding) = (case.name.clone(), "不属实".to_owned());
        let outcome = Outcome::Resume.into();
        let resolved = act!(
            world,
            himself,
            resolve_inquiry,
            ResolveInquiryRequest {
                name,
                finding,
                outcome
            }
        );
        assert_eq!(denied(resolved), "DYN-1");
        world
            .resolve(&case.name, Outcome::Resume)
            .await
            .expect("resolved");

        let (name, reason) = (case.name.clone(), "抚养关系不明".to_owned());
        let office = world.maker();
        let referred = act!(world, office, refer_case, ReferCaseRequest { name, reason });
        assert_eq!(referred.expect("referred").state(), State::Referred);
        let (name, reason) = (case.name.clone(), "可以办理".to_owned());
        let proceed = true;
        let resolved = act!(
            world,
            himself,
            resolve_referral,
            ResolveReferralRequest {
                name,
                reason,
                proceed
            }
        );
        assert_eq!(denied(resolved), "DYN-1");
    })
    .await;
}

#[tokio::test]
async fn nobody_acts_on_a_case_at_two_levels() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::TReview).await;
        let role = Role::TownshipReviewer;
        let himself = same_person(&world, role, Role::VillageClerk, TOWNSHIP, VILLAGE);
        assert_eq!(
            denied(world.report(&himself, &case.name, true).await),
            "DYN-2"
        );
        world.bring(&case.name, Programme::P1, State::CReview).await;
        let role = Role::CountyHealthReviewer;
        let himself = same_person(&world, role, Role::TownshipLead, COUNTY, TOWNSHIP);
        assert_eq!(denied(world.review(&himself, &case.name).await), "DYN-2");
        world
            .review(&world.maker(), &case.name)
            .await
            .expect("reviewed");
        assert_eq!(denied(world.post(&himself, &[&case.name]).await), "DYN-2");
    })
    .await;
}

#[tokio::test]
async fn nobody_acts_on_a_case_of_his_family() {
    on_every_world(async |world| {
        let family = Family::of(1);
        family.register(&world);
        let clerk_is = |number: &str| {
            let person = world.vault.person(number);
            world.known_as(Role::VillageClerk, VILLAGE, "relative", Some(&person))
        };
        let claimant = clerk_is(&family.mother);
        assert_eq!(
            denied(world.draft(&claimant, family.claim()).await),
            "DYN-3"
        );
        // The father is known to be one once the registers have answered.
        let father = clerk_is(&family.father);
        assert_eq!(denied(world.lodge(&father, family.claim()).await), "DYN-3");

        let case = world.family_at(&family, State::VReview).await;
        assert_eq!(
            denied(world.report(&father, &case.name, true).await),
            "DYN-3"
        );
        let person = world.vault.person(&family.father);
        let inspector = world.known_as(
            Role::CountyDisciplineInspector,
            COUNTY,
            "relative",
            Some(&person),
        );
        let (name, reason) = (case.name, "关注".to_owned());
        let held = act!(
            world,
            inspector,
            hold_case,
            HoldCaseRequest { name, reason }
        );
        assert_eq!(denied(held), "DYN-3");
    })
    .await;
}

#[tokio::test]
async fn who_confirmed_a_case_does_not_touch_its_account() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::InPayment).await;
        world.settled(&case.name, false).await;
        let account = Some(books::account("某女", "6222021234567890128", false));
        let (maker, checker) = (Role::CountyHealthReviewer, Role::CountyHealthApprover);
        let confirmer = same_person(&world, maker, checker, COUNTY, COUNTY);
        let name = case.name.clone();
        let ask = (name, account.clone());
        let proposed = act!(
            world,
            confirmer,
            propose_account_correction,
            ProposeAccountCorrectionRequest {
                name: ask.0,
                account: ask.1
            }
        );
        assert_eq!(denied(proposed), "DYN-5");
        let (name, office) = (case.name.clone(), world.maker());
        act!(
            world,
            office,
            propose_account_correction,
            ProposeAccountCorrectionRequest { name, account }
        )
        .expect("proposed");
        let (name, office) = (case.name.clone(), world.checker());
        let approved = act!(
            world,
            office,
            approve_account_correction,
            ApproveAccountCorrectionRequest { name }
        );
        assert_eq!(denied(approved), "DYN-5");
        let himself = same_person(&world, checker, maker, COUNTY, COUNTY);
        let name = case.name;
        let approved = act!(
            world,
            himself,
            approve_account_correction,
            ApproveAccountCorrectionRequest { name }
        );
        assert_eq!(denied(approved), "DYN-1");
    })
    .await;
}
