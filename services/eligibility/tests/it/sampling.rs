//! Seeds, samples and what they mean for the recording of rosters (F17, DYN-9).

use sha2::{Digest, Sha256};
use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, case::State, roster, sampled_line},
    types::v1::Programme,
};

use crate::{
    books::Family,
    harness::{
        CITY, COUNTY, OTHER_COUNTY, Office, ROUND, World, at_fault, denied, on_every_world, refused,
    },
    policy_packs,
};

const SEED: &str = "体彩大乐透 25080 期 03 11 19 27 33 + 02 09";

impl World {
    /// Publishes a seed.
    pub async fn publish(&self, round: i32, seed: &str) -> Result<pb::SamplingSeed, Status> {
        let ask = pb::PublishSeedRequest {
            round,
            seed: seed.into(),
            request_id: self.fresh(),
        };
        let answer = self.registrar().sampling().publish_seed(ask).await?;
        Ok(answer.into_inner().seed.expect("a seed"))
    }

    /// The seed of the round is published, now or before.
    pub async fn seed_is_public(&self) {
        for round in [ROUND, ROUND + 1] {
            if let Err(status) = self.publish(round, SEED).await {
                assert_eq!(refused(Err::<(), _>(status)).1, "SEED_PUBLISHED");
            }
        }
    }

    /// Draws the sample of a roster.
    pub async fn sample(&self, roster: &str) -> Result<pb::Sample, Status> {
        let ask = pb::DrawSampleRequest {
            roster: roster.into(),
            request_id: self.fresh(),
        };
        let answer = self.registrar().sampling().draw_sample(ask).await?;
        Ok(answer.into_inner().sample.expect("a sample"))
    }

    /// What `office` found of a sampled line.
    pub async fn found(
        &self,
        office: &Office,
        roster: &str,
        case: &str,
        result: sampled_line::Result,
    ) -> Result<pb::SampledLine, Status> {
        let ask = pb::RecordSampleResultRequest {
            roster: roster.into(),
            case: case.into(),
            result: result.into(),
            note: "调卷核对".into(),
            request_id: self.fresh(),
        };
        let answer = office.sampling().record_sample_result(ask).await?;
        Ok(answer.into_inner().line.expect("a line"))
    }

    /// Draws the sample of a roster and finds nothing wrong.
    pub async fn sample_passes(&self, roster: &str) -> Result<(), Status> {
        let registrar = self.registrar();
        for line in self.sample(roster).await?.lines {
            let passed = sampled_line::Result::Passed;
            self.found(&registrar, roster, &line.case, passed).await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn nothing_is_sealed_before_the_seed_is_public_and_the_seed_stays() {
    on_every_world(async |world| {
        world.family_at(&Family::of(1), State::Confirmed).await;
        let roster = world.build(Programme::P1).await.expect("built");
        let seal = pb::SealRosterRequest {
            name: roster.name.clone(),
            etag: roster.etag.clone(),
            request_id: world.fresh(),
        };
        let sealed = world.checker().rosters().seal_roster(seal.clone()).await;
        assert_eq!(
            refused(sealed),
            (Code::FailedPrecondition, "NO_SEED".into())
        );
        assert_eq!(at_fault(world.publish(ROUND, "short").await), ["seed"]);
        assert_eq!(
            at_fault(world.publish(ROUND, "two\nlines!").await),
            ["seed"]
        );
        assert_eq!(at_fault(world.publish(7, SEED).await), ["round"]);

        let seed = world.publish(ROUND, SEED).await.expect("published");
        assert_eq!(seed.seed, SEED);
        let again = world.publish(ROUND, "another seed").await;
        assert_eq!(refused(again).1, "SEED_PUBLISHED");
        let approver = world.recorder();
        let ask = pb::PublishSeedRequest {
            round: 2026,
            seed: SEED.into(),
            request_id: world.fresh(),
        };
        let published = approver.sampling().publish_seed(ask).await;
        assert_eq!(refused(published).0, Code::PermissionDenied);

        let anybody = world.at(Role::Applicant, OTHER_COUNTY);
        let ask = pb::GetSeedRequest { round: ROUND };
        let read = anybody.sampling().get_seed(ask).await.expect("public");
        assert_eq!(read.into_inner().seed, Some(seed));
        let ask = pb::GetSeedRequest { round: 2026 };
        let read = anybody.sampling().get_seed(ask).await;
        assert_eq!(refused(read).0, Code::NotFound);
        world
            .checker()
            .rosters()
            .seal_roster(seal)
            .await
            .expect("sealed");
    })
    .await;
}

#[tokio::test]
async fn anybody_can_draw_the_sample_again() {
    on_every_world(async |world| {
        for serial in 1..4 {
            let clerk = world.clerk();
            let claim = Family::of(serial).register(&world).claim();
            let case = world.lodge(&clerk, claim).await.expect("lodged");
            world.bring(&case.name, Programme::P1, State::VNotice).await;
        }
        let cases = lodged(&world).await;
        for state in [
            State::TReview,
            State::TNotice,
            State::CReview,
            State::CNotice,
        ] {
            world.on(time::macros::date!(2025 - 03 - 10));
            for case in &cases {
                world.bring(case, Programme::P1, state).await;
            }
        }
        for case in &cases {
            world.bring(case, Programme::P1, State::Confirmed).await;
        }
        let roster = world.build(Programme::P1).await.expect("built");
        let roster = world
            .seal(&world.checker(), &roster.name)
            .await
            .expect("it");
        assert_eq!(roster.line_count, 3);

        let sample = world.sample(&roster.name).await.expect("drawn");
        assert_eq!(world.sample(&roster.name).await.expect("again"), sample);
        let seed = &sample.seed.as_ref().expect("a seed").seed;
        let digest = |case: &String| {
            let text = format!("yuhui-sample-2\n{seed}\n{case}");
            hex::encode(Sha256::digest(text))
        };
        let smallest = cases.iter().map(|it| (digest(it), it)).min().expect("one");
        let lines: Vec<_> = sample
            .lines
            .iter()
            .map(|it| (it.digest.clone(), &it.case))
            .collect();
        assert_eq!(lines, [smallest], "one of three");
        assert_eq!(
            (sample.line_count, sample.lines[0].amount_fen),
            (3, 500_000)
        );

        let ask = pb::GetSampleRequest {
            roster: roster.name.clone(),
        };
        let read = world.checker().sampling().get_sample(ask.clone()).await;
        assert_eq!(read.expect("read").into_inner().sample, Some(sample));
        let stranger = world.at(Role::CountyHealthReviewer, OTHER_COUNTY);
        let read = stranger.sampling().get_sample(ask).await;
        assert_eq!(refused(read).0, Code::NotFound);
        let entries = world.audited().await;
        assert_eq!(
            entries
                .iter()
                .filter(|it| it.action == "sampling.draw")
                .count(),
            1
        );
    })
    .await;
}

async fn lodged(world: &World) -> Vec<String> {
    let ask = pb::ListCasesRequest {
        parent: crate::harness::PARENT.into(),
        ..Default::default()
    };
    let listed = world.maker().cases().list_cases(ask).await.expect("listed");
    listed
        .into_inner()
        .cases
        .into_iter()
        .map(|it| it.name)
        .collect()
}

#[tokio::test]
async fn nothing_is_recorded_before_every_sampled_line_passed() {
    on_every_world(async |world| {
        use sampled_line::Result::{Defect, Passed, Unspecified};
        let case = world.family_at(&Family::of(1), State::Rostered).await;
        let (roster, name) = (case.roster.as_str(), case.name.as_str());
        let registrar = world.registrar();
        let early = world.found(&registrar, roster, name, Passed).await;
        assert_eq!(refused(early).1, "NOT_SAMPLED");
        world.propose_recording(roster).await.expect("checked");
        let record = async || world.record(&world.recorder(), roster).await;
        assert_eq!(refused(record().await).1, "NOT_SAMPLED");
        world.sample(roster).await.expect("drawn");
        assert_eq!(refused(record().await).1, "SAMPLE_UNFINISHED");

        let nothing = world.found(&registrar, roster, name, Unspecified).await;
        assert_eq!(at_fault(nothing), ["result"]);
        let other = name.replace(COUNTY, OTHER_COUNTY);
        let other = world.found(&registrar, roster, &other, Passed).await;
        assert_eq!(refused(other).1, "NOT_IN_SAMPLE");
        let passed = world.found(&registrar, roster, name, Passed).await;
        let passed = passed.expect("it passes");
        assert_eq!((&*passed.case, passed.result()), (name, Passed));
        assert_eq!(passed.note, "调卷核对");
        // What passed may turn out defective, never the reverse.
        world
            .found(&registrar, roster, name, Defect)
            .await
            .expect("it does not");
        let back = world.found(&registrar, roster, name, Passed).await;
        assert_eq!(refused(back).1, "DEFECT_STANDS");
        assert_eq!(refused(record().await).1, "SAMPLE_DEFECT");

        let returned = world.give_back(roster).await.expect("returned");
        assert_eq!(returned.state(), roster::State::Superseded);
        let late = world.found(&registrar, roster, name, Defect).await;
        assert_eq!(refused(late).1, "ROSTER_STATE");
        world.bring(name, Programme::P1, State::Recorded).await;
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_checks_his_own_family_or_records_what_he_checked() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::Rostered).await;
        let (roster, name) = (case.roster.as_str(), case.name.as_str());
        world.sample(roster).await.expect("drawn");
        let person = world.vault.person(&family.father);
        let father = world.known_as(Role::CityHealthRegistrar, CITY, "father", Some(&person));
        let passed = sampled_line::Result::Passed;
        let checked = world.found(&father, roster, name, passed).await;
        assert_eq!(denied(checked), "DYN-3");
        let person = format!("person-of-ROLE_CITY_HEALTH_APPROVER@{CITY}");
        let himself = world.known_as(Role::CityHealthRegistrar, CITY, "other", Some(&person));
        world
            .found(&himself, roster, name, passed)
            .await
            .expect("passed");
        world.propose_recording(roster).await.expect("checked");
        let recorded = world.record(&world.recorder(), roster).await;
        assert_eq!(
            denied(recorded),
            "DYN-1",
            "the approver did not look at the sample"
        );
        let other = world.second(Role::CityHealthApprover, CITY);
        world.record(&other, roster).await.expect("recorded");
    })
    .await;
}

#[tokio::test]
async fn the_database_itself_keeps_what_the_whole_city_decides_by() {
    use sea_orm::ConnectionTrait as _;
    on_every_world(async |world| {
        world
            .publish(2031, "头奖号码 05 11 23")
            .await
            .expect("a seed");
        policy_packs::in_force(&world, &policy_packs::text("v2", "2025-06-01", 400_000)).await;
        for change in [
            "UPDATE sampling_seeds SET seed = 'another'",
            "DELETE FROM sampling_seeds",
            "UPDATE policy_packs SET toml = '', digest = ''",
            "DELETE FROM policy_packs",
        ] {
            let tx = world.db.begin_global().await.expect("a transaction");
            let error = tx.connection().execute_unprepared(change).await;
            let told = error.expect_err(change).to_string();
            assert!(told.contains("is append-only"), "{change}: {told}");
        }
    })
    .await;
}
