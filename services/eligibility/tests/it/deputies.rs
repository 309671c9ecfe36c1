//! Who acts for another acts with both hands (DYN-7): wherever hands are compared, both count.

use yuhui_platform::{Caller, token::Principal};
use yuhui_proto::{authz::v1::Role, eligibility::v1::case::State, types::v1::Programme};

use crate::{
    books::Family,
    harness::{COUNTY, Office, TOWNSHIP, VILLAGE, World, denied, on_every_world},
};

impl World {
    /// Somebody who acts in `role` for the person `principal`.
    fn deputy(&self, role: Role, unit: &str, principal: &str) -> Office {
        let caller = Caller {
            account: "deputy".into(),
            name: "云".into(),
            role,
            unit: unit.parse().ok(),
            person: Some("person-of-the-deputy".into()),
            principal: Some(Principal {
                account: "principal".into(),
                name: "巴图".into(),
                person: Some(principal.into()),
            }),
            ..Caller::public()
        };
        Office(self.gateway.call("eligibility", &caller).expect("a wire"))
    }

    /// The deputy as himself, or whoever else is that person.
    fn himself(&self, role: Role, unit: &str, person: &str) -> Office {
        self.known_as(role, unit, "another-account", Some(person))
    }
}

const DEPUTY: &str = "person-of-the-deputy";

#[tokio::test]
async fn neither_of_two_hands_approves_what_the_other_made() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        let name = case.name.as_str();
        // The clerk's report is signed by nobody who acts for the clerk.
        world
            .report(&world.clerk(), name, true)
            .await
            .expect("reported");
        let clerk = format!("person-of-ROLE_VILLAGE_CLERK@{VILLAGE}");
        let for_clerk = world.deputy(Role::VillageHead, VILLAGE, &clerk);
        assert_eq!(denied(world.sign(&for_clerk, name, true).await), "DYN-1");
        world.sign(&world.head(), name, true).await.expect("signed");

        // A deputy's report is signed neither by himself nor by whom he acted for.
        world.bring(name, Programme::P1, State::TReview).await;
        let deputy = world.deputy(Role::TownshipReviewer, TOWNSHIP, "away");
        world.report(&deputy, name, true).await.expect("reported");
        for person in [DEPUTY, "away"] {
            let same = world.himself(Role::TownshipLead, TOWNSHIP, person);
            assert_eq!(
                denied(world.sign(&same, name, true).await),
                "DYN-1",
                "{person}"
            );
        }
        world.sign(&world.lead(), name, true).await.expect("signed");

        // Nor does either of them act at the level above (DYN-2).
        world.bring(name, Programme::P1, State::CReview).await;
        for person in [DEPUTY, "away"] {
            let above = world.himself(Role::CountyHealthReviewer, COUNTY, person);
            assert_eq!(
                denied(world.review(&above, name).await),
                "DYN-2",
                "{person}"
            );
        }
        let record = world.audited().await;
        let signed = record.iter().find(|it| it.actor == "deputy");
        assert_eq!(signed.expect("on record").name, "云（代巴图）");
    })
    .await;
}

#[tokio::test]
async fn nobody_acts_for_one_whose_relative_the_claimant_is() {
    on_every_world(async |world| {
        let family = Family::of(1);
        family.register(&world);
        let mother = world.vault.person(&family.mother);
        let for_her = world.deputy(Role::VillageClerk, VILLAGE, &mother);
        assert_eq!(denied(world.draft(&for_her, family.claim()).await), "DYN-3");
        world
            .registers
            .known()
            .relatives
            .insert("in-law".into(), vec![world.vault.person(&family.father)]);
        let case = world.family_at(&family, State::VReview).await;
        let for_kin = world.deputy(Role::VillageClerk, VILLAGE, "in-law");
        assert_eq!(
            denied(world.report(&for_kin, &case.name, true).await),
            "DYN-3"
        );
        let for_other = world.deputy(Role::VillageClerk, VILLAGE, "nobody's");
        world
            .report(&for_other, &case.name, true)
            .await
            .expect("no relative");
    })
    .await;
}

#[tokio::test]
async fn a_panel_is_not_one_and_who_acts_for_him() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CReview).await;
        let name = case.name.as_str();
        world.refer(&world.maker(), name).await.expect("referred");
        let checker = format!("person-of-ROLE_COUNTY_HEALTH_APPROVER@{COUNTY}");
        world
            .sign_referral(&world.checker(), name, true)
            .await
            .expect("one");
        let deputy = world.deputy(Role::CountyHealthApprover, COUNTY, &checker);
        let alone = world
            .sign_referral(&deputy, name, true)
            .await
            .expect("again");
        assert_eq!(alone.state(), State::Referred, "both are one hand");
    })
    .await;
}
