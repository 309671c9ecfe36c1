//! Dynamic separation of duties, by person and not by account.

use tonic::Code;
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

/// Whose relative an official is, the registers say at every act: the claimant's and the parents'
/// families are kept away from the first draft to the account of a returned payment.
#[tokio::test]
async fn nobody_acts_on_a_relatives_case() {
    on_every_world(async |world| {
        let family = Family::of(1);
        family.register(&world);
        let relative = |role: Role, unit: &str| {
            let person = Some("in-law");
            world.known_as(role, unit, role.as_str_name(), person)
        };
        let related_to = |who: &str, number: &str| {
            let mut known = world.registers.known();
            let person = world.vault.person(number);
            known.relatives.insert(who.into(), vec![person]);
        };
        related_to("sister", &family.mother);
        related_to("in-law", &family.father);
        let role = Role::VillageClerk;
        let sister = world.known_as(role, VILLAGE, "sister", Some("sister"));
        assert_eq!(denied(world.draft(&sister, family.claim()).await), "DYN-3");
        let clerk = relative(role, VILLAGE);
        // The father is known to be one once the registers have answered.
        assert_eq!(denied(world.lodge(&clerk, family.claim()).await), "DYN-3");

        let case = world.lodge(&world.clerk(), family.claim()).await;
        let name = case.expect("lodged").name;
        let name = name.as_str();
        assert_eq!(denied(world.accept(&clerk, name).await), "DYN-3");
        world.bring(name, Programme::P1, State::VReview).await;
        assert_eq!(denied(world.report(&clerk, name, true).await), "DYN-3");
        world
            .report(&world.clerk(), name, true)
            .await
            .expect("reported");
        let head = relative(Role::VillageHead, VILLAGE);
        assert_eq!(denied(world.sign(&head, name, true).await), "DYN-3");
        world.sign(&world.head(), name, true).await.expect("signed");
        assert_eq!(denied(world.post(&clerk, &[name]).await), "DYN-3");
        let notice = world.post(&world.clerk(), &[name]).await.expect("posted");
        let last = yuhui_kernel::dates::parse(&notice.last_on).expect("a day");
        world.on(last.next_day().expect("a day"));
        assert_eq!(denied(world.close(&clerk, &notice.name).await), "DYN-3");
        let closed = world.close(&world.clerk(), &notice.name).await;
        assert_eq!(closed.expect("no relative"), 1);

        world.bring(name, Programme::P1, State::TReview).await;
        let reviewer = relative(Role::TownshipReviewer, TOWNSHIP);
        assert_eq!(denied(world.report(&reviewer, name, true).await), "DYN-3");
        world.bring(name, Programme::P1, State::CReview).await;
        let maker = relative(Role::CountyHealthReviewer, COUNTY);
        let checker = relative(Role::CountyHealthApprover, COUNTY);
        assert_eq!(denied(world.review(&maker, name).await), "DYN-3");
        assert_eq!(denied(world.object(&maker, name).await), "DYN-3");
        world.review(&world.maker(), name).await.expect("reviewed");
        world.notice(&world.maker(), name).await;
        assert_eq!(denied(world.confirm(&checker, name).await), "DYN-3");
        let inspector = relative(Role::CountyDisciplineInspector, COUNTY);
        let (held, reason) = (name.to_owned(), "关注".to_owned());
        let held = act!(
            world,
            inspector,
            hold_case,
            HoldCaseRequest { name: held, reason }
        );
        assert_eq!(denied(held), "DYN-3");

        world
            .confirm(&world.checker(), name)
            .await
            .expect("confirmed");
        world.bring(name, Programme::P1, State::InPayment).await;
        world.settled(name, false).await;
        let account = Some(books::account("某女", "6222021234567890128", false));
        let returned = name.to_owned();
        let proposed = act!(
            world,
            maker,
            propose_account_correction,
            ProposeAccountCorrectionRequest {
                name: returned,
                account
            }
        );
        assert_eq!(denied(proposed), "DYN-3");
        // A stranger since the divorce: relations are those of the day.
        let relatives = world.registers.known().relatives.remove("in-law");
        assert!(relatives.is_some());
        world.on(world.clock.today().next_day().expect("a day"));
        let (held, reason) = (name.to_owned(), "关注".to_owned());
        let held = act!(
            world,
            inspector,
            hold_case,
            HoldCaseRequest { name: held, reason }
        );
        assert_eq!(held.expect("held").state(), State::Hold);
    })
    .await;
}

#[tokio::test]
async fn nobody_acts_on_the_claim_of_an_institution_that_a_relative_heads() {
    on_every_world(async |world| {
        let code = books::nursery(&world, 1, 3);
        let reference = world.vault.institution(&code);
        {
            let mut known = world.registers.known();
            let dossier = known.institutions.get_mut(&reference).expect("known");
            let entry = dossier.institution.as_mut().expect("known");
            entry.legal_person = "the head".into();
            known
                .relatives
                .insert("in-law".into(), vec!["the head".into()]);
        }
        let own = world.institution(&code);
        let case = world.lodge(&own, books::nursery_claim(&code)).await;
        let name = case.expect("lodged").name;
        world.bring(&name, Programme::P3, State::TReview).await;
        for (role, person) in [
            (Role::TownshipReviewer, "in-law"),
            (Role::TownshipReviewer, "the head"),
        ] {
            let office = world.known_as(role, TOWNSHIP, "relative", Some(person));
            if person == "the head" {
                let mut known = world.registers.known();
                known.relatives.insert(person.into(), vec![person.into()]);
            }
            assert_eq!(denied(world.report(&office, &name, true).await), "DYN-3");
        }
        world.bring(&name, Programme::P3, State::CReview).await;
        let role = Role::CountyHealthReviewer;
        let office = world.known_as(role, COUNTY, "relative", Some("in-law"));
        assert_eq!(denied(world.review(&office, &name).await), "DYN-3");
    })
    .await;
}

/// Nobody acts while it cannot be known whether he may.
#[tokio::test]
async fn a_silent_register_puts_off_the_act() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        world
            .report(&world.clerk(), &case.name, true)
            .await
            .expect("reported");
        world.registers.known().silent = true;
        let signed = world.sign(&world.head(), &case.name, true).await;
        assert_eq!(signed.expect_err("unknown").code(), Code::Unavailable);
        world.registers.known().silent = false;
        let signed = world.sign(&world.head(), &case.name, true).await;
        signed.expect("known");
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
