//! What the law is handed: awards still to be paid, rounds of what is refused, the working days of a
//! decision, hukou between two entries, stays outside the city.

use time::macros::date;
use yuhui_kernel::Calendar;
use yuhui_policy::evidence::file::{Record, Replayer};
use yuhui_proto::{
    eligibility::v1::{
        Claim, ExportEvidenceRequest, GetDeterminationRequest, PreCheckRequest, case::State,
    },
    institution::v1::{Honour, HonourLevel},
    types::v1::{Decision, Determination, Programme},
};

use crate::{
    books::{self, Family},
    fraud::establish,
    harness::{OTHER_COUNTY, TOWNSHIP, World, on_every_world},
    pre_check,
};

pub fn award_claim(code: &str) -> Claim {
    Claim {
        programme: Programme::P4.into(),
        subsidy_year: 0,
        ..books::nursery_claim(code)
    }
}

pub fn honour(world: &World, code: &str, level: HonourLevel, granted_on: &str) {
    let mut known = world.registers.known();
    let dossier = known.institutions.get_mut(&world.vault.institution(code));
    let institution = dossier.and_then(|it| it.institution.as_mut());
    institution.expect("registered").honours.push(Honour {
        level: level.into(),
        granted_on: granted_on.into(),
        document_number: "〔2025〕1号".into(),
    });
}

/// R-P4-3: 80,000 confirmed and still to be paid leave 20,000 of 100,000.
#[tokio::test]
async fn an_award_still_to_be_paid_is_deducted() {
    on_every_world(async |world| {
        world.on(date!(2025 - 05 - 20));
        let code = books::nursery(&world, 1, 0);
        honour(&world, &code, HonourLevel::Regional, "2024-09-10");
        let own = world.institution(&code);
        let lodged = world.lodge(&own, award_claim(&code)).await.expect("lodged");
        let first = world
            .bring(&lodged.name, Programme::P4, State::Confirmed)
            .await;
        assert_eq!(first.determination.expect("it").amount_fen, 8_000_000);

        world.on(date!(2026 - 05 - 20));
        honour(&world, &code, HonourLevel::National, "2025-09-10");
        let second = world.lodge(&own, award_claim(&code)).await.expect("lodged");
        let told = second.determination.expect("it");
        assert_eq!((told.decision(), told.reason.as_str()), (Decision::Pay, ""));
        assert_eq!(told.amount_fen, 2_000_000);

        // What is stopped for good deducts nothing.
        let why = "OTHER_GROUND";
        world
            .propose_termination(&lodged.name, why)
            .await
            .expect("proposed");
        world
            .approve_termination(&world.checker(), &lodged.name)
            .await
            .expect("terminated");
        let accepted = world.accept(&world.maker(), &second.name).await;
        let name = accepted.expect("accepted").name;
        let reported = world.report(&world.reviewer(), &name, true).await;
        let told = reported.expect("reported").determination.expect("it");
        assert_eq!(told.amount_fen, 10_000_000);
    })
    .await;
}

/// R-DAT-5: P2 of a year belongs to the round after it, refused or not.
#[tokio::test]
async fn a_refused_claim_has_the_round_of_its_year() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let tainted = world.family_at(&family, State::TReview).await;
        establish(&world, &tainted.name).await;
        assert!(world.clock.today() <= date!(2025 - 03 - 31));
        let claim = Claim {
            programme: Programme::P2.into(),
            subsidy_year: 2025,
            ..family.claim()
        };
        let lodged = world.lodge(&world.clerk(), claim).await.expect("lodged");
        let told = lodged.determination.expect("it");
        assert_eq!(told.decision(), Decision::Reject);
        assert_eq!(lodged.round, 2026);
    })
    .await;
}

async fn shown(world: &World, name: &str) -> Determination {
    let ask = GetDeterminationRequest { name: name.into() };
    let answer = world.maker().cases().get_determination(ask).await;
    let told = answer.expect("it replays").into_inner();
    told.determination.expect("a determination")
}

async fn exported(world: &World, name: &str) -> String {
    let ask = ExportEvidenceRequest { name: name.into() };
    let answer = world.maker().evidence().export_evidence(ask).await;
    answer.expect("it replays").into_inner().file
}

/// A later notice of the State Council makes the close of the first window a day off.
#[tokio::test]
async fn a_later_notice_moves_no_day_that_was_decided() {
    let csv = Calendar::china().to_csv() + "2025-03-31,,off,\n2025-04-01,,off,\n";
    let notice: &'static Calendar = Box::leak(Box::new(Calendar::from_csv(&csv).expect("a table")));
    on_every_world(async move |world| {
        world.on(date!(2025 - 04 - 01));
        let (early, late) = (Family::of(1), Family::of(2));
        let clerk = world.clerk();
        let then = world
            .lodge(&clerk, early.register(&world).claim())
            .await
            .expect("lodged");
        assert_eq!(then.round, 2026, "the window has closed");

        let later = World::by(world.db.clone(), notice);
        later.on(date!(2025 - 04 - 01));
        assert_eq!(shown(&later, &then.name).await.round, 2026);
        let clerk = later.second(
            yuhui_proto::authz::v1::Role::VillageClerk,
            crate::harness::VILLAGE,
        );
        let now = later
            .lodge(&clerk, late.register(&later).claim())
            .await
            .expect("lodged");
        assert_eq!(now.round, 2025, "the window rolls over the new days off");
        assert_eq!(shown(&later, &now.name).await.round, 2025);

        // Back to the older table, and away from the database.
        for case in [&then, &now] {
            assert_eq!(shown(&world, &case.name).await.round, case.round);
            let file = exported(&world, &case.name).await;
            let calendars = file
                .lines()
                .filter(|line| matches!(Record::from_line(line), Ok(Record::Calendar { .. })));
            assert_eq!(calendars.count(), 1);
            let mut replayer = Replayer::default();
            let decisions = file
                .lines()
                .filter_map(|line| replayer.take(line).expect("readable"));
            for decision in decisions {
                assert_eq!(decision.result, Ok(()));
            }
        }
    })
    .await;
}

/// R-DAT-9, on the day of the check before payment and in a pre-check.
#[tokio::test]
async fn the_day_between_two_entries_inside_baotou_is_no_move_out() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::Funded).await;
        world.on(date!(2025 - 10 - 20));
        family.moves(&world, OTHER_COUNTY, "2025-10-21", "2025-10-19");
        let checked = world.check().await.expect("checked");
        assert_eq!(
            (checked.cleared, checked.proposed_terminations.len()),
            (1, 0)
        );
        assert_eq!(world.cleared().await, [case.name]);

        let mut asked = pre_check::family();
        for entry in asked.hukou.iter_mut().filter(|it| it.person == "c2") {
            entry.to_on = "2025-03-09".into();
        }
        let mut later = asked.hukou.last().expect("the child's").clone();
        later.division = "150204003001".into();
        later.from_on = "2025-03-11".into();
        later.to_on.clear();
        asked.hukou.push(later);
        let ask = PreCheckRequest {
            lodging_on: "2025-03-10".into(),
            ..pre_check::about(asked)
        };
        let answer = world.anybody().pre_checks().pre_check(ask).await;
        let told = answer.expect("told").into_inner();
        assert_eq!((told.decision(), told.reason.as_str()), (Decision::Pay, ""));
        let place = told.place.expect("a place");
        assert_eq!(
            (place.county.as_str(), place.village.as_str()),
            ("150203", "150203002001")
        );
    })
    .await;
}

/// B.2 step 12: an institution outside the city is one that does not count; without a stay there is
/// none to find fault with.
#[tokio::test]
async fn a_stay_outside_the_city_is_known_as_that() {
    on_every_world(async |world| {
        let family = Family::of(1);
        family.register(&world);
        let claim = || Claim {
            programme: Programme::P2.into(),
            subsidy_year: books::YEAR,
            ..family.claim()
        };
        let reason = async |claim: Claim| {
            let lodged = world.lodge(&world.clerk(), claim).await.expect("lodged");
            lodged.determination.expect("it").reason
        };
        assert_eq!(reason(claim()).await, "ENROLMENT_TOO_SHORT");

        let other = Family::of(2);
        other.register(&world);
        let code = books::nursery(&world, 1, 1);
        let child = world.vault.person(&other.second);
        {
            let mut known = world.registers.known();
            let dossier = known.institutions.get_mut(&world.vault.institution(&code));
            let dossier = dossier.expect("registered");
            for stay in &mut dossier.enrolments {
                stay.child.clone_from(&child);
                stay.child_born_on = "2024-06-15".into();
                stay.from_on = "2024-07-01".into();
            }
            let institution = dossier.institution.as_mut().expect("it");
            assert_eq!(institution.township, TOWNSHIP);
            institution.township = "150102001".into();
        }
        let elsewhere = Claim {
            programme: Programme::P2.into(),
            subsidy_year: books::YEAR,
            ..other.claim()
        };
        assert_eq!(reason(elsewhere).await, "INSTITUTION_NOT_ELIGIBLE");
    })
    .await;
}
