//! Who made a report is nobody's to know, and one that is not answered goes up (F26, R-PRC-11).

use time::macros::date;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::DeadlineDuty,
    portal::v1::{self as pb, ReportKind, ReportState},
    work::v1::{ListWorkItemsRequest, WorkAct},
};

use crate::{
    deadlines::{seen_in, worklist},
    harness::{Office, PARENT, VILLAGE, World, on_every_world, refused},
};

#[tokio::test]
async fn nobody_learns_who_reported_but_discipline_inspection_on_record() {
    on_every_world(async |world| {
        let ask = pb::SubmitReportRequest {
            kind: ReportKind::Report.into(),
            words: "村负责人截留补贴".into(),
            contact: "王五 13900000001".into(),
            ..Default::default()
        };
        world.submit_as(&world.clerk(), ask).await.expect("taken");
        let all = world.reports(&world.maker(), PARENT).await.expect("listed");
        let report = world
            .read(&world.maker(), &all[0].name)
            .await
            .expect("read");
        assert!(report.has_contact);
        assert!(!format!("{report:?}").contains("13900000001"));
        let entries = world.audited().await;
        let entry = entries.iter().find(|it| it.action == "report.submit");
        let entry = entry.expect("an entry");
        assert_eq!((&*entry.actor, &*entry.name, &*entry.unit), ("", "", ""));
        assert_eq!((entry.remote.as_deref(), &*entry.session), (None, ""));

        let ask = |world: &World| pb::RevealContactRequest {
            name: report.name.clone(),
            purpose: "核实线索".into(),
            request_id: world.fresh(),
        };
        for office in [
            world.maker(),
            world.checker(),
            world.at(Role::CountyAuditor, "150203"),
        ] {
            let nothing = office.reports().reveal_contact(ask(&world)).await;
            assert_eq!(refused(nothing).1, "PERMISSION_DENIED");
        }
        let told = world
            .inspector()
            .reports()
            .reveal_contact(ask(&world))
            .await;
        assert_eq!(told.expect("told").into_inner().contact, "王五 13900000001");
        let entries = world.audited().await;
        let told = entries
            .iter()
            .find(|it| it.action == "report.reveal_contact");
        assert_eq!(told.expect("an entry").reason, "核实线索");
    })
    .await;
}

#[tokio::test]
async fn a_report_that_is_not_answered_goes_up() {
    on_every_world(async |world| {
        let ask = pb::SubmitReportRequest {
            kind: ReportKind::Report.into(),
            unit: VILLAGE.into(),
            words: "反映问题".into(),
            ..Default::default()
        };
        let report = world.submit(ask).await.expect("taken");
        let name = world.reports(&world.clerk(), PARENT).await.expect("listed");
        let name = name[0].name.clone();
        let waits = worklist(&world.clerk(), PARENT).await;
        let waits: Vec<_> = waits.iter().filter(|it| it.subject == name).collect();
        assert_eq!(waits.len(), 1);
        assert_eq!(
            (waits[0].duty(), &*waits[0].due_on, waits[0].days_left),
            (DeadlineDuty::Answer, "2025-03-24", 14)
        );
        let queued = async |office: &Office| {
            let ask = ListWorkItemsRequest {
                parent: PARENT.into(),
                ..Default::default()
            };
            let answer = office.work().list_work_items(ask).await.expect("a queue");
            let items = answer.into_inner().items.into_iter();
            items
                .filter(|it| it.object == name)
                .map(|it| (it.act(), it.due_on))
                .collect::<Vec<_>>()
        };
        let waits = [(WorkAct::AnswerReport, "2025-03-24".to_owned())];
        assert_eq!(queued(&world.clerk()).await, waits);
        assert!(queued(&world.maker()).await.is_empty());
        assert!(
            worklist(&world.maker(), PARENT)
                .await
                .iter()
                .all(|it| it.subject != name)
        );

        let overdue = async |office: &Office, settled: bool| {
            let flags = seen_in(office, PARENT, settled).await;
            flags.into_iter().filter(|it| it.subject == name).count()
        };
        world.on(date!(2025 - 03 - 24));
        world
            .run(&world.maker(), PARENT, date!(2025 - 03 - 24))
            .await
            .expect("a run");
        assert_eq!(
            overdue(&world.inspector(), true).await,
            0,
            "the day itself is in time"
        );
        world.on(date!(2025 - 03 - 25));
        world
            .run(&world.maker(), PARENT, date!(2025 - 03 - 25))
            .await
            .expect("a run");
        for office in [
            world.clerk(),
            world.maker(),
            world.registrar(),
            world.inspector(),
        ] {
            // The next day is a working day, so that it goes up at once.
            assert_eq!(overdue(&office, false).await, 2);
        }
        assert_eq!(overdue(&world.reviewer(), false).await, 0);
        let read = world.read(&world.clerk(), &name).await.expect("read");
        world
            .answer_report_as(&world.clerk(), &name, &read.etag)
            .await
            .expect("answered");
        world
            .run(&world.maker(), PARENT, date!(2025 - 03 - 25))
            .await
            .expect("a run");
        assert!(queued(&world.clerk()).await.is_empty());
        assert_eq!(overdue(&world.inspector(), false).await, 0, "settled");
        assert_eq!(
            overdue(&world.inspector(), true).await,
            2,
            "and not forgotten"
        );
        assert_eq!(world.track(&report).await.state(), ReportState::Answered);
    })
    .await;
}
