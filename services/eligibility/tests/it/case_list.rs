//! Lists of cases: narrowed, in order, page by page; looked for by receipt, number and name.

use std::collections::BTreeSet;

use time::macros::date;
use tonic::Status;
use yuhui_eligibility::Migrator;
use yuhui_kernel::Tenant;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, CaseFilter, CaseFlag, CaseOrder, PendingProposal, case::State},
    types::v1::{Decision, Programme},
};

use crate::{
    books::{Family, credit_code, nursery, nursery_claim},
    harness::{
        COUNTY, OTHER_COUNTY, Office, PARENT, TOWNSHIP, VILLAGE, World, at_fault, on_every_world,
        refused,
    },
    stores::on_every_store,
    walk::act,
    work_arranged::{arranged, execute},
};

async fn page(
    office: &Office,
    filter: CaseFilter,
    order: CaseOrder,
    page_token: &str,
) -> Result<pb::ListCasesResponse, Status> {
    let ask = pb::ListCasesRequest {
        parent: PARENT.into(),
        page_size: 2,
        page_token: page_token.into(),
        filter: Some(filter),
        order: order.into(),
    };
    Ok(office.cases().list_cases(ask).await?.into_inner())
}

/// Names of the whole list, in pages of two.
async fn listed(office: &Office, filter: CaseFilter, order: CaseOrder) -> Vec<String> {
    let (mut names, mut token) = (Vec::new(), String::new());
    loop {
        let page = page(office, filter.clone(), order, &token)
            .await
            .expect("a page");
        names.extend(page.cases.into_iter().map(|it| it.name));
        token = page.next_page_token;
        if token.is_empty() {
            let distinct: BTreeSet<_> = names.iter().collect();
            assert_eq!(distinct.len(), names.len(), "none twice: {names:?}");
            return names;
        }
    }
}

/// Names of what a filter leaves, by name.
async fn narrowed(office: &Office, filter: CaseFilter) -> Vec<String> {
    listed(office, filter, CaseOrder::Name).await
}

fn text(text: &str) -> CaseFilter {
    CaseFilter {
        text: text.into(),
        ..CaseFilter::default()
    }
}

fn sorted<const N: usize>(mut names: [&pb::Case; N]) -> Vec<String> {
    names.sort_by(|a, b| a.name.cmp(&b.name));
    names.map(|it| it.name.clone()).to_vec()
}

#[tokio::test]
async fn cases_are_found_by_receipt_by_number_and_by_name() {
    on_every_world(async |world| {
        let (one, other) = (Family::of(1), Family::of(2));
        let first = world.family_at(&one, State::VReview).await;
        other.register(&world);
        let claim = pb::Claim {
            claimant_name: "阿依古丽·买买提".into(),
            account: Some(pb::BankAccount {
                holder_name: "阿依古丽·买买提".into(),
                ..other.claim().account.expect("one")
            }),
            ..other.claim()
        };
        let second = world.lodge(&world.clerk(), claim).await.expect("lodged");
        let code = nursery(&world, 1, 1);
        let nursery = world.lodge(&world.maker(), nursery_claim(&code)).await;
        let nursery = nursery.expect("lodged");
        let maker = world.maker();
        for (sought, found) in [
            (first.receipt_number.as_str(), &first),
            (&second.receipt_number.to_lowercase(), &second),
            (&one.mother, &first),
            (&one.second, &first),
            ("阿依古丽・买买提", &second),
            (" 阿依古丽 · 买买提", &second),
            (&code, &nursery),
        ] {
            assert_eq!(
                narrowed(&maker, text(sought)).await,
                [found.name.as_str()],
                "{sought}"
            );
        }
        assert_eq!(narrowed(&maker, text("某女")).await, [first.name.as_str()]);
        for nobody in [
            "阿依古丽",
            "张某",
            &one.father,
            &credit_code(99),
            "150203P120250310AAAA",
        ] {
            assert!(narrowed(&maker, text(nobody)).await.is_empty(), "{nobody}");
        }
        // A name that is taken back is found no more, the corrected one is.
        let both = CaseFilter {
            states: vec![State::Lodged.into()],
            ..text("某女")
        };
        assert!(narrowed(&maker, both).await.is_empty(), "all fields hold");
        let page = page(&maker, text("123456"), CaseOrder::Name, "").await;
        assert_eq!(at_fault(page), ["filter.text"]);
    })
    .await;
}

#[tokio::test]
async fn a_list_is_narrowed_by_what_a_case_has_come_to() {
    on_every_world(async |world| {
        let review = world.family_at(&Family::of(1), State::VReview).await;
        let held = world.family_at(&Family::of(2), State::TReview).await;
        world.hold(&held.name).await.expect("held");
        let proposed = world.family_at(&Family::of(3), State::CReview).await;
        let asked = world.propose_rejection(&proposed.name, "NO_STANDING").await;
        asked.expect("proposed");
        let rejected = world.rejected(&Family::of(4)).await;
        let objected = world.family_at(&Family::of(5), State::VReview).await;
        let object = world.object(&world.clerk(), &objected.name).await;
        object.expect("recorded");
        let maker = world.maker();
        let all = sorted([&review, &held, &proposed, &rejected, &objected]);
        assert_eq!(narrowed(&maker, CaseFilter::default()).await, all);
        let flags = |flag: CaseFlag| CaseFilter {
            flags: vec![flag.into()],
            ..CaseFilter::default()
        };
        assert_eq!(
            narrowed(&maker, flags(CaseFlag::KeptBack)).await,
            sorted([&held, &objected])
        );
        let of = |it: &[PendingProposal]| CaseFilter {
            proposals: it.iter().map(|it| (*it).into()).collect(),
            ..CaseFilter::default()
        };
        let rejection = [PendingProposal::Rejection];
        assert_eq!(
            narrowed(&maker, of(&rejection)).await,
            [proposed.name.as_str()]
        );
        let others = [PendingProposal::Termination, PendingProposal::FraudFinding];
        assert!(narrowed(&maker, of(&others)).await.is_empty());
        let decided = CaseFilter {
            decisions: vec![Decision::Reject.into()],
            reasons: vec!["NO_STANDING".into()],
            rounds: vec![rejected.round],
            programmes: vec![Programme::P1.into(), Programme::P2.into()],
            ..CaseFilter::default()
        };
        assert_eq!(
            narrowed(&maker, decided.clone()).await,
            [rejected.name.as_str()]
        );
        let none = CaseFilter {
            reasons: vec!["DUPLICATE".into()],
            ..decided
        };
        assert!(narrowed(&maker, none).await.is_empty());
        let within = |units: &[&str]| CaseFilter {
            units: units.iter().map(|it| (*it).into()).collect(),
            ..CaseFilter::default()
        };
        assert_eq!(narrowed(&maker, within(&[TOWNSHIP])).await.len(), 5);
        assert_eq!(
            narrowed(&maker, within(&["150203003", VILLAGE]))
                .await
                .len(),
            5
        );
        assert!(narrowed(&maker, within(&["150203003"])).await.is_empty());
        // Nobody reaches further by a filter than without one.
        let elsewhere = world.at(Role::TownshipReviewer, "150203003");
        assert!(narrowed(&elsewhere, within(&[TOWNSHIP])).await.is_empty());
        let mother = world.applicant(&Family::of(1).mother);
        assert_eq!(
            narrowed(&mother, within(&[TOWNSHIP])).await,
            [review.name.as_str()]
        );
        assert!(
            narrowed(&mother, text(&Family::of(2).mother))
                .await
                .is_empty()
        );
        let ask = pb::ListCasesRequest {
            parent: format!("counties/{OTHER_COUNTY}"),
            ..Default::default()
        };
        assert_eq!(refused(maker.cases().list_cases(ask).await).1, "NOT_FOUND");
        // The day by which the village must have reported is over.
        let overdue = flags(CaseFlag::Overdue);
        assert!(narrowed(&maker, overdue.clone()).await.is_empty());
        world.on(date!(2025 - 06 - 30));
        let found = narrowed(&maker, overdue).await;
        assert!(found.contains(&review.name), "{found:?}");
        let due = |from: &str, to: &str| CaseFilter {
            due_from_on: from.into(),
            due_to_on: to.into(),
            ..CaseFilter::default()
        };
        let found = narrowed(&maker, due("2025-03-10", "2025-06-29")).await;
        assert!(found.contains(&review.name), "{found:?}");
        assert!(narrowed(&maker, due("2026-01-01", "")).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_list_comes_in_its_order_and_its_token_is_of_no_other() {
    on_every_world(async |world| {
        let mut cases = Vec::new();
        for serial in 1..=5 {
            world.on(date!(2025 - 03 - 10) + time::Duration::days(i64::from(serial)));
            cases.push(world.family_at(&Family::of(serial), State::Lodged).await);
        }
        let maker = world.maker();
        let names = |order: &[usize]| -> Vec<String> {
            order.iter().map(|it| cases[*it].name.clone()).collect()
        };
        let all = CaseFilter::default;
        assert_eq!(
            listed(&maker, all(), CaseOrder::Lodged).await,
            names(&[0, 1, 2, 3, 4])
        );
        assert_eq!(
            listed(&maker, all(), CaseOrder::Newest).await,
            names(&[4, 3, 2, 1, 0])
        );
        assert_eq!(listed(&maker, all(), CaseOrder::Due).await.len(), 5);
        let since = cases[3].update_time;
        world.on(date!(2025 - 03 - 20));
        world
            .accept(&world.clerk(), &cases[1].name)
            .await
            .expect("accepted");
        assert_eq!(
            listed(&maker, all(), CaseOrder::Newest).await,
            names(&[1, 4, 3, 2, 0])
        );
        let changed = CaseFilter {
            changed_since: since,
            ..all()
        };
        assert_eq!(
            listed(&maker, changed.clone(), CaseOrder::Newest).await,
            names(&[1, 4, 3])
        );

        let first = page(&maker, changed.clone(), CaseOrder::Newest, "")
            .await
            .expect("a page");
        let token = first.next_page_token;
        page(&maker, changed.clone(), CaseOrder::Newest, &token)
            .await
            .expect("the next");
        for (office, filter, order) in [
            (&maker, changed.clone(), CaseOrder::Due),
            (&maker, all(), CaseOrder::Newest),
            (&world.reviewer(), changed.clone(), CaseOrder::Newest),
        ] {
            let other = page(office, filter, order, &token).await;
            assert_eq!(at_fault(other), ["page_token"]);
        }
        let moment = prost_types::Timestamp {
            seconds: 0,
            nanos: -1,
        };
        let never = CaseFilter {
            changed_since: Some(moment),
            ..all()
        };
        let never = page(&maker, never, CaseOrder::Name, "").await;
        assert_eq!(at_fault(never), ["filter.changed_since"]);
    })
    .await;
}

/// Everything that the county finds.
async fn found(world: &World) -> Vec<Vec<String>> {
    let maker = world.maker();
    let closed = CaseFilter {
        decisions: vec![Decision::Reject.into()],
        ..CaseFilter::default()
    };
    let mut all = Vec::new();
    for filter in [text("某女"), text(&Family::of(6).second), closed] {
        all.push(narrowed(&maker, filter).await);
    }
    all.push(listed(&maker, CaseFilter::default(), CaseOrder::Newest).await);
    all.push(listed(&maker, CaseFilter::default(), CaseOrder::Due).await);
    all
}

#[tokio::test]
async fn a_database_of_the_version_before_shows_its_cases_and_finds_them() {
    on_every_store::<Migrator>(async |db, file| {
        // Slices of two, so that the way has many.
        let world = World::in_slices(db, 2);
        for serial in 1..=4 {
            world.family_at(&Family::of(serial), State::VReview).await;
        }
        world.rejected(&Family::of(5)).await;
        let withdrawn = world.family_at(&Family::of(6), State::Lodged).await;
        let withdrawn = world.withdraw(&world.clerk(), &withdrawn.name).await;
        let (name, maker) = (withdrawn.expect("withdrawn").name, world.maker());
        let closed = act!(world, maker, close_case, CloseCaseRequest { name });
        assert_eq!(closed.expect("archived").state(), State::Closed);
        let before = found(&world).await;
        assert!(before.iter().all(|it| !it.is_empty()), "{before:#?}");
        let named = narrowed(&world.maker(), CaseFilter::default()).await;
        if file.is_some() {
            // As it was before the migration, which is done again.
            execute(
                &world,
                "DROP TABLE case_list;
                 DELETE FROM seaql_migrations WHERE version = 'm0018_case_list'",
            )
            .await;
            world.db.migrate::<Migrator>().await.expect("migrated");
        } else {
            execute(
                &world,
                "UPDATE case_list SET subject_ref = '', name_ref = '', decision = '', changed_at = 0,
                 rank_on = '9999-12-31'",
            )
            .await;
        }
        let listed = narrowed(&world.maker(), CaseFilter::default()).await;
        assert_eq!(listed, named, "none is missing meanwhile");
        assert!(narrowed(&world.maker(), text("某女")).await.is_empty());
        arranged(&world, 1).await;
        assert_eq!(found(&world).await, before);
        // What an older replica writes beside it is found on the next day.
        let county = Tenant::parse(COUNTY).expect("a county");
        execute(&world, &format!("UPDATE case_list SET decision = 'REFER' WHERE tenant = '{county}'")).await;
        world.on(date!(2025 - 03 - 11));
        arranged(&world, 2).await;
        let open = CaseFilter {
            decisions: vec![Decision::Pay.into()],
            ..CaseFilter::default()
        };
        assert_eq!(narrowed(&world.maker(), open).await.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn steps_come_in_pages() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CReview).await;
        let (mut steps, mut page_token) = (Vec::new(), String::new());
        loop {
            let ask = pb::ListTransitionsRequest {
                parent: case.name.clone(),
                page_size: 2,
                page_token,
            };
            let page = world.maker().cases().list_transitions(ask).await;
            let page = page.expect("a page").into_inner();
            assert!(page.transitions.len() <= 2);
            steps.extend(page.transitions);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let ask = pb::ListTransitionsRequest {
            parent: case.name.clone(),
            ..Default::default()
        };
        let whole = world.maker().cases().list_transitions(ask).await;
        assert_eq!(steps, whole.expect("all").into_inner().transitions);
        assert!(steps.len() > 6, "{steps:#?}");
        let ask = pb::ListTransitionsRequest {
            parent: case.name,
            page_token: "AAAA".into(),
            ..Default::default()
        };
        let strange = world.maker().cases().list_transitions(ask).await;
        assert_eq!(at_fault(strange), ["page_token"]);
    })
    .await;
}
