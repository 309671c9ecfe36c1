//! Rosters with every column (annexes 6, 9, 11) and their summaries (annexes 7, 10, 12), which reconcile.

use time::macros::date;
use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        self as pb, ChildRelation, Claim, GrantPortion, InstitutionForm, InstitutionParticulars,
        MaritalStatus, RosterLineView, SummaryColumn, SummaryKind, SummaryRow, case::State,
        case_form::Form, institution_particulars::Honour, roster_line::Columns,
    },
    institution::v1::HonourLevel,
    types::v1::{BirthClass, Programme},
};

use crate::{
    books::{self, Family},
    forms::{form, nursery_case, stating},
    harness::{
        CITY, COUNTY, OTHER_COUNTY, Office, PARENT, ROUND, TOWNSHIP, VILLAGE, World,
        on_every_world, refused,
    },
    law::{award_claim, honour},
};

async fn lines(office: &Office, roster: &str, view: RosterLineView) -> pb::ListRosterLinesResponse {
    let ask = pb::ListRosterLinesRequest {
        parent: roster.into(),
        view: view.into(),
        ..pb::ListRosterLinesRequest::default()
    };
    let answer = office.rosters().list_roster_lines(ask).await;
    answer.expect("listed").into_inner()
}

async fn summary(
    office: &Office,
    parent: &str,
    kind: SummaryKind,
) -> Result<pb::GetRosterSummaryResponse, Status> {
    let ask = pb::GetRosterSummaryRequest {
        parent: parent.into(),
        round: ROUND,
        kind: kind.into(),
    };
    Ok(office.forms().get_roster_summary(ask).await?.into_inner())
}

/// A family that states everything, on a sealed roster.
async fn rostered(world: &World, family: &Family) -> pb::Case {
    family.register(world);
    let case = world.lodge(&world.clerk(), stating(family)).await;
    let name = case.expect("lodged").name;
    world.bring(&name, Programme::P1, State::Rostered).await
}

#[tokio::test]
async fn annex_6_has_every_column_as_it_was_when_the_roster_was_sealed() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = rostered(&world, &family).await;
        let finance = world.at(Role::CountyFinanceMaker, COUNTY);
        let told = lines(&finance, &case.roster, RosterLineView::Form).await;
        let header = told.header.expect("a header");
        assert_eq!((header.annex, header.round), (6, ROUND));
        assert_eq!(header.title, "包头市二孩、三孩家庭育儿补贴发放花名册");
        let ask = pb::GetRosterRequest {
            name: case.roster.clone(),
        };
        let roster = finance.rosters().get_roster(ask).await.expect("it");
        let roster = roster.into_inner().roster.expect("a roster");
        assert_eq!(header.versions, [&roster.hash[..8]]);
        assert_eq!((told.line_count, told.total_fen), (1, 500_000));
        assert_eq!(told.total_capitals, "人民币伍仟元整");
        let [line] = &told.lines[..] else {
            panic!("{:?}", told.lines)
        };
        assert_eq!((line.number, line.payee_name.as_str()), (1, "某女"));
        assert_eq!((line.remark.as_str(), line.amount_fen), ("", 500_000));
        let Some(Columns::Family(columns)) = &line.columns else {
            panic!("{line:?}")
        };
        assert_eq!(
            (columns.township.as_str(), columns.village.as_str()),
            (TOWNSHIP, VILLAGE)
        );
        assert_eq!(columns.relation(), ChildRelation::Mother);
        assert_eq!(columns.marital_status(), MaritalStatus::FirstMarriage);
        assert_eq!(columns.portion(), GrantPortion::Whole);
        assert_eq!(columns.birth_class(), BirthClass::Second);
        assert_eq!(
            (columns.child_name.as_str(), columns.child_born_on.as_str()),
            ("某二", "2024-06-15")
        );
        assert_eq!(columns.bank_name, "包头农商银行");
        assert_eq!(columns.phone, "139******0001");
        let text = format!("{line:?}");
        for secret in [&family.mother, &family.second] {
            assert!(!text.contains(secret.as_str()), "{secret}");
        }
        let basic = lines(&finance, &case.roster, RosterLineView::Basic).await;
        assert_eq!((basic.header, basic.total_fen), (None, 0));
        assert_eq!(basic.lines[0].columns, None);
        assert_eq!(basic.lines[0].payee_name, "某女");
        let elsewhere = world.at(Role::VillageClerk, "150203002002");
        let told = lines(&elsewhere, &case.roster, RosterLineView::Form).await;
        assert!(told.lines.is_empty(), "another village's");
    })
    .await;
}

/// Columns that are no extracts add up to the row, and both shares to its amount; rows add up to the total.
fn reconciles(told: &pb::GetRosterSummaryResponse) {
    let total = told.total.as_ref().expect("a total");
    for row in told.rows.iter().chain([total]) {
        let extracts = [SummaryColumn::Half, SummaryColumn::P1MultipleBirth];
        let whole = row
            .cells
            .iter()
            .filter(|it| !extracts.contains(&it.column()));
        let (count, amount) = whole.fold((0, 0), |(count, amount), it| {
            (count + it.count, amount + it.amount_fen)
        });
        assert_eq!((count, amount), (row.lines, row.amount_fen), "{row:?}");
        assert_eq!(row.city_share_fen + row.county_share_fen, row.amount_fen);
    }
    let parts: [fn(&SummaryRow) -> i64; 5] = [
        |it| it.lines,
        |it| it.headcount,
        |it| it.amount_fen,
        |it| it.city_share_fen,
        |it| it.county_share_fen,
    ];
    for part in parts {
        let sum: i64 = told.rows.iter().map(part).sum();
        assert_eq!(sum, part(total), "{told:?}");
    }
    let difference = total.county_share_fen - total.city_share_fen;
    assert!((0..=1).contains(&difference), "{difference}");
}

#[tokio::test]
async fn a_summary_is_the_sum_of_its_rosters() {
    on_every_world(async |world| {
        let none = summary(&world.maker(), PARENT, SummaryKind::Families).await;
        let none = none.expect("nothing is sealed");
        assert!(none.rows.is_empty() && none.rosters.is_empty());
        assert_eq!(none.total.expect("zero").amount_fen, 0);

        let first = rostered(&world, &Family::of(1)).await;
        world.on(date!(2025 - 03 - 20));
        let second = rostered(&world, &Family::of(2)).await;
        assert_ne!(first.roster, second.roster, "a supplementary one");
        let told = summary(&world.maker(), PARENT, SummaryKind::Families).await;
        let told = told.expect("summed up");
        reconciles(&told);
        let mut rosters = [first.roster.clone(), second.roster];
        rosters.sort();
        assert_eq!(told.rosters, rosters);
        let header = told.header.as_ref().expect("a header");
        assert_eq!((header.annex, header.versions.len()), (7, 2));
        let total = told.total.as_ref().expect("a total");
        assert_eq!((total.lines, total.amount_fen), (2, 1_000_000));
        assert_eq!(total.city_share_fen, 500_000);
        assert_eq!(told.total_capitals, "人民币壹万元整");
        assert_eq!(told.rows[0].division, TOWNSHIP);
        let cell = |column| {
            let mut cells = told.rows[0].cells.iter();
            cells.find(|it| it.column() == column).expect("a column")
        };
        let children = cell(SummaryColumn::P1Second);
        assert_eq!((children.count, children.amount_fen), (2, 1_000_000));
        assert_eq!(children.column_zh, "二孩");
        assert_eq!(cell(SummaryColumn::P2).count, 0);

        let treasurer = world.at(Role::CityFinanceApprover, CITY);
        let city = summary(&treasurer, "counties/-", SummaryKind::Families).await;
        let city = city.expect("totals are the city's");
        reconciles(&city);
        assert_eq!(city.rows[0].division, COUNTY);
        assert_eq!(city.header.expect("one").county, CITY);
        assert_eq!(city.total, told.total);
        let elsewhere = world.at(Role::CountyHealthReviewer, OTHER_COUNTY);
        let asked = summary(&elsewhere, PARENT, SummaryKind::Families).await;
        assert_eq!(refused(asked).0, Code::NotFound);
        let asked = summary(&elsewhere, "counties/-", SummaryKind::Families).await;
        assert_eq!(refused(asked).0, Code::NotFound, "the city's edition");

        world.check_roster(&first.roster).await.expect("checked");
        world.give_back(&first.roster).await.expect("returned");
        let told = summary(&world.maker(), PARENT, SummaryKind::Families).await;
        let told = told.expect("summed up");
        reconciles(&told);
        assert_eq!(told.total.expect("one").lines, 1, "what stands");
    })
    .await;
}

#[tokio::test]
async fn annexes_9_and_10_are_of_nurseries() {
    on_every_world(async |world| {
        let case = nursery_case(&world, 1).await;
        let case = world.bring(&case, Programme::P3, State::Rostered).await;
        let told = lines(&world.maker(), &case.roster, RosterLineView::Form).await;
        assert_eq!(told.header.expect("one").annex, 9);
        let Some(Columns::Operating(columns)) = &told.lines[0].columns else {
            panic!("{:?}", told.lines)
        };
        assert_eq!((columns.enrolled, columns.headcount), (5, 3));
        assert_eq!(
            (columns.rate_fen, told.lines[0].amount_fen),
            (60_000, 180_000)
        );
        assert_eq!(columns.filing_number, "托备150203-001");
        assert_eq!(columns.representative_name, "某园长");
        assert_eq!(columns.holder_name, "某托育园");
        assert_ne!(columns.form(), InstitutionForm::Unspecified);
        let told = summary(&world.registrar(), PARENT, SummaryKind::Operating).await;
        let told = told.expect("summed up");
        reconciles(&told);
        let total = told.total.expect("a total");
        assert_eq!(
            (total.lines, total.headcount, total.amount_fen),
            (1, 3, 180_000)
        );
        let families = summary(&world.maker(), PARENT, SummaryKind::Families).await;
        assert!(families.expect("summed up").rows.is_empty());
    })
    .await;
}

#[tokio::test]
async fn annexes_4_11_and_12_are_of_awards() {
    on_every_world(async |world| {
        world.on(date!(2025 - 05 - 20));
        let code = books::nursery(&world, 1, 0);
        honour(&world, &code, HonourLevel::Regional, "2024-09-10");
        let own = world.institution(&code);
        let claim = Claim {
            institution: Some(InstitutionParticulars {
                honour: Some(Honour {
                    granted_by: "自治区卫生健康委员会".into(),
                    document_number: "内卫〔2024〕9号".into(),
                    ..Honour::default()
                }),
                ..InstitutionParticulars::default()
            }),
            ..award_claim(&code)
        };
        let lodged = world.lodge(&own, claim.clone()).await.expect("lodged");
        let case = world
            .bring(&lodged.name, Programme::P4, State::Rostered)
            .await;
        let told = lines(&world.maker(), &case.roster, RosterLineView::Form).await;
        assert_eq!(told.header.expect("one").annex, 11);
        let Some(Columns::Model(columns)) = &told.lines[0].columns else {
            panic!("{:?}", told.lines)
        };
        assert_eq!(columns.level(), HonourLevel::Regional);
        assert_eq!(columns.granted_on, "2024-09-10");
        assert_eq!(columns.document_number, "内卫〔2024〕9号");
        assert_eq!((columns.rate_fen, columns.awarded_fen), (8_000_000, 0));
        let told = summary(&world.maker(), PARENT, SummaryKind::Model).await;
        let told = told.expect("summed up");
        reconciles(&told);
        let cells = &told.rows[0].cells;
        let cell = cells
            .iter()
            .find(|it| it.column() == SummaryColumn::Regional);
        assert_eq!(cell.expect("a column").amount_fen, 8_000_000);

        world.on(date!(2026 - 05 - 20));
        honour(&world, &code, HonourLevel::National, "2025-09-10");
        let second = world.lodge(&own, claim).await.expect("lodged");
        let shown = form(&own, &second.name).await.expect("shown");
        assert_eq!(shown.header.expect("one").annex, 4);
        let Some(Form::Model(found)) = shown.form else {
            panic!("{:?}", shown.form)
        };
        assert_eq!(found.level(), HonourLevel::National);
        assert_eq!((found.rate_fen, found.awarded_fen), (10_000_000, 8_000_000));
    })
    .await;
}
