//! Many cases in one call: each an act of its own, and only what is routine.

use tonic::Status;
use yuhui_platform::refusal::{ErrorReason, name_of};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, BatchResult, SeenCase, batch_result::Outcome, case::State},
    portal::v1 as portal,
};

use crate::{
    books::Family,
    harness::{COUNTY, Office, PARENT, World, at_fault, on_every_world, refused},
};

impl World {
    async fn seen(&self, name: &str) -> SeenCase {
        SeenCase {
            name: name.into(),
            etag: self.etag(name).await,
        }
    }

    async fn sign_all(
        &self,
        office: &Office,
        cases: &[SeenCase],
        request_id: &str,
    ) -> Result<Vec<BatchResult>, Status> {
        let ask = pb::BatchSignCasesRequest {
            parent: PARENT.into(),
            cases: cases.to_vec(),
            note: "同意".into(),
            request_id: request_id.into(),
        };
        let answer = office.batches().batch_sign_cases(ask).await?;
        Ok(answer.into_inner().results)
    }

    async fn confirm_all(
        &self,
        office: &Office,
        cases: &[SeenCase],
    ) -> Result<Vec<BatchResult>, Status> {
        let ask = pb::BatchConfirmCasesRequest {
            parent: PARENT.into(),
            cases: cases.to_vec(),
            note: String::new(),
            request_id: self.fresh(),
        };
        let answer = office.batches().batch_confirm_cases(ask).await?;
        Ok(answer.into_inner().results)
    }
}

fn outcomes(results: &[BatchResult]) -> Vec<(Outcome, &str)> {
    let told = results.iter();
    told.map(|it| match it.reason() {
        ErrorReason::Unspecified => (it.outcome(), ""),
        reason => (it.outcome(), name_of(reason)),
    })
    .collect()
}

#[tokio::test]
async fn what_is_routine_is_signed_and_the_rest_says_why_not() {
    on_every_world(async |world| {
        let mut cases = Vec::new();
        for serial in 1..=4 {
            let case = world.family_at(&Family::of(serial), State::VReview).await;
            cases.push(case.name);
        }
        for (place, agree) in [(0, true), (1, true), (2, false)] {
            let reported = world.report(&world.clerk(), &cases[place], agree).await;
            reported.expect("reported");
        }
        let mut seen = Vec::new();
        for name in &cases {
            seen.push(world.seen(name).await);
        }
        let stranger = SeenCase {
            name: format!("{PARENT}/cases/00000000-0000-0000-0000-000000000000"),
            etag: "r1".into(),
        };
        seen.push(stranger);
        let head = world.head();
        let signed = world.sign_all(&head, &seen, "batch").await.expect("it");
        let expected = [
            (Outcome::Done, ""),
            (Outcome::Done, ""),
            (Outcome::Skipped, "NOT_ROUTINE"),
            (Outcome::Refused, "NO_REPORT"),
            (Outcome::Refused, "NOT_FOUND"),
        ];
        assert_eq!(outcomes(&signed), expected);
        assert!(!signed[2].zh.is_empty() && !signed[2].en.is_empty());
        for (place, state) in [
            State::VNotice,
            State::VNotice,
            State::VReview,
            State::VReview,
        ]
        .into_iter()
        .enumerate()
        {
            let now = world.look(&cases[place]).await;
            assert_eq!(now.state(), state);
            if signed[place].outcome() == Outcome::Done {
                assert_eq!(now.etag, signed[place].etag);
            }
        }

        // Sent again it goes on where it was, and does nothing twice.
        world
            .report(&world.clerk(), &cases[3], true)
            .await
            .expect("reported");
        let mut again = seen.clone();
        again[3] = world.seen(&cases[3]).await;
        let later = world.sign_all(&head, &again, "batch").await.expect("it");
        assert_eq!(later[..3], signed[..3]);
        assert_eq!(later[3].outcome(), Outcome::Done);
        // Another body under the same key is another request.
        again[0].etag = "r9".into();
        let altered = world.sign_all(&head, &again, "batch").await.expect("it");
        assert_eq!(
            outcomes(&altered)[0],
            (Outcome::Refused, "REQUEST_ID_REUSED")
        );

        // What a neighbour said is looked at by itself.
        let posted = world.post(&world.clerk(), &[&cases[0]]).await;
        let said = portal::SubmitReportRequest {
            kind: portal::ReportKind::Report.into(),
            notice: posted.expect("posted").name,
            line: 1,
            words: "该户长期不在本地居住".into(),
            ..Default::default()
        };
        world.submit(said).await.expect("taken");
        let against = [world.seen(&cases[0]).await];
        let skipped = world.sign_all(&head, &against, "other").await.expect("it");
        assert_eq!(outcomes(&skipped), [(Outcome::Skipped, "NOT_ROUTINE")]);
    })
    .await;
}

#[tokio::test]
async fn what_was_not_seen_or_is_ones_own_is_not_confirmed() {
    on_every_world(async |world| {
        let mut cases = Vec::new();
        for serial in 1..=3 {
            let case = world.family_at(&Family::of(serial), State::CNotice).await;
            cases.push(case.name);
        }
        let maker = world.maker();
        world.notice_of(&maker, &cases).await;
        // One moved to another district; of one the etag is old.
        let mut seen = Vec::new();
        for name in &cases {
            seen.push(world.seen(name).await);
        }
        Family::of(2).moves(&world, "150204", "2025-03-11", "2025-03-10");
        seen[2].etag = "r1".into();
        let person = "person-of-ROLE_COUNTY_HEALTH_REVIEWER@150203";
        let himself = world.known_as(Role::CountyHealthApprover, COUNTY, "himself", Some(person));
        let own = world.confirm_all(&himself, &seen[..1]).await.expect("it");
        assert_eq!(outcomes(&own), [(Outcome::Refused, "SEPARATION_OF_DUTIES")]);
        let confirmed = world
            .confirm_all(&world.checker(), &seen)
            .await
            .expect("it");
        let told = outcomes(&confirmed);
        assert_eq!(told[0], (Outcome::Done, ""));
        assert_eq!(told[1].0, Outcome::Refused, "{told:?}");
        assert_eq!(told[2], (Outcome::Refused, "CHANGED_SINCE_SEEN"));
        assert_eq!(world.look(&cases[0]).await.state(), State::Confirmed);
        assert_eq!(world.look(&cases[1]).await.state(), State::CNotice);

        let twice = [seen[0].clone(), seen[0].clone()];
        let twice = world.confirm_all(&world.checker(), &twice).await;
        assert_eq!(at_fault(twice), ["cases[1].name"]);
        assert_eq!(
            at_fault(world.confirm_all(&world.checker(), &[]).await),
            ["cases"]
        );
        let village = world.confirm_all(&world.head(), &seen).await;
        assert_eq!(refused(village).1, "PERMISSION_DENIED");
    })
    .await;
}

impl World {
    /// One notice for all of them, over.
    async fn notice_of(&self, office: &Office, cases: &[String]) {
        let names: Vec<&str> = cases.iter().map(String::as_str).collect();
        let notice = self.post(office, &names).await.expect("posted");
        let last = yuhui_kernel::dates::parse(&notice.last_on).expect("a day");
        self.on(last.next_day().expect("a day"));
        self.close(office, &notice.name).await.expect("closed");
    }
}
