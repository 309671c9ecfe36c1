//! Missed days are seen, by whom they should be, and harm nobody (C.6, R-PRC-3, R-PRC-11).

use std::{collections::BTreeSet, sync::Arc};

use sea_orm::ConnectionTrait as _;
use time::{Date, macros::date};
use tonic::Status;
use yuhui_eligibility::jobs::{self, Offline};
use yuhui_kernel::Tenant;
use yuhui_policy::PolicyPack;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, DeadlineDuty, DeadlineOffice as Told, OverdueFlag, case::State},
    operations::v1 as operations,
    types::v1::Programme,
};

use crate::{
    books::Family,
    harness::{CITY, COUNTY, Office, PARENT, VILLAGE, World, on_every_world, refused},
    walk::act,
    watch::operations_of,
};

/// What came of a run.
#[derive(Debug)]
pub struct Came {
    pub flagged: usize,
    pub settled: usize,
    pub flags: Vec<OverdueFlag>,
    pub lapsed_holds: Vec<String>,
}

impl World {
    /// The county runs for a day, once it has come.
    pub async fn run_on(&self, on: Date) -> Came {
        self.on(on);
        self.run(&self.maker(), PARENT, on).await.expect("a run")
    }

    /// Runs to the end; what came of it in the county is what the county's inspector sees then.
    pub async fn run(&self, office: &Office, parent: &str, on: Date) -> Result<Came, Status> {
        let inspector = self.inspector();
        let before = seen_in(&inspector, PARENT, true).await;
        let mut items = Vec::new();
        for operation in self.begin_run(office, parent, on).await?.operations {
            items.extend(self.items_at_the_end(&operation.name).await);
        }
        let mut flags = seen_in(&inspector, PARENT, true).await;
        let key = |it: &OverdueFlag| (it.subject.clone(), it.duty, it.due_on.clone());
        let settled = |of: &[OverdueFlag]| {
            let settled = of.iter().filter(|it| !it.settled_on.is_empty());
            settled.map(key).collect::<BTreeSet<_>>().len()
        };
        let settled = settled(&flags) - settled(&before);
        flags.retain(|it| {
            let same = |old: &OverdueFlag| key(old) == key(it) && old.step == it.step;
            !before.iter().any(same)
        });
        let lapsed = items.into_iter().filter(|it| it.reason == "HOLD_OVER");
        Ok(Came {
            flagged: flags.len(),
            settled,
            flags,
            lapsed_holds: lapsed.map(|it| it.name).collect(),
        })
    }

    pub async fn begin_run(
        &self,
        office: &Office,
        parent: &str,
        on: Date,
    ) -> Result<pb::RunDeadlinesResponse, Status> {
        let ask = pb::RunDeadlinesRequest {
            parent: parent.into(),
            on: yuhui_kernel::dates::format(on),
            request_id: self.fresh(),
        };
        let answer = office.deadlines().run_deadlines(ask).await?;
        Ok(answer.into_inner())
    }
}

/// Flags an office sees in `parent`.
pub async fn seen_in(office: &Office, parent: &str, include_settled: bool) -> Vec<OverdueFlag> {
    let ask = pb::ListOverdueRequest {
        parent: parent.into(),
        min_step: -1,
        include_settled,
        ..pb::ListOverdueRequest::default()
    };
    let answer = office.deadlines().list_overdue(ask).await.expect("a list");
    answer.into_inner().flags
}

/// Steps an office sees in the county.
pub async fn steps(office: &Office) -> Vec<i32> {
    let flags = seen_in(office, PARENT, false).await;
    flags.iter().map(|it| it.step).collect()
}

/// What is due from an office.
pub async fn worklist(office: &Office, parent: &str) -> Vec<pb::DutyDue> {
    let ask = pb::ListDutiesRequest {
        parent: parent.into(),
        ..pb::ListDutiesRequest::default()
    };
    let answer = office.deadlines().list_duties(ask).await.expect("a list");
    answer.into_inner().duties
}

pub fn told(flag: &OverdueFlag) -> Vec<Told> {
    flag.told().collect()
}

#[tokio::test]
async fn a_county_that_cannot_be_looked_at_keeps_no_other_waiting() {
    on_every_world(async |world| {
        world.family_at(&Family::of(1), State::VReview).await;
        let (broken, well) = (
            Tenant::parse(COUNTY).expect("a county"),
            Tenant::parse("150204").expect("a county"),
        );
        let tx = world.db.begin(broken).await.expect("begun");
        let spoil = format!("UPDATE cases SET body = '{{' WHERE tenant = '{COUNTY}'");
        tx.connection()
            .execute_unprepared(&spoil)
            .await
            .expect("spoilt");
        tx.commit().await.expect("committed");
        let offline = Offline {
            db: world.db.clone(),
            clock: world.clock.clone(),
            pack: Arc::new(PolicyPack::baotou().clone()),
        };
        let on = date!(2025 - 05 - 01);
        world.on(on);
        let outcomes = jobs::run(&offline, on, &[broken, well]).await;
        let outcomes = outcomes.expect("a run");
        let done: Vec<_> = outcomes
            .iter()
            .map(|(it, done)| (*it, done.is_ok()))
            .collect();
        assert_eq!(done, [(broken, false), (well, true)]);
        // Nor does one that is asked for the whole city: what could begin is at work.
        let asked = world.begin_run(&world.registrar(), "counties/-", on).await;
        assert_eq!(refused(asked).0, tonic::Code::Internal);
        let begun = operations_of(&world, "150204").await;
        assert_eq!(begun.len(), 1);
        assert_eq!(begun[0].state(), operations::operation::State::Done);
    })
    .await;
}

#[tokio::test]
async fn an_overdue_village_is_escalated_level_by_level_and_the_case_goes_on() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        let name = case.name.as_str();
        let (clerk, reviewer, maker) = (world.clerk(), world.reviewer(), world.maker());
        let (city, inspector) = (world.registrar(), world.inspector());
        assert_eq!(world.run_on(date!(2025 - 04 - 30)).await.flagged, 0);

        let first = world.run_on(date!(2025 - 05 - 01)).await;
        let [flag] = &first.flags[..] else {
            panic!("{first:?}")
        };
        assert_eq!((flag.subject.as_str(), flag.unit.as_str()), (name, VILLAGE));
        assert_eq!(flag.duty(), DeadlineDuty::VillageReview);
        assert_eq!((flag.due_on.as_str(), flag.step), ("2025-04-30", 0));
        assert_eq!(told(flag), [Told::Village]);
        let again = world.run_on(date!(2025 - 05 - 01)).await;
        assert_eq!((again.flagged, again.settled), (0, 0), "twice without harm");
        assert_eq!(steps(&clerk).await, [0]);
        assert!(steps(&reviewer).await.is_empty());
        assert_eq!(steps(&inspector).await, [0], "R-PRC-3");
        assert_eq!(
            world.run_on(date!(2025 - 05 - 05)).await.flagged,
            0,
            "days off"
        );

        let escalated = world.run_on(date!(2025 - 05 - 06)).await;
        assert_eq!(told(&escalated.flags[0]), [Told::Village, Told::Township]);
        assert_eq!(steps(&reviewer).await, [1]);
        assert!(steps(&maker).await.is_empty());
        assert_eq!(world.run_on(date!(2025 - 05 - 11)).await.flagged, 0);
        assert_eq!(world.run_on(date!(2025 - 05 - 12)).await.flagged, 1);
        assert_eq!(steps(&reviewer).await, [1, 2]);
        assert_eq!(steps(&maker).await, [2]);
        assert!(seen_in(&city, "counties/-", false).await.is_empty());
        assert_eq!(world.run_on(date!(2025 - 05 - 16)).await.flagged, 0);
        let last = world.run_on(date!(2025 - 05 - 19)).await;
        let everybody = [
            Told::Village,
            Told::Township,
            Told::County,
            Told::City,
            Told::Supervision,
        ];
        assert_eq!(told(&last.flags[0]), everybody);
        assert_eq!(seen_in(&city, "counties/-", false).await.len(), 1);
        assert_eq!(seen_in(&city, PARENT, false).await.len(), 1);
        assert_eq!(
            world.run_on(date!(2025 - 06 - 03)).await.flagged,
            0,
            "once each"
        );

        let old = world.run(&maker, PARENT, date!(2025 - 05 - 07)).await;
        let old = old.expect("a run for an older date");
        assert_eq!((old.flagged, old.settled), (0, 0));

        // The case goes on, and what was missed is settled with its day.
        world.on(date!(2025 - 06 - 03));
        world.bring(name, Programme::P1, State::TReview).await;
        let passed_on = world.look(name).await.update_time.expect("a time");
        assert!(passed_on.seconds > 0);
        let old = world.run(&maker, PARENT, date!(2025 - 06 - 05)).await;
        assert_eq!(old.expect("a run").settled, 0, "then it was still there");
        // The township got it on 11 June, after its own last posting day.
        assert_eq!(world.run_on(date!(2025 - 06 - 13)).await.settled, 1);
        assert!(steps(&inspector).await.is_empty());
        let history = seen_in(&inspector, PARENT, true).await;
        assert_eq!(history.len(), 4);
        assert!(
            history.iter().all(|it| it.settled_on == "2025-06-11"),
            "{history:?}"
        );
        let confirmed = world.bring(name, Programme::P1, State::Confirmed).await;
        assert_eq!(confirmed.state(), State::Confirmed);
        let entries = world.audited().await;
        let count = |action: &str| entries.iter().filter(|it| it.action == action).count();
        assert_eq!((count("deadline.flag"), count("deadline.settle")), (4, 1));
    })
    .await;
}

#[tokio::test]
async fn one_late_run_finds_every_step_it_missed() {
    on_every_world(async |world| {
        world.family_at(&Family::of(1), State::VReview).await;
        let found = world.run_on(date!(2025 - 05 - 19)).await;
        let reached: Vec<_> = found.flags.iter().map(|it| &*it.reached_on).collect();
        assert_eq!(
            reached,
            ["2025-05-01", "2025-05-06", "2025-05-12", "2025-05-19"]
        );
        assert!(found.flags.iter().all(|it| it.flagged_on == "2025-05-19"));
    })
    .await;
}

#[tokio::test]
async fn a_correction_is_reminded_of_and_never_refused_by_its_day() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::VReview).await;
        let (name, defects) = (case.name.clone(), vec!["缺户口簿".to_owned()]);
        let clerk = world.clerk();
        let returned = act!(
            world,
            clerk,
            return_case,
            ReturnCaseRequest { name, defects }
        );
        assert_eq!(returned.expect("returned").return_due_on, "2025-03-24");
        let mother = world.applicant(&family.mother);
        let [due] = &worklist(&mother, PARENT).await[..] else {
            panic!("one")
        };
        assert_eq!((due.duty(), due.days_left), (DeadlineDuty::Correction, 14));
        let stranger = world.applicant(&Family::of(2).mother);
        assert!(worklist(&stranger, PARENT).await.is_empty());
        assert!(worklist(&clerk, PARENT).await.is_empty(), "not its turn");

        assert_eq!(world.run_on(date!(2025 - 03 - 18)).await.flagged, 0);
        let reminder = world.run_on(date!(2025 - 03 - 19)).await;
        assert_eq!((reminder.flags[0].step, reminder.flagged), (-1, 1));
        assert!(steps(&world.maker()).await.is_empty());
        let overdue = world.run_on(date!(2025 - 03 - 25)).await;
        assert_eq!((overdue.flags[0].step, overdue.flagged), (0, 1));
        assert_eq!(steps(&world.maker()).await, [0]);
        // Its office's own day passes meanwhile: the clock stands.
        assert_eq!(world.run_on(date!(2025 - 06 - 30)).await.flagged, 0);
        assert_eq!(world.look(&case.name).await.state(), State::Returned, "F6");
        let (name, answer) = (case.name.clone(), "已补交".to_owned());
        let back = act!(
            world,
            clerk,
            resubmit_case,
            ResubmitCaseRequest { name, answer }
        );
        assert_eq!(back.expect("back").state(), State::VReview);
        let run = world.run_on(date!(2025 - 06 - 30)).await;
        assert_eq!((run.flagged, run.settled), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_report_nobody_answers_goes_up_after_ten_working_days() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::TReview).await;
        world.on(date!(2025 - 06 - 03));
        world
            .object(&world.maker(), &case.name)
            .await
            .expect("recorded");
        assert_eq!(world.run_on(date!(2025 - 06 - 17)).await.flagged, 0);
        let found = world.run_on(date!(2025 - 06 - 18)).await;
        assert_eq!(found.flags[0].duty(), DeadlineDuty::Inquiry, "R-PRC-11");
        let up = [Told::County, Told::City, Told::Supervision];
        assert_eq!(told(&found.flags[0]), up);
        assert_eq!(
            seen_in(&world.registrar(), "counties/-", false).await.len(),
            2
        );
        use pb::resolve_inquiry_request::Outcome;
        world
            .resolve(&case.name, Outcome::Resume)
            .await
            .expect("resumed");
        assert_eq!(world.run_on(date!(2025 - 06 - 18)).await.settled, 1);
    })
    .await;
}

#[tokio::test]
async fn rosters_shares_and_payment_have_their_days() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Rostered).await;
        let (roster, name) = (case.roster.as_str(), case.name.as_str());
        let (city, finance) = (
            world.registrar(),
            world.at(Role::CountyFinanceMaker, COUNTY),
        );
        let bank = world.at(Role::BankOperator, CITY);
        let [due] = &worklist(&city, "counties/-").await[..] else {
            panic!("one")
        };
        assert_eq!((due.subject.as_str(), &*due.due_on), (roster, "2025-08-15"));
        assert!(worklist(&finance, PARENT).await.is_empty());
        assert_eq!(world.run_on(date!(2025 - 08 - 15)).await.flagged, 0);
        let found = world.run_on(date!(2025 - 08 - 18)).await;
        assert_eq!(found.flags[0].duty(), DeadlineDuty::CityRecording);
        assert_eq!(seen_in(&city, "counties/-", false).await.len(), 2);
        assert!(steps(&world.maker()).await.is_empty());

        world.bring(name, Programme::P1, State::Recorded).await;
        assert_eq!(world.run_on(date!(2025 - 09 - 30)).await.settled, 1);
        let [due] = &worklist(&finance, PARENT).await[..] else {
            panic!("one")
        };
        assert_eq!((due.duty(), due.days_left), (DeadlineDuty::Funding, 0));
        assert_eq!(due.office(), Told::Finance);
        for day in [date!(2025 - 10 - 09), date!(2025 - 10 - 10)] {
            let daily = world.run_on(day).await;
            let [flag] = &daily.flags[..] else {
                panic!("{daily:?}")
            };
            assert_eq!(flag.duty(), DeadlineDuty::Funding);
            assert_eq!(
                told(flag),
                [
                    Told::City,
                    Told::CountyFinance,
                    Told::CityFinance,
                    Told::Supervision
                ]
            );
        }
        assert_eq!(steps(&finance).await, [9, 10]);
        assert!(seen_in(&bank, "counties/-", false).await.is_empty());

        world.funded(roster).await;
        assert_eq!(world.run_on(date!(2025 - 10 - 31)).await.settled, 1);
        let [due] = &worklist(&bank, "counties/-").await[..] else {
            panic!("one")
        };
        assert_eq!((due.duty(), due.days_left), (DeadlineDuty::Payment, 0));
        let late = world.run_on(date!(2025 - 11 - 03)).await;
        assert_eq!((late.flags[0].step, late.flagged), (0, 2));
        assert_eq!(seen_in(&bank, "counties/-", false).await.len(), 2);
        world.check().await.expect("checked");
        world.sent(name).await;
        world.settled(name, true).await;
        let over = world.run_on(date!(2025 - 11 - 13)).await;
        assert_eq!((over.flagged, over.settled), (0, 1));
        assert!(worklist(&bank, "counties/-").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn runs_at_the_same_time_flag_everything_once() {
    on_every_world(async |world| {
        for serial in 1..=5 {
            world.on(date!(2025 - 03 - 10));
            world.family_at(&Family::of(serial), State::VReview).await;
        }
        let on = date!(2025 - 05 - 19);
        world.on(on);
        let (maker, checker, city) = (world.maker(), world.checker(), world.registrar());
        let runs = tokio::join!(
            world.begin_run(&maker, PARENT, on),
            world.begin_run(&checker, PARENT, on),
            world.begin_run(&city, PARENT, on)
        );
        for run in [runs.0, runs.1, runs.2] {
            let run = run.expect("each waits for the other");
            world.items_at_the_end(&run.operations[0].name).await;
        }
        let flags = seen_in(&world.inspector(), PARENT, true).await;
        assert_eq!(flags.len(), 20, "five cases, four steps");
        let entries = world.audited().await;
        let written = entries.iter().filter(|it| it.action == "deadline.flag");
        assert_eq!(written.count(), 1);
    })
    .await;
}
