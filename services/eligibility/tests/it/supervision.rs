//! What the city and supervision read of a case, what supervision opens and records, and who learns of it (D.2).

use time::macros::date;
use tonic::Status;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, CaseDimension as Dimension, case::State, case_view::Kind},
    types::v1::Decision,
};

use crate::{
    books::Family,
    harness::{
        CITY, COUNTY, OTHER_COUNTY, Office, PARENT, VILLAGE, World, at_fault, denied,
        on_every_world, refused,
    },
};

async fn answers(office: &Office, case: &str) -> Result<usize, Status> {
    let ask = pb::ListAnswersRequest {
        parent: case.into(),
        ..pb::ListAnswersRequest::default()
    };
    let answer = office.evidence().list_answers(ask).await?;
    Ok(answer.into_inner().answers.len())
}

async fn export(office: &Office, case: &str) -> Result<String, Status> {
    let ask = pb::ExportEvidenceRequest { name: case.into() };
    let answer = office.evidence().export_evidence(ask).await?;
    Ok(answer.into_inner().file)
}

impl World {
    /// Somebody opens a matter on a case.
    pub async fn open_matter(&self, office: &Office, case: &str) -> Result<pb::Matter, Status> {
        let ask = pb::OpenMatterRequest {
            parent: case.into(),
            ground: "信访反映".into(),
            request_id: self.fresh(),
        };
        let answer = office.matters().open_matter(ask).await?;
        Ok(answer.into_inner().matter.expect("a matter"))
    }
}

async fn close(world: &World, office: &Office, name: &str) -> Result<pb::Matter, Status> {
    let ask = pb::CloseMatterRequest {
        name: name.into(),
        conclusion: "反映不实".into(),
        request_id: world.fresh(),
    };
    let answer = office.matters().close_matter(ask).await?;
    Ok(answer.into_inner().matter.expect("a matter"))
}

#[tokio::test]
async fn inspectors_read_the_papers_of_a_case_while_a_matter_on_it_is_open() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        let other = world.family_at(&Family::of(2), State::VReview).await;
        for inspector in [
            world.inspector(),
            world.at(Role::CityDisciplineInspector, CITY),
        ] {
            world.look_as(&inspector, &case.name).await.expect("a case");
            assert_eq!(denied(answers(&inspector, &case.name).await), "D.2");
            assert_eq!(denied(export(&inspector, &case.name).await), "D.2");
            let matter = world
                .open_matter(&inspector, &case.name)
                .await
                .expect("opened");
            assert_eq!((&*matter.case, &*matter.closed_on), (&*case.name, ""));
            assert_eq!(answers(&inspector, &case.name).await.expect("papers"), 1);
            export(&inspector, &case.name).await.expect("papers");
            assert_eq!(denied(answers(&inspector, &other.name).await), "D.2");
            let closed = close(&world, &inspector, &matter.name).await;
            assert_eq!(closed.expect("closed").conclusion, "反映不实");
            let again = close(&world, &inspector, &matter.name).await;
            assert_eq!(refused(again).1, "MATTER_CLOSED");
            assert_eq!(denied(answers(&inspector, &case.name).await), "D.2");
        }
        let list = |include_closed| pb::ListMattersRequest {
            parent: PARENT.into(),
            case: case.name.clone(),
            include_closed,
            ..pb::ListMattersRequest::default()
        };
        let inspector = world.inspector();
        let all = inspector.matters().list_matters(list(true)).await;
        assert_eq!(all.expect("listed").into_inner().matters.len(), 2);
        let none = inspector.matters().list_matters(list(false)).await;
        assert!(none.expect("listed").into_inner().matters.is_empty());
        // Audit reads everything, and opens nothing; nor does anybody else.
        let auditor = world.at(Role::CountyAuditor, COUNTY);
        assert_eq!(answers(&auditor, &case.name).await.expect("papers"), 1);
        for office in [auditor, world.maker(), world.checker(), world.registrar()] {
            assert_eq!(
                refused(world.open_matter(&office, &case.name).await).1,
                "PERMISSION_DENIED"
            );
        }
        let elsewhere = world.at(Role::CountyDisciplineInspector, OTHER_COUNTY);
        assert_eq!(
            refused(world.open_matter(&elsewhere, &case.name).await).1,
            "NOT_FOUND"
        );
    })
    .await;
}

#[tokio::test]
async fn the_city_reads_the_papers_of_its_sample() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Rostered).await;
        let city = world.registrar();
        assert_eq!(denied(export(&city, &case.name).await), "DYN-9");
        // What it decided, and how it went, the city reads of every case.
        let ask = pb::GetDeterminationRequest {
            name: case.name.clone(),
        };
        city.cases().get_determination(ask).await.expect("told");
        let ask = pb::ListTransitionsRequest {
            parent: case.name.clone(),
            ..Default::default()
        };
        city.cases().list_transitions(ask).await.expect("told");
        let roster = world.look(&case.name).await.roster;
        let lines = pb::ListRosterLinesRequest {
            parent: roster.clone(),
            ..pb::ListRosterLinesRequest::default()
        };
        let lines = city.rosters().list_roster_lines(lines).await;
        assert_eq!(lines.expect("lines").into_inner().lines.len(), 1);
        world.sample(&roster).await.expect("drawn");
        export(&city, &case.name).await.expect("sampled");
        assert_eq!(answers(&city, &case.name).await.expect("sampled"), 1);
    })
    .await;
}

#[tokio::test]
async fn villages_and_townships_read_the_lines_of_their_own_cases() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Rostered).await;
        let roster = world.look(&case.name).await.roster;
        let lines = async |office: Office| {
            let ask = pb::ListRosterLinesRequest {
                parent: roster.clone(),
                ..pb::ListRosterLinesRequest::default()
            };
            let answer = office.rosters().list_roster_lines(ask).await;
            let lines = answer.expect("lines").into_inner().lines;
            lines.into_iter().map(|it| it.case).collect::<Vec<_>>()
        };
        for office in [world.clerk(), world.head(), world.reviewer(), world.lead()] {
            assert_eq!(lines(office).await, [case.name.as_str()]);
        }
        for (role, unit) in [
            (Role::VillageClerk, "150203002002"),
            (Role::TownshipLead, "150203003"),
        ] {
            assert!(lines(world.at(role, unit)).await.is_empty());
        }
        let ask = pb::GetRosterRequest { name: roster };
        let clerk = world.clerk().rosters().get_roster(ask.clone()).await;
        assert_eq!(refused(clerk).1, "PERMISSION_DENIED", "lines, not totals");
        world.head().rosters().get_roster(ask).await.expect("seen");
    })
    .await;
}

#[tokio::test]
async fn findings_stand_as_they_were_recorded() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        let record = |subject: &str, asks_for_hold| pb::RecordFindingRequest {
            parent: PARENT.into(),
            subject: subject.into(),
            words: "公示不足七日".into(),
            clause: "七2".into(),
            asks_for_hold,
            request_id: world.fresh(),
        };
        let auditor = world.at(Role::CityAuditor, CITY);
        let notice = format!("{PARENT}/notices/0198c0de-0000-7000-8000-000000000001");
        for (subject, field) in [
            ("counties/150204/cases/1", "subject"),
            ("nonsense", "subject"),
        ] {
            let answer = auditor
                .findings()
                .record_finding(record(subject, false))
                .await;
            assert_eq!(at_fault(answer), [field], "{subject}");
        }
        let answer = auditor
            .findings()
            .record_finding(record(&notice, true))
            .await;
        assert_eq!(at_fault(answer), ["subject"], "a hold is of a case");
        let missing = format!("{PARENT}/cases/0198c0de-0000-7000-8000-000000000001");
        let answer = auditor
            .findings()
            .record_finding(record(&missing, false))
            .await;
        assert_eq!(refused(answer).1, "NOT_FOUND");
        for (office, subject, hold) in [
            (&auditor, &notice, false),
            (&auditor, &case.name, true),
            (&world.inspector(), &case.name, false),
        ] {
            let ask = record(subject, hold);
            let answer = office.findings().record_finding(ask).await;
            answer.expect("recorded");
        }
        for office in [world.maker(), world.registrar(), world.clerk()] {
            let answer = office
                .findings()
                .record_finding(record(&notice, false))
                .await;
            assert_eq!(refused(answer).1, "PERMISSION_DENIED");
        }
        let list = async |subject: &str, asks_for_hold| {
            let ask = pb::ListFindingsRequest {
                parent: PARENT.into(),
                subject: subject.into(),
                asks_for_hold,
                ..pb::ListFindingsRequest::default()
            };
            let answer = world.inspector().findings().list_findings(ask).await;
            answer.expect("listed").into_inner().findings
        };
        assert_eq!(list("", false).await.len(), 3);
        assert_eq!(list(&case.name, false).await.len(), 2);
        let [asked] = &list("", true).await[..] else {
            panic!("one")
        };
        assert_eq!(asked.role(), Role::CityAuditor);
        // A hold is discipline inspection's, of the city as well (F28).
        let ask = pb::HoldCaseRequest {
            name: case.name.clone(),
            reason: "审计提请".into(),
            request_id: world.fresh(),
            ..pb::HoldCaseRequest::default()
        };
        let answer = auditor.cases().hold_case(ask.clone()).await;
        assert_eq!(refused(answer).1, "PERMISSION_DENIED");
        let inspector = world.at(Role::CityDisciplineInspector, CITY);
        let held = inspector.cases().hold_case(ask).await.expect("held");
        assert_eq!(held.into_inner().case.expect("it").state(), State::Hold);
    })
    .await;
}

#[tokio::test]
async fn a_claimant_sees_which_offices_opened_his_case() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::VReview).await;
        let views = async |office: &Office| {
            let ask = pb::ListCaseViewsRequest {
                parent: case.name.clone(),
                ..pb::ListCaseViewsRequest::default()
            };
            let answer = office.views().list_case_views(ask).await?;
            Ok::<_, Status>(answer.into_inner().views)
        };
        let mother = world.applicant(&family.mother);
        let before = views(&mother).await.expect("own").len();
        world.on(date!(2025 - 03 - 20));
        for _ in 0..3 {
            world.look_as(&world.lead(), &case.name).await.expect("it");
        }
        world.look_as(&mother, &case.name).await.expect("own");
        let seen = views(&mother).await.expect("own");
        assert_eq!(seen.len(), before + 1, "once a day, and never one's own");
        let last = seen.last().expect("one");
        assert_eq!(last.viewed_on, "2025-03-20");
        assert_eq!((last.role(), last.kind()), (Role::TownshipLead, Kind::Case));
        assert_eq!((&*last.account, last.unit.len()), ("", 9));
        let told = views(&world.inspector()).await.expect("supervision");
        assert!(told.iter().all(|it| !it.account.is_empty()));
        let stranger = world.applicant(&Family::of(2).mother);
        assert_eq!(refused(views(&stranger).await).1, "NOT_FOUND");
        let clerk = world.at(Role::VillageClerk, VILLAGE);
        assert_eq!(refused(views(&clerk).await).1, "PERMISSION_DENIED");
        // A restart forgets nothing, and writes nothing twice.
        let world = world.restarted();
        world.on(date!(2025 - 03 - 20));
        world.look_as(&world.lead(), &case.name).await.expect("it");
        let ask = pb::ListCaseViewsRequest {
            parent: case.name.clone(),
            ..pb::ListCaseViewsRequest::default()
        };
        let again = world.inspector().views().list_case_views(ask).await;
        assert_eq!(again.expect("listed").into_inner().views.len(), told.len());
    })
    .await;
}

#[tokio::test]
async fn a_run_of_the_city_flags_and_ends_no_hold_of_a_county() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        let ask = pb::HoldCaseRequest {
            name: case.name.clone(),
            reason: "核查".into(),
            until_on: "2025-03-20".into(),
            request_id: world.fresh(),
            ..pb::HoldCaseRequest::default()
        };
        world
            .inspector()
            .cases()
            .hold_case(ask)
            .await
            .expect("held");
        world.on(date!(2025 - 03 - 25));
        let run = async |office: Office| {
            let ask = pb::RunDeadlinesRequest {
                parent: PARENT.into(),
                request_id: world.fresh(),
                ..pb::RunDeadlinesRequest::default()
            };
            office.deadlines().run_deadlines(ask).await.expect("run");
            world.look(&case.name).await.state()
        };
        assert_eq!(run(world.registrar()).await, State::Hold, "SOD-7");
        assert_eq!(run(world.maker()).await, State::VReview);
    })
    .await;
}

#[tokio::test]
async fn cases_are_counted_and_few_are_not_told_to_publicity() {
    on_every_world(async |world| {
        for n in 1..=6 {
            world.family_at(&Family::of(n), State::VReview).await;
        }
        world.family_at(&Family::of(7), State::TReview).await;
        let count = async |office: &Office, parent: &str| {
            let ask = pb::CountCasesRequest {
                parent: parent.into(),
                round: 2025,
                ..Default::default()
            };
            let answer = office.statistics().count_cases(ask).await?;
            let counts = answer.into_inner().counts.into_iter();
            Ok::<_, Status>(counts.map(|it| (it.state(), it.cases)).collect::<Vec<_>>())
        };
        let all = [(State::TReview, Some(1)), (State::VReview, Some(6))];
        assert_eq!(count(&world.maker(), PARENT).await.expect("told"), all);
        let city = count(&world.registrar(), "counties/-").await;
        assert_eq!(city.expect("told"), all);
        let publicity = world.at(Role::PublicityOfficer, CITY);
        // The other would be the rest of what is told to everybody.
        let few = [(State::TReview, None), (State::VReview, None)];
        assert_eq!(count(&publicity, "counties/-").await.expect("told"), few);
        let by = async |office: &Office, by: &[pb::CaseDimension]| {
            let ask = pb::CountCasesRequest {
                parent: PARENT.into(),
                round: 2025,
                by: by.iter().map(|it| (*it).into()).collect(),
            };
            let answer = office.statistics().count_cases(ask).await?;
            Ok::<_, Status>(answer.into_inner().counts)
        };
        let maker = world.maker();
        let told = by(&maker, &[Dimension::Village, Dimension::MonthLodged]).await;
        let [told] = &told.expect("told")[..] else {
            panic!("one village and month");
        };
        let place = (told.unit.as_str(), told.month_lodged.as_str(), told.cases);
        assert_eq!(place, (crate::harness::VILLAGE, "2025-03", Some(7)));
        let told = by(&maker, &[Dimension::Township, Dimension::Decision]).await;
        let told = told.expect("told");
        let place = (told[0].unit.as_str(), told[0].decision(), told[0].cases);
        assert_eq!(place, (crate::harness::TOWNSHIP, Decision::Pay, Some(7)));
        let rejected = world.rejected(&Family::of(8)).await;
        let reason = rejected.determination.expect("decided").reason;
        let told = by(&maker, &[Dimension::Reason, Dimension::MonthDecided]).await;
        let told = told.expect("told");
        let own = told
            .iter()
            .find(|it| it.reason == reason)
            .expect("its reason");
        assert_eq!(
            (own.month_decided.as_str(), own.cases),
            ("2025-04", Some(1))
        );
        let both = by(&maker, &[Dimension::Township, Dimension::Village]).await;
        assert_eq!(at_fault(both), ["by"]);
        assert_eq!(denied(by(&publicity, &[Dimension::Village]).await), "D.2");
        let whole = count(&world.maker(), "counties/-").await;
        assert_eq!(refused(whole).1, "NOT_FOUND");
        let village = count(&world.clerk(), PARENT).await;
        assert_eq!(refused(village).1, "PERMISSION_DENIED");
    })
    .await;
}
