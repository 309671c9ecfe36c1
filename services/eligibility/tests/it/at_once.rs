//! Acts at once: on PostgreSQL what one writer would hide. What is held up at the audit chain has
//! done all it does and is not committed yet; whatever comes meanwhile must not pass it by.

use std::{future::Future, time::Duration};

use sea_orm::ConnectionTrait as _;
use yuhui_kernel::Tenant;
use yuhui_platform::db::Tx;
use yuhui_proto::{
    eligibility::v1::{self as pb, case::State, roster, sampled_line},
    types::v1::{Decision, Programme},
};

use crate::{
    books::{Family, account},
    harness::{COUNTY, PARENT, ROUND, World, on_every_world, refused},
    walk::act,
};

/// Long enough for an act to come to where it is held up.
const MOMENT: Duration = Duration::from_millis(250);

impl World {
    /// Lets no act of the county commit: each must add to the audit chain.
    async fn held_up(&self) -> Tx {
        let county = Tenant::parse(COUNTY).expect("a county");
        let tx = self.db.begin(county).await.expect("a transaction");
        let head = "INSERT INTO audit_head (tenant, chain, seq, hash) VALUES ('150203', 0, 0, '')
            ON CONFLICT (tenant, chain) DO UPDATE SET seq = audit_head.seq";
        tx.execute_unprepared(head).await.expect("held");
        tx
    }

    /// Begins `first`, and `second` while it is held up; both end when they are let go.
    async fn while_held_up<A, B>(
        &self,
        first: impl Future<Output = A>,
        second: impl Future<Output = B>,
    ) -> (A, B) {
        let held = self.held_up().await;
        let later = async {
            tokio::time::sleep(MOMENT).await;
            second.await
        };
        let let_go = async {
            tokio::time::sleep(2 * MOMENT).await;
            held.rollback().await.expect("let go");
        };
        let (first, second, ()) = tokio::join!(first, later, let_go);
        (first, second)
    }
}

#[tokio::test]
async fn rosters_built_at_once_leave_one_main_roster() {
    on_every_world(async |world| {
        world.family_at(&Family::of(1), State::Confirmed).await;
        let held = world.held_up().await;
        let let_go = async {
            tokio::time::sleep(2 * MOMENT).await;
            held.rollback().await.expect("let go");
        };
        let build = || world.build(Programme::P1);
        let built = tokio::join!(build(), build(), build(), build(), let_go);
        for roster in [built.0, built.1, built.2, built.3] {
            roster.expect("built");
        }
        let ask = pb::ListRostersRequest {
            parent: PARENT.into(),
            round: ROUND,
            ..Default::default()
        };
        let listed = world.maker().rosters().list_rosters(ask).await;
        let rosters = listed.expect("listed").into_inner().rosters;
        let main = rosters
            .iter()
            .filter(|it| it.state() == roster::State::Building);
        assert_eq!(main.count(), 1, "{rosters:?}");
        assert_eq!(rosters.len(), 4);
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn a_roster_is_not_recorded_past_a_defect_that_is_being_noted() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Rostered).await;
        world.check_roster(&case.roster).await.expect("checked");
        let (registrar, recorder) = (world.registrar(), world.recorder());
        let defect = sampled_line::Result::Defect;
        let (noted, recorded) = world
            .while_held_up(
                world.found(&registrar, &case.roster, &case.name, defect),
                world.record(&recorder, &case.roster),
            )
            .await;
        noted.expect("noted");
        assert_eq!(refused(recorded).1, "SAMPLE_DEFECT");
        assert_eq!(world.look(&case.name).await.state(), State::Rostered);
    })
    .await;
}

#[tokio::test]
async fn of_two_parents_who_lodge_at_once_one_is_the_duplicate() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let mother = family.register(&world).claim();
        let father = pb::Claim {
            claimant_number: family.father.clone(),
            claimant_name: "某男".into(),
            account: Some(account("某男", "6217000010007654323", false)),
            ..mother.clone()
        };
        let clerk = world.clerk();
        let (mother, father) = (
            world.draft(&clerk, mother).await.expect("drafted").name,
            world.draft(&clerk, father).await.expect("drafted").name,
        );
        let lodge = async |name: String| act!(world, clerk, lodge_case, LodgeCaseRequest { name });
        let (first, second) = world.while_held_up(lodge(mother), lodge(father)).await;
        let decided = [first, second].map(|it| {
            let case = it.expect("lodged");
            case.determination.expect("decided")
        });
        assert_eq!(decided[0].decision(), Decision::Pay);
        assert_eq!(decided[1].decision(), Decision::NotAccepted);
        assert_eq!(decided[1].reason, "DUPLICATE");
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn a_command_sent_twice_at_once_gets_one_answer() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CReview).await;
        let maker = world.maker();
        let review = async || {
            let ask = pb::ReviewCaseRequest {
                name: case.name.clone(),
                etag: case.etag.clone(),
                request_id: "once".into(),
                ..Default::default()
            };
            maker.cases().review_case(ask).await
        };
        let (first, again) = world.while_held_up(review(), review()).await;
        let (first, again) = (first.expect("reviewed"), again.expect("the same"));
        assert_eq!(first.into_inner(), again.into_inner());
    })
    .await;
}

#[tokio::test]
async fn a_case_that_comes_back_to_a_notice_as_it_is_taken_down_is_not_left_behind() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VNotice).await;
        let clerk = world.clerk();
        let notice = world.post(&clerk, &[]).await.expect("posted");
        world.hold(&case.name).await.expect("held");
        let last = yuhui_kernel::dates::parse(&notice.last_on).expect("a day");
        world.on(last.next_day().expect("a day"));
        let (back, closed) = world
            .while_held_up(world.release(&case.name), world.close(&clerk, &notice.name))
            .await;
        back.expect("released");
        closed.expect("taken down");
        let case = world.look(&case.name).await;
        let posted_anew = case.state() == State::VNotice && case.notice.is_empty();
        assert!(posted_anew || case.state() == State::TReview, "{case:?}");
    })
    .await;
}
