//! What waits at whose desk, step by step.

use time::macros::date;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{case::State, resolve_inquiry_request::Outcome},
    types::v1::{Decision, Programme},
    work::v1::{self as pb, WorkAct as Act, WorkFlag},
};

use crate::{
    books::Family,
    harness::{
        CITY, COUNTY, OTHER_COUNTY, Office, PARENT, TOWNSHIP, VILLAGE, World, denied,
        on_every_world, refused,
    },
    walk::act,
};

/// What waits for somebody in `parent`, all of it.
pub async fn queue_in(office: &Office, parent: &str) -> Vec<pb::WorkItem> {
    let ask = pb::ListWorkItemsRequest {
        parent: parent.into(),
        page_size: 1000,
        ..pb::ListWorkItemsRequest::default()
    };
    let answer = office.work().list_work_items(ask).await.expect("a list");
    answer.into_inner().items
}

pub async fn queue(office: &Office) -> Vec<pb::WorkItem> {
    queue_in(office, PARENT).await
}

/// What waits for the county's own and the city's, by name.
pub async fn desks(world: &World, mother: &str) -> Vec<(&'static str, Act, String)> {
    let offices = [
        ("clerk", world.clerk()),
        ("head", world.head()),
        ("reviewer", world.reviewer()),
        ("lead", world.lead()),
        ("maker", world.maker()),
        ("checker", world.checker()),
        ("registrar", world.registrar()),
        ("recorder", world.recorder()),
        ("claimant", world.applicant(mother)),
    ];
    let mut waiting = Vec::new();
    for (name, office) in offices {
        for item in queue(&office).await {
            waiting.push((name, item.act(), item.object));
        }
    }
    // In another place nothing waits, and nobody finds the county's there.
    let elsewhere = [
        (Role::VillageClerk, "150203002002"),
        (Role::VillageHead, "150203002002"),
        (Role::TownshipReviewer, "150203003"),
        (Role::TownshipLead, "150203003"),
    ];
    for (role, unit) in elsewhere {
        assert_eq!(queue(&world.at(role, unit)).await, [], "{role:?}");
    }
    for role in [Role::CountyHealthReviewer, Role::CountyHealthApprover] {
        let other = world.at(role, OTHER_COUNTY);
        assert_eq!(queue_in(&other, "counties/150204").await, [], "{role:?}");
        let ask = pb::ListWorkItemsRequest {
            parent: PARENT.into(),
            ..pb::ListWorkItemsRequest::default()
        };
        let there = other.work().list_work_items(ask).await;
        assert_eq!(refused(there).0, tonic::Code::NotFound);
    }
    let stranger = world.applicant(&Family::of(77).mother);
    assert_eq!(queue(&stranger).await, []);
    waiting
}

#[tokio::test]
async fn a_claim_waits_at_one_desk_at_a_time_from_lodging_to_the_city() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let claim = family.register(&world).claim();
        let case = world.lodge(&world.clerk(), claim).await.expect("lodged");
        let name = case.name.as_str();
        let waits = async |desk: &str, act: Act, object: &str| {
            let waiting = desks(&world, &family.mother).await;
            let waiting: Vec<_> = waiting.iter().map(|it| (it.0, it.1, &*it.2)).collect();
            assert_eq!(waiting, [(desk, act, object)]);
        };
        waits("clerk", Act::Accept, name).await;
        world.accept(&world.clerk(), name).await.expect("accepted");
        for (level, maker, checker) in [
            ("village", world.clerk(), world.head()),
            ("township", world.reviewer(), world.lead()),
        ] {
            let [clerk, head] = match level {
                "village" => ["clerk", "head"],
                _ => ["reviewer", "lead"],
            };
            waits(clerk, Act::Report, name).await;
            world.report(&maker, name, true).await.expect("reported");
            waits(head, Act::Sign, name).await;
            world.sign(&checker, name, true).await.expect("signed");
            waits(clerk, Act::PostNotice, name).await;
            let notice = world.post(&maker, &[name]).await.expect("posted");
            waits(clerk, Act::CloseNotice, &notice.name).await;
            let last = yuhui_kernel::dates::parse(&notice.last_on).expect("a day");
            let over = last.next_day().expect("a day");
            let [item] = &queue(&maker).await[..] else {
                panic!("one")
            };
            assert_eq!(item.not_before_on, yuhui_kernel::dates::format(over));
            world.on(over);
            assert_eq!(queue(&maker).await[0].not_before_on, "");
            world.close(&maker, &notice.name).await.expect("closed");
        }
        waits("maker", Act::Review, name).await;
        let [item] = &queue(&world.maker()).await[..] else {
            panic!("one")
        };
        assert_eq!(
            (item.title.as_str(), item.village.as_str()),
            ("某女", VILLAGE)
        );
        assert_eq!(
            (item.state(), item.decision()),
            (State::CReview, Decision::Pay)
        );
        assert_eq!((item.programme(), item.round), (Programme::P1, 2025));
        assert_eq!(
            (&*item.due_on, &*item.post_by_on),
            ("2025-07-31", "2025-07-24"),
            "C.1"
        );
        assert!(item.flags.is_empty() && item.bar.is_none(), "{item:?}");
        world.review(&world.maker(), name).await.expect("reviewed");
        waits("maker", Act::PostNotice, name).await;
        world.notice(&world.maker(), name).await;
        waits("checker", Act::Confirm, name).await;
        world
            .confirm(&world.checker(), name)
            .await
            .expect("confirmed");
        waits("maker", Act::BuildRoster, name).await;
        let roster = world.build(Programme::P1).await.expect("built").name;
        let waiting = desks(&world, &family.mother).await;
        assert_eq!(
            waiting,
            [
                ("maker", Act::BuildRoster, name.to_owned()),
                ("checker", Act::SealRoster, roster.clone())
            ]
        );
        world.seal(&world.checker(), &roster).await.expect("sealed");
        waits("registrar", Act::ProposeRecording, &roster).await;
        let city = queue_in(&world.registrar(), "counties/-").await;
        assert_eq!(city.len(), 1, "{city:?}");
        assert_eq!((&*city[0].due_on, &*city[0].title), ("2025-08-15", ""));
        world.check_roster(&roster).await.expect("checked");
        waits("recorder", Act::ApproveRecording, &roster).await;
        let role = Role::CityHealthApprover;
        let person = Some("person-of-ROLE_CITY_HEALTH_REGISTRAR@150200");
        let himself = world.known_as(role, CITY, "other", person);
        assert_eq!(barred(&himself, "counties/-").await, ["DYN-1"]);
        world
            .record(&world.recorder(), &roster)
            .await
            .expect("recorded");
        assert_eq!(desks(&world, &family.mother).await, []);
        world.bring(name, Programme::P1, State::Paid).await;
        waits("maker", Act::Close, name).await;
        assert_eq!(
            queue(&world.maker()).await[0].due_on,
            "",
            "the law names no day"
        );
    })
    .await;
}

/// Rules that bar somebody from what waits for him; empty where nothing does.
async fn barred(office: &Office, parent: &str) -> Vec<String> {
    let items = queue_in(office, parent).await.into_iter();
    let rules = items.map(|it| it.bar.map(|it| it.rule).unwrap_or_default());
    rules.collect()
}

#[tokio::test]
async fn a_proposal_waits_for_another_hand_and_its_maker_is_told_so() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::CReview).await;
        let name = case.name.as_str();
        let clerks = Some("person-of-ROLE_VILLAGE_CLERK@150203002001");
        let twice = world.known_as(Role::CountyHealthReviewer, COUNTY, "twice", clerks);
        assert_eq!(barred(&twice, PARENT).await, ["DYN-2"]);
        assert_eq!(denied(world.review(&twice, name).await), "DYN-2");
        assert_eq!(barred(&world.maker(), PARENT).await, [""]);

        let proposed = world.propose_rejection(name, "NO_STANDING").await;
        proposed.expect("proposed");
        let waiting = desks(&world, &family.mother).await;
        assert_eq!(waiting, [("checker", Act::ApproveRejection, name.into())]);
        let makers = Some("person-of-ROLE_COUNTY_HEALTH_REVIEWER@150203");
        let himself = world.known_as(Role::CountyHealthApprover, COUNTY, "himself", makers);
        assert_eq!(barred(&himself, PARENT).await, ["DYN-1"]);
        assert_eq!(
            denied(world.approve_rejection(&himself, name).await),
            "DYN-1"
        );
        assert_eq!(barred(&world.checker(), PARENT).await, [""]);
        let father = world.vault.person(&family.father);
        let related = vec![father];
        world
            .registers
            .known()
            .relatives
            .insert("in-law".into(), related);
        let in_law = world.known_as(Role::CountyHealthApprover, COUNTY, "in-law", Some("in-law"));
        assert_eq!(barred(&in_law, PARENT).await, ["DYN-3"]);
        world.registers.known().silent = true;
        let ask = pb::ListWorkItemsRequest {
            parent: PARENT.into(),
            ..pb::ListWorkItemsRequest::default()
        };
        let new = world.known_as(
            Role::CountyHealthApprover,
            COUNTY,
            "new",
            Some("new-in-law"),
        );
        let told = new.work().list_work_items(ask).await.expect("a list");
        let told = told.into_inner();
        assert!(told.relatives_unknown && told.items[0].bar.is_none());
        world.registers.known().silent = false;

        let rejected = world.approve_rejection(&world.checker(), name).await;
        rejected.expect("rejected");
        let waiting = desks(&world, &family.mother).await;
        assert_eq!(waiting, [("maker", Act::RecordDelivery, name.into())]);
        let review = world.request_review(&world.clerk(), name).await;
        let review = review.expect("asked").name;
        let waiting = desks(&world, &family.mother).await;
        assert_eq!(waiting, [("maker", Act::DecideReview, review.clone())]);
        assert_eq!(barred(&world.maker(), PARENT).await, ["R-PRC-5"]);
        assert_eq!(barred(&world.fresh_maker(), PARENT).await, [""]);
        assert_eq!(queue(&world.maker()).await[0].title, "某女");
    })
    .await;
}

#[tokio::test]
async fn what_is_away_from_its_stage_waits_for_whoever_brings_it_back() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::TReview).await;
        let name = case.name.as_str();
        let office = world.reviewer();
        let (case, defects) = (name.to_owned(), vec!["缺户口簿".to_owned()]);
        act!(
            world,
            office,
            return_case,
            ReturnCaseRequest {
                name: case,
                defects
            }
        )
        .expect("returned");
        let waiting = desks(&world, &family.mother).await;
        assert_eq!(waiting, [("claimant", Act::Correct, name.into())]);
        let [item] = &queue(&world.applicant(&family.mother)).await[..] else {
            panic!("one")
        };
        assert!(!item.due_on.is_empty() && item.bar.is_none(), "{item:?}");
        let (case, answer) = (name.to_owned(), "已补交".to_owned());
        let clerk = world.clerk();
        act!(
            world,
            clerk,
            resubmit_case,
            ResubmitCaseRequest { name: case, answer }
        )
        .expect("resubmitted");

        world
            .object(&world.reviewer(), name)
            .await
            .expect("recorded");
        let waiting = desks(&world, &family.mother).await;
        let report = |desk| (desk, Act::ReportInquiry, name.to_owned());
        assert_eq!(waiting, [report("reviewer"), report("maker")]);
        assert_eq!(barred(&world.reviewer(), PARENT).await, ["DYN-1"]);
        let [item] = &queue(&world.maker()).await[..] else {
            panic!("one")
        };
        assert_eq!(item.flags().collect::<Vec<_>>(), [WorkFlag::Contradicted]);
        assert!(!item.due_on.is_empty(), "R-PRC-11");
        world
            .resolve(name, Outcome::Resume)
            .await
            .expect("resolved");
        let waiting = desks(&world, &family.mother).await;
        assert_eq!(waiting, [("reviewer", Act::Report, name.into())]);

        world.hold(name).await.expect("held");
        assert_eq!(desks(&world, &family.mother).await, [], "supervision's own");
        world.release(name).await.expect("released");
        let (case, reason) = (name.to_owned(), "抚养关系不明".to_owned());
        let office = world.reviewer();
        act!(
            world,
            office,
            refer_case,
            ReferCaseRequest { name: case, reason }
        )
        .expect("referred");
        let waiting = desks(&world, &family.mother).await;
        let sign = |desk| (desk, Act::ResolveReferral, name.to_owned());
        assert_eq!(waiting, [sign("maker"), sign("checker")]);
        let maker = world.maker();
        let (case, reason) = (name.to_owned(), "可以办理".to_owned());
        act!(
            world,
            maker,
            resolve_referral,
            ResolveReferralRequest {
                name: case,
                reason,
                proceed: true
            }
        )
        .expect("signed");
        let waiting = desks(&world, &family.mother).await;
        assert_eq!(waiting, [sign("checker")], "one of the two is a checker");
    })
    .await;
}

#[tokio::test]
async fn an_act_that_comes_to_nothing_leaves_what_waits() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::VReview).await;
        let name = case.name.as_str();
        let before = queue(&world.clerk()).await;
        // The record is written last: what fails there has written everything else.
        let spoil = async |sql: &str| {
            use sea_orm::ConnectionTrait as _;
            let county = yuhui_kernel::Tenant::parse(COUNTY).expect("a county");
            let tx = world.db.begin(county).await.expect("begun");
            let done = tx.connection().execute_unprepared(sql).await;
            done.expect("done");
            tx.commit().await.expect("committed");
        };
        if world.db.backend() == sea_orm::DbBackend::Sqlite {
            spoil(
                "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
            )
            .await;
            let failed = world.report(&world.clerk(), name, true).await;
            failed.expect_err("nothing is recorded");
            assert_eq!(queue(&world.clerk()).await, before);
            assert_eq!(queue(&world.head()).await, []);
            spoil("DROP TRIGGER full").await;
        }
        let other = world.at(Role::VillageClerk, VILLAGE);
        world.report(&other, name, true).await.expect("reported");
        assert_eq!(queue(&world.clerk()).await, []);
        assert_eq!(queue(&world.head()).await.len(), 1);
        world.on(date!(2025 - 05 - 02));
        let [item] = &queue(&world.head()).await[..] else {
            panic!("one")
        };
        assert_eq!(
            (item.days_left, item.flags().next()),
            (-9, Some(WorkFlag::Overdue))
        );
        assert_eq!(queue(&world.at(Role::TownshipLead, TOWNSHIP)).await, []);
    })
    .await;
}
