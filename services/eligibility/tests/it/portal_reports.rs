//! Objections and reports of the public: what they stop, who hears them, that they are answered (F26, R-PRC-11, 七2).

use time::macros::date;
use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as eligibility, case::State, resolve_inquiry_request::Outcome},
    portal::v1::{self as pb, ReportKind, ReportState},
};

use crate::{
    books::Family,
    harness::{
        CITY, OTHER_COUNTY, Office, PARENT, TOWNSHIP, VILLAGE, World, at_fault, denied,
        on_every_world, refused,
    },
};

impl World {
    /// Somebody who has not signed in reports something.
    pub async fn submit(
        &self,
        ask: pb::SubmitReportRequest,
    ) -> Result<pb::SubmitReportResponse, Status> {
        self.submit_as(&self.anybody(), ask).await
    }

    pub async fn submit_as(
        &self,
        office: &Office,
        ask: pb::SubmitReportRequest,
    ) -> Result<pb::SubmitReportResponse, Status> {
        let ask = pb::SubmitReportRequest {
            parent: PARENT.into(),
            request_id: format!("{:0>20}", self.fresh()),
            ..ask
        };
        Ok(office.reports().submit_report(ask).await?.into_inner())
    }

    pub async fn track(&self, report: &pb::SubmitReportResponse) -> pb::TrackedReport {
        let ask = pb::GetReportRequest {
            tracking_number: report.tracking_number.clone(),
            code: report.code.clone(),
        };
        let answer = self.anybody().reports().get_report(ask).await;
        answer.expect("told").into_inner().report.expect("it")
    }

    pub async fn reports(
        &self,
        office: &Office,
        parent: &str,
    ) -> Result<Vec<pb::StaffReport>, Status> {
        let ask = pb::ListReportsRequest {
            parent: parent.into(),
            ..Default::default()
        };
        let answer = office.reports().list_reports(ask).await?;
        Ok(answer.into_inner().reports)
    }

    pub async fn read(&self, office: &Office, name: &str) -> Result<pb::StaffReport, Status> {
        let ask = pb::GetStaffReportRequest { name: name.into() };
        let answer = office.reports().get_staff_report(ask).await?;
        Ok(answer.into_inner().report.expect("it"))
    }

    async fn admit(&self, office: &Office, name: &str) -> Result<pb::StaffReport, Status> {
        let ask = pb::AdmitReportRequest {
            name: name.into(),
            request_id: self.fresh(),
        };
        let answer = office.reports().admit_report(ask).await?;
        Ok(answer.into_inner().report.expect("it"))
    }

    pub async fn answer_report_as(
        &self,
        office: &Office,
        name: &str,
        etag: &str,
    ) -> Result<pb::StaffReport, Status> {
        let ask = pb::AnswerReportRequest {
            name: name.into(),
            answer: "经核查，反映情况不属实".into(),
            etag: etag.into(),
            request_id: self.fresh(),
        };
        let answer = office.reports().answer_report(ask).await?;
        Ok(answer.into_inner().report.expect("it"))
    }
}

fn objection(notice: &str, line: i32) -> pb::SubmitReportRequest {
    pb::SubmitReportRequest {
        kind: ReportKind::Objection.into(),
        notice: notice.into(),
        line,
        words: "该户长期不在本地居住".into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn an_objection_of_a_stranger_holds_the_notice_stops_the_case_and_is_answered() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VNotice).await;
        let other = world.family_at(&Family::of(2), State::VNotice).await;
        let notice = world.post(&world.clerk(), &[]).await.expect("posted");
        let line = notice.lines.iter().find(|it| it.case == case.name);
        let line = line.expect("its line").number;
        let report = world.submit(objection(&notice.name, line)).await;
        let report = report.expect("taken");
        assert_eq!(report.answer_by_on, "2025-03-24", "ten working days");
        let seen = world.track(&report).await;
        assert_eq!(
            (seen.state(), &*seen.answer, &*seen.answer_by_on),
            (ReportState::Waiting, "", "2025-03-24")
        );
        assert_eq!(world.look(&case.name).await.state(), State::VNotice);

        let clerk = world.clerk();
        let listed = world.reports(&clerk, PARENT).await.expect("listed");
        assert_eq!(listed.len(), 1);
        let name = listed[0].name.as_str();
        assert_eq!(
            (&*listed[0].case, &*listed[0].unit, &*listed[0].words),
            (&*case.name, VILLAGE, "")
        );
        let read = world.read(&clerk, name).await.expect("read");
        assert_eq!(read.words, "该户长期不在本地居住");
        let unheard = world
            .answer_report_as(&world.checker(), name, &read.etag)
            .await;
        assert_eq!(
            refused(unheard),
            (Code::FailedPrecondition, "REPORT_NOT_ADMITTED".into()),
            "an objection is not set aside"
        );
        world.on(date!(2025 - 03 - 18));
        let held = world.close(&clerk, &notice.name).await;
        assert_eq!(refused(held).1, "OBJECTION_WAITS");

        let admitted = world.admit(&clerk, name).await.expect("taken up");
        assert_eq!(
            (admitted.state(), &*admitted.admitted_on),
            (ReportState::Admitted, "2025-03-18")
        );
        assert_eq!(world.look(&case.name).await.state(), State::Inquiry);
        assert_eq!(refused(world.admit(&clerk, name).await).1, "REPORT_STATE");
        let early = world.answer_report_as(&clerk, name, &admitted.etag).await;
        assert_eq!(refused(early).1, "INQUIRY_OPEN");
        assert_eq!(world.close(&clerk, &notice.name).await.expect("closed"), 1);
        assert_eq!(world.look(&other.name).await.state(), State::TReview);

        let recorder = world.report_inquiry(&clerk, &case.name).await;
        assert_eq!(
            denied(recorder),
            "DYN-1",
            "who took it up looks not into it"
        );
        let back = world.resolve(&case.name, Outcome::Resume).await;
        let back = back.expect("over");
        assert_eq!(
            (back.state(), &*back.notice),
            (State::VNotice, ""),
            "seven days anew"
        );
        let stale = world.answer_report_as(&clerk, name, &read.etag).await;
        assert_eq!(refused(stale).0, Code::Aborted);
        let answered = world.answer_report_as(&clerk, name, &admitted.etag).await;
        let answered = answered.expect("answered");
        let twice = world
            .answer_report_as(&world.maker(), name, &answered.etag)
            .await;
        assert_eq!(refused(twice).1, "REPORT_STATE");
        let seen = world.track(&report).await;
        assert_eq!(
            (seen.state(), &*seen.answer, &*seen.answered_on),
            (
                ReportState::Answered,
                "经核查，反映情况不属实",
                "2025-03-18"
            )
        );

        let ask = eligibility::ListTransitionsRequest {
            parent: case.name.clone(),
            ..Default::default()
        };
        let steps = world.maker().cases().list_transitions(ask).await;
        let steps = format!("{:?}", steps.expect("listed").into_inner());
        assert!(
            steps.contains(name) && !steps.contains("长期不在"),
            "{steps}"
        );
    })
    .await;
}

#[tokio::test]
async fn what_a_report_is_about_is_looked_into_as_far_as_the_law_stops_it() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VNotice).await;
        let notice = world.post(&world.clerk(), &[]).await.expect("posted");
        let [first, second] = [(); 2].map(|()| objection(&notice.name, 1));
        world.submit(first).await.expect("taken");
        world.submit(second).await.expect("taken");
        let all = world.reports(&world.maker(), PARENT).await.expect("listed");
        world
            .admit(&world.clerk(), &all[0].name)
            .await
            .expect("taken up");
        // The case is looked into already; what is said of it then is looked into with it.
        let again = world.admit(&world.maker(), &all[1].name).await;
        assert_eq!(again.expect("taken up").state(), ReportState::Admitted);
        assert_eq!(world.look(&case.name).await.state(), State::Inquiry);

        // A report about what is paid is answered; nothing can be stopped any more.
        let paid = world.family_at(&Family::of(2), State::CNotice).await;
        let notice = world.post(&world.maker(), &[]).await.expect("posted");
        let line = notice.lines.iter().position(|it| it.case == paid.name);
        let line = i32::try_from(line.expect("a line") + 1).expect("small");
        world.on(date!(2025 - 04 - 10));
        let late = world.submit(objection(&notice.name, line)).await;
        assert_eq!(refused(late).1, "NOTICE_NOT_IN_FORCE");
        let ask = pb::SubmitReportRequest {
            kind: ReportKind::Report.into(),
            ..objection(&notice.name, line)
        };
        world.submit(ask).await.expect("a report at any time");
        let all = world.reports(&world.maker(), PARENT).await.expect("listed");
        let name = all[2].name.as_str();
        let reviewer = world.admit(&world.reviewer(), name).await;
        assert_eq!(refused(reviewer).1, "NOT_FOUND", "it is the county's");
        world.admit(&world.maker(), name).await.expect("taken up");
        assert_eq!(world.look(&paid.name).await.state(), State::Inquiry);
    })
    .await;
}

#[tokio::test]
async fn an_objection_outlives_the_notice_it_was_made_on() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VNotice).await;
        let clerk = world.clerk();
        let first = world.post(&clerk, &[&case.name]).await.expect("posted");
        world.hold(&case.name).await.expect("held");
        world
            .submit(objection(&first.name, 1))
            .await
            .expect("taken");
        world.on(date!(2025 - 03 - 18));
        let moved = world.close(&clerk, &first.name).await;
        assert_eq!(moved.expect("closed"), 0, "what is on hold stays");
        world.release(&case.name).await.expect("released");
        let second = world.post(&clerk, &[&case.name]).await.expect("posted");
        world.on(date!(2025 - 03 - 26));
        let early = world.close(&clerk, &second.name).await;
        assert_eq!(refused(early).1, "OBJECTION_WAITS");
        let heard = world.reports(&clerk, PARENT).await.expect("listed");
        world.admit(&clerk, &heard[0].name).await.expect("taken up");
        assert_eq!(world.look(&case.name).await.state(), State::Inquiry);
    })
    .await;
}

#[tokio::test]
async fn what_makes_no_sense_is_not_taken() {
    on_every_world(async |world| {
        world.family_at(&Family::of(1), State::VNotice).await;
        let notice = world.post(&world.clerk(), &[]).await.expect("posted");
        let plain = pb::SubmitReportRequest {
            kind: ReportKind::Report.into(),
            words: "瞒报".into(),
            ..Default::default()
        };
        assert_eq!(at_fault(world.submit(objection("", 0)).await), ["notice"]);
        assert_eq!(
            at_fault(world.submit(objection(&notice.name, 2)).await),
            ["line"]
        );
        for unit in ["150204002001", CITY, "150203999"] {
            let ask = pb::SubmitReportRequest {
                unit: unit.into(),
                ..plain.clone()
            };
            let taken = world.submit(ask).await;
            match unit.starts_with("150203") {
                true => assert!(
                    taken.is_ok(),
                    "which villages there are is no table of ours"
                ),
                false => assert_eq!(at_fault(taken), ["unit"]),
            }
        }
        let missing = objection(
            "counties/150203/notices/018f0000-0000-7000-8000-000000000000",
            1,
        );
        assert_eq!(refused(world.submit(missing).await).1, "NOT_FOUND");
        let foreign = notice.name.replace("150203", OTHER_COUNTY);
        assert_eq!(
            refused(world.submit(objection(&foreign, 1)).await).1,
            "NOT_FOUND"
        );
        let silent = pb::SubmitReportRequest {
            words: " ".into(),
            ..plain.clone()
        };
        assert_eq!(at_fault(world.submit(silent).await), ["words"]);
        let short = pb::SubmitReportRequest {
            parent: PARENT.into(),
            request_id: "1".into(),
            ..plain.clone()
        };
        let short = world.anybody().reports().submit_report(short).await;
        assert_eq!(at_fault(short), ["request_id"]);
        // Omission is objected to without a line (C.5).
        let omitted = world.submit(objection(&notice.name, 0)).await;
        omitted.expect("taken");
        world.on(date!(2025 - 03 - 18));
        let early = world.close(&world.clerk(), &notice.name).await;
        assert_eq!(
            refused(early).1,
            "OBJECTION_WAITS",
            "C.5: omission counts too"
        );
        let heard = world.reports(&world.clerk(), PARENT).await.expect("listed");
        let heard = heard.last().expect("it").name.clone();
        world.admit(&world.clerk(), &heard).await.expect("taken up");
        world
            .close(&world.clerk(), &notice.name)
            .await
            .expect("looked into");
    })
    .await;
}

#[tokio::test]
async fn village_and_township_hear_what_is_theirs_and_supervision_everything() {
    on_every_world(async |world| {
        let to = |unit: &str| pb::SubmitReportRequest {
            kind: ReportKind::Report.into(),
            unit: unit.into(),
            words: "反映问题".into(),
            ..Default::default()
        };
        for unit in [VILLAGE, TOWNSHIP, ""] {
            world.submit(to(unit)).await.expect("taken");
        }
        let many = async |office: &Office, parent: &str| {
            world.reports(office, parent).await.map(|it| it.len())
        };
        for (office, seen) in [
            (world.clerk(), 1),
            (world.head(), 1),
            (world.reviewer(), 2),
            (world.maker(), 3),
            (world.checker(), 3),
            (world.inspector(), 3),
            (world.at(Role::CountyAuditor, "150203"), 3),
            (world.at(Role::VillageClerk, "150203002002"), 0),
        ] {
            assert_eq!(many(&office, PARENT).await.expect("listed"), seen);
        }
        let city = world.at(Role::CityDisciplineInspector, CITY);
        assert_eq!(many(&city, "counties/-").await.expect("listed"), 3);
        assert_eq!(
            many(&world.registrar(), "counties/-")
                .await
                .expect("listed"),
            3
        );
        let other = world.at(Role::CountyHealthReviewer, OTHER_COUNTY);
        assert_eq!(refused(many(&other, PARENT).await).1, "NOT_FOUND");
        assert_eq!(
            refused(many(&world.maker(), "counties/-").await).1,
            "NOT_FOUND"
        );
        let finance = world.at(Role::CountyFinanceMaker, "150203");
        for nobody in [
            world.anybody(),
            finance,
            world.at(Role::PublicityOfficer, CITY),
        ] {
            let reason = refused(many(&nobody, PARENT).await).1;
            assert!(
                ["PERMISSION_DENIED", "UNAUTHENTICATED"].contains(&&*reason),
                "{reason}"
            );
        }
        let all = world.reports(&world.maker(), PARENT).await.expect("listed");
        let countys = all.iter().find(|it| it.unit == "150203").expect("one");
        assert_eq!(
            refused(world.read(&world.clerk(), &countys.name).await).1,
            "NOT_FOUND"
        );
        let foreign = world
            .answer_report_as(&world.clerk(), &countys.name, &countys.etag)
            .await;
        assert_eq!(refused(foreign).1, "NOT_FOUND");
        let answered = world
            .answer_report_as(&world.checker(), &countys.name, &countys.etag)
            .await;
        assert_eq!(answered.expect("answered").state(), ReportState::Answered);
    })
    .await;
}
