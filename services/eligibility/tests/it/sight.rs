//! Who sees which missed day and which worklist, and who may run (R-PRC-3, D.2).

use time::macros::date;
use tonic::Code;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, DeadlineDuty, DeadlineOffice as Told, case::State},
};

use crate::{
    books::Family,
    deadlines::{seen_in, steps, told, worklist},
    harness::{CITY, COUNTY, OTHER_COUNTY, PARENT, TOWNSHIP, at_fault, on_every_world, refused},
};

#[tokio::test]
async fn each_office_sees_its_own_and_what_was_escalated_to_it() {
    on_every_world(async |world| {
        world.family_at(&Family::of(1), State::VReview).await;
        world.run_on(date!(2025 - 05 - 19)).await;
        let at = |role, unit| world.at(role, unit);
        let other_village = at(Role::VillageClerk, "150203002002");
        assert!(steps(&other_village).await.is_empty());
        let other_township = at(Role::TownshipLead, "150203003");
        assert!(steps(&other_township).await.is_empty());
        let list = |parent: &str| pb::ListOverdueRequest {
            parent: parent.into(),
            ..pb::ListOverdueRequest::default()
        };
        let stranger = at(Role::CountyHealthReviewer, OTHER_COUNTY);
        let asked = stranger.deadlines().list_overdue(list(PARENT)).await;
        assert_eq!(refused(asked).0, Code::NotFound);
        let asked = world
            .maker()
            .deadlines()
            .list_overdue(list("counties/-"))
            .await;
        assert_eq!(refused(asked).0, Code::NotFound, "a county is not the city");
        let applicant = world.applicant(&Family::of(1).mother);
        let asked = applicant.deadlines().list_overdue(list(PARENT)).await;
        assert_eq!(refused(asked).0, Code::PermissionDenied);
        // Money is none of the village's business, and villages none of finance's.
        assert!(
            steps(&at(Role::CountyFinanceMaker, COUNTY))
                .await
                .is_empty()
        );
        let bank = at(Role::BankOperator, CITY);
        assert!(seen_in(&bank, "counties/-", true).await.is_empty());
        let audit = at(Role::CityAuditor, CITY);
        assert_eq!(seen_in(&audit, "counties/-", false).await.len(), 4);
        // Filters: office, step, pages.
        let mut ask = list(PARENT);
        ask.min_step = 2;
        let inspector = world.inspector();
        let high = inspector.deadlines().list_overdue(ask.clone()).await;
        assert_eq!(high.expect("a list").into_inner().flags.len(), 2);
        ask.set_office(Told::Township);
        let other = inspector.deadlines().list_overdue(ask).await;
        assert!(other.expect("a list").into_inner().flags.is_empty());
        let mut ask = list(PARENT);
        let mut found = Vec::new();
        loop {
            ask.page_size = 3;
            let page = inspector.deadlines().list_overdue(ask.clone()).await;
            let page = page.expect("a page").into_inner();
            found.extend(page.flags.into_iter().map(|it| it.step));
            ask.page_token = page.next_page_token;
            if ask.page_token.is_empty() {
                break;
            }
        }
        assert_eq!(found, [0, 1, 2, 3]);
    })
    .await;
}

#[tokio::test]
async fn a_worklist_says_what_is_due_and_how_many_days_are_left() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::VReview).await;
        world.on(date!(2025 - 03 - 31));
        let [due] = &worklist(&world.clerk(), PARENT).await[..] else {
            panic!("one")
        };
        assert_eq!(due.duty(), DeadlineDuty::VillageReview);
        assert_eq!(
            (due.subject.as_str(), due.days_left),
            (&*case.name, 23),
            "C.1"
        );
        assert_eq!(
            (&*due.due_on, &*due.post_by_on),
            ("2025-04-30", "2025-04-23")
        );
        assert!(worklist(&world.reviewer(), PARENT).await.is_empty());
        assert!(worklist(&world.maker(), PARENT).await.is_empty());
        let other = world.at(Role::VillageClerk, "150203002002");
        assert!(worklist(&other, PARENT).await.is_empty());

        // A notice of eight days ago waits to be closed.
        world
            .report(&world.clerk(), &case.name, true)
            .await
            .expect("reported");
        world
            .sign(&world.head(), &case.name, true)
            .await
            .expect("signed");
        let notice = world.post(&world.clerk(), &[]).await.expect("posted");
        assert!(
            worklist(&world.clerk(), PARENT).await.is_empty(),
            "it hangs"
        );
        world.on(date!(2025 - 04 - 08));
        let [due] = &worklist(&world.clerk(), PARENT).await[..] else {
            panic!("one")
        };
        assert_eq!(due.duty(), DeadlineDuty::NoticeClosing);
        assert_eq!((&due.subject, due.days_left), (&notice.name, 0));
        let found = world.run_on(date!(2025 - 04 - 09)).await;
        assert_eq!(told(&found.flags[1]), [Told::Village, Told::Township]);
        world
            .close(&world.clerk(), &notice.name)
            .await
            .expect("closed");
        assert_eq!(world.run_on(date!(2025 - 04 - 10)).await.settled, 1);
        let [due] = &worklist(&world.reviewer(), PARENT).await[..] else {
            panic!("one")
        };
        assert_eq!((due.unit.as_str(), &*due.due_on), (TOWNSHIP, "2025-05-30"));
    })
    .await;
}

#[tokio::test]
async fn who_may_run_and_for_which_day() {
    on_every_world(async |world| {
        world.family_at(&Family::of(1), State::VReview).await;
        world.on(date!(2025 - 05 - 06));
        let (maker, city) = (world.maker(), world.registrar());
        let tomorrow = world.run(&maker, PARENT, date!(2025 - 05 - 07)).await;
        assert_eq!(at_fault(tomorrow), ["on"]);
        let today = date!(2025 - 05 - 06);
        let clerk = world.run(&world.clerk(), PARENT, today).await;
        assert_eq!(refused(clerk).0, Code::PermissionDenied);
        let inspector = world.run(&world.inspector(), PARENT, today).await;
        assert_eq!(refused(inspector).0, Code::PermissionDenied);
        let stranger = world.at(Role::CountyHealthReviewer, OTHER_COUNTY);
        let elsewhere = world.run(&stranger, PARENT, today).await;
        assert_eq!(refused(elsewhere).0, Code::NotFound);
        let everywhere = world.run(&maker, "counties/-", today).await;
        assert_eq!(refused(everywhere).0, Code::NotFound);

        let ask = pb::RunDeadlinesRequest {
            parent: "counties/-".into(),
            on: String::new(),
            request_id: "the-run".into(),
        };
        let first = city.deadlines().run_deadlines(ask.clone()).await;
        let first = first.expect("a run").into_inner();
        assert_eq!(first.on, "2025-05-06");
        assert_eq!(first.operations.len(), 10, "one of each county");
        let of_county = |it: &&yuhui_proto::operations::v1::Operation| it.object == PARENT;
        let own = first.operations.iter().find(of_county).expect("begun");
        let items = world.items_at_the_end(&own.name).await;
        assert_eq!(items, [], "no case was moved");
        assert_eq!(steps(&world.inspector()).await, [0, 1]);
        let again = city.deadlines().run_deadlines(ask.clone()).await;
        assert_eq!(again.expect("the first answer").into_inner(), first);
        let mut other = ask;
        other.parent = PARENT.into();
        other.request_id = "another".into();
        let nothing = city.deadlines().run_deadlines(other).await;
        let nothing = nothing.expect("a run").into_inner().operations;
        world.items_at_the_end(&nothing[0].name).await;
        assert_eq!(steps(&world.inspector()).await, [0, 1]);
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn a_worklist_comes_in_pages() {
    on_every_world(async |world| {
        let mut names = Vec::new();
        for serial in 1..=3 {
            let case = world.family_at(&Family::of(serial), State::VReview).await;
            names.push(case.name);
        }
        let mut ask = pb::ListDutiesRequest {
            parent: PARENT.into(),
            page_size: 2,
            ..pb::ListDutiesRequest::default()
        };
        let mut found = Vec::new();
        loop {
            let page = world.clerk().deadlines().list_duties(ask.clone()).await;
            let page = page.expect("a page").into_inner();
            assert!(page.duties.len() <= 2);
            found.extend(page.duties.into_iter().map(|it| it.subject));
            ask.page_token = page.next_page_token;
            if ask.page_token.is_empty() {
                break;
            }
        }
        assert_eq!(found, names);
    })
    .await;
}
