//! Whose number it is (R-PRC-7), and one child under several numbers (R-P1-11).

use tonic::Code;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        Claim, ExportEvidenceRequest, case::State, resolve_inquiry_request::Outcome,
    },
    registry::v1::{NameAnswer, PersonAlias},
    types::v1::{Decision, Programme},
};

use crate::{
    books::Family,
    harness::{COUNTY, OTHER_COUNTY, World, on_every_world, refused},
    walk::act,
};

/// The register answers so to the claimant's name from now on.
fn answers(world: &World, family: &Family, answer: NameAnswer) {
    let claimant = world.vault.person(&family.mother);
    world.registers.known().names.insert(claimant, answer);
}

#[tokio::test]
async fn a_name_that_is_not_the_numbers_is_looked_into_and_never_paid() {
    on_every_world(async |world| {
        for (serial, answer) in [(1, NameAnswer::Mismatch), (2, NameAnswer::NoSuchNumber)] {
            let family = Family::of(serial);
            family.register(&world);
            answers(&world, &family, answer);
            let clerk = world.clerk();
            let case = world.lodge(&clerk, family.claim()).await.expect("lodged");
            assert_eq!(case.state(), State::Inquiry, "{answer:?}");
            assert!(!case.receipt_number.is_empty(), "lodged all the same");
            let found = case.determination.expect("judged");
            assert_eq!(found.decision(), Decision::Refer);
            assert_eq!(found.reason, "NAME_MISMATCH");
            let accepted = world.accept(&clerk, &case.name).await;
            assert_eq!(refused(accepted).1, "WRONG_STATE");

            // An inquiry that finds nothing changes nothing of what the register says.
            world
                .resolve(&case.name, Outcome::Resume)
                .await
                .expect("resolved");
            world.accept(&clerk, &case.name).await.expect("accepted");
            let again = world.report(&clerk, &case.name, true).await;
            assert_eq!(again.expect("reported").state(), State::Inquiry);
            world
                .resolve(&case.name, Outcome::Resume)
                .await
                .expect("resolved");
            // Once the register has the name, the case goes on by itself.
            answers(&world, &family, NameAnswer::Match);
            let reported = world.report(&clerk, &case.name, true).await;
            let reported = reported.expect("reported");
            assert_eq!(reported.state(), State::VReview);
            let found = reported.determination.expect("judged");
            assert_eq!(found.decision(), Decision::Pay);
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_that_turns_out_wrong_later_stops_the_case_where_it_stands() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::CReview).await;
        answers(&world, &family, NameAnswer::Mismatch);
        let stopped = world.review(&world.maker(), &case.name).await;
        assert_eq!(stopped.expect("judged").state(), State::Inquiry);
        world
            .resolve(&case.name, Outcome::Resume)
            .await
            .expect("resolved");
        answers(&world, &family, NameAnswer::Match);
        world.bring(&case.name, Programme::P1, State::CNotice).await;
        world.notice(&world.maker(), &case.name).await;
        answers(&world, &family, NameAnswer::Mismatch);
        let stopped = world.confirm(&world.checker(), &case.name).await;
        assert_eq!(stopped.expect("judged").state(), State::Inquiry);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_nobody_could_compare_waits_for_a_person() {
    on_every_world(async |world| {
        for (serial, answer) in [
            (1, NameAnswer::CannotCompare),
            (2, NameAnswer::Unavailable),
            // A register that says nothing of the name has not answered.
            (3, NameAnswer::Unspecified),
        ] {
            let family = Family::of(serial);
            family.register(&world);
            answers(&world, &family, answer);
            let clerk = world.clerk();
            let case = world.lodge(&clerk, family.claim()).await.expect("lodged");
            assert_eq!(case.state(), State::Lodged, "{answer:?} refuses nothing");
            world.accept(&clerk, &case.name).await.expect("accepted");
            let agreed = world.report(&clerk, &case.name, true).await;
            let (code, reason) = refused(agreed);
            assert_eq!(
                (code, reason.as_str()),
                (Code::FailedPrecondition, "RULES_DISAGREE")
            );
            let found = world.look(&case.name).await.determination.expect("judged");
            assert_eq!(found.reason, "NAME_UNCONFIRMED");
            answers(&world, &family, NameAnswer::Match);
            let agreed = world.report(&clerk, &case.name, true).await;
            let found = agreed.expect("agreed").determination.expect("judged");
            assert_eq!(found.decision(), Decision::Pay);
        }
    })
    .await;
}

/// The evidence keeps the answer, and never the name.
#[tokio::test]
async fn the_answer_is_evidence() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::VReview).await;
        let ask = ExportEvidenceRequest { name: case.name };
        let exported = world.maker().evidence().export_evidence(ask).await;
        let file = exported.expect("evidence").into_inner().file;
        assert!(file.contains(r#""answer":"MATCH""#), "{file}");
        assert!(!file.contains("某女"));
    })
    .await;
}

const CERTIFICATE: &str = "U150012345";

/// The claim for the second child by its birth certificate.
fn by_certificate(family: &Family) -> Claim {
    Claim {
        child_number: CERTIFICATE.into(),
        ..family.claim()
    }
}

/// The father's claim.
fn of_father(family: &Family) -> Claim {
    let mut claim = family.claim();
    claim.claimant_number = family.father.clone();
    claim.claimant_name = "某男".into();
    let account = claim.account.as_mut().expect("an account");
    account.holder_name = "某男".into();
    account.account_number = "6217000010007654323".into();
    claim
}

/// What the registers say of the family when they are asked for the child by its birth certificate:
/// the same facts, under the name they were asked for.
fn register_both(world: &World, family: &Family, county: &str, joined: bool) {
    let citizen = world.vault.person(&family.second);
    let newborn = world.vault.person(CERTIFICATE);
    let named = |child: &str, other: &str| {
        let mut facts = family.facts(world, county);
        let renamed = |reference: &mut String| {
            if *reference == citizen {
                child.clone_into(reference);
            }
        };
        facts
            .persons
            .iter_mut()
            .for_each(|it| renamed(&mut it.identity_number));
        facts
            .hukou
            .iter_mut()
            .for_each(|it| renamed(&mut it.person));
        for delivery in &mut facts.deliveries {
            delivery
                .children
                .iter_mut()
                .for_each(|it| renamed(&mut it.child));
        }
        if joined {
            facts.aliases = vec![PersonAlias {
                person_ref: child.into(),
                alias_ref: other.into(),
            }];
        }
        facts
    };
    let mut known = world.registers.known();
    let (of_newborn, of_citizen) = (named(&newborn, &citizen), named(&citizen, &newborn));
    known.families.insert(newborn.clone(), of_newborn);
    known.families.insert(citizen.clone(), of_citizen);
}

#[tokio::test]
async fn a_child_known_by_both_numbers_is_claimed_for_once() {
    on_every_world(async |world| {
        let family = Family::of(1);
        register_both(&world, &family, COUNTY, true);
        let clerk = world.clerk();
        let first = world.lodge(&clerk, by_certificate(&family)).await;
        let first = first.expect("lodged");
        let told = first.determination.expect("judged");
        assert_eq!(told.decision(), Decision::Pay);

        let second = world.lodge(&clerk, of_father(&family)).await;
        let second = second.expect("lodged");
        let told = second.determination.expect("judged");
        assert_eq!(told.decision(), Decision::NotAccepted);
        assert_eq!(told.reason, "DUPLICATE");

        world.accept(&clerk, &first.name).await.expect("accepted");
        let reported = world.report(&clerk, &first.name, true).await;
        reported.expect("the first claim stays");
    })
    .await;
}

#[tokio::test]
async fn a_number_that_comes_after_both_claims_shows_the_second_as_duplicate() {
    on_every_world(async |world| {
        let family = Family::of(1);
        register_both(&world, &family, COUNTY, false);
        let clerk = world.clerk();
        let first = world.lodge(&clerk, by_certificate(&family)).await;
        let first = first.expect("lodged").name;
        let second = world.lodge(&clerk, of_father(&family)).await;
        let second = second.expect("lodged");
        let told = second.determination.expect("judged");
        assert_eq!(told.decision(), Decision::Pay, "two children so far");
        world.accept(&clerk, &second.name).await.expect("accepted");

        register_both(&world, &family, COUNTY, true);
        let reported = world.report(&clerk, &second.name, true).await;
        assert_eq!(refused(reported).1, "RULES_DISAGREE");
        world.accept(&clerk, &first).await.expect("accepted");
        let reported = world.report(&clerk, &first, true).await;
        let told = reported.expect("agreed").determination.expect("judged");
        assert_eq!(told.decision(), Decision::Pay, "the first claim stays");
    })
    .await;
}

/// The other claim is in another county, and names nobody there.
#[tokio::test]
async fn the_duplicate_is_found_across_counties() {
    on_every_world(async |world| {
        let family = Family::of(1);
        register_both(&world, &family, COUNTY, true);
        let first = world.lodge(&world.clerk(), by_certificate(&family)).await;
        first.expect("lodged");
        register_both(&world, &family, OTHER_COUNTY, true);
        let village = format!("{OTHER_COUNTY}001001");
        let clerk = world.at(Role::VillageClerk, &village);
        let claim = Claim {
            village: village.clone(),
            ..of_father(&family)
        };
        let parent = format!("counties/{OTHER_COUNTY}");
        let draft = world.draft_in(&parent, &clerk, Some(claim)).await;
        let name = draft.expect("drafted").name;
        let second = act!(world, clerk, lodge_case, LodgeCaseRequest { name });
        let told = second.expect("lodged").determination.expect("judged");
        assert_eq!(told.reason, "DUPLICATE");
    })
    .await;
}
