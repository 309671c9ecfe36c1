use time::macros::{date, datetime};
use uuid::Uuid;
use yuhui_kernel::{Calendar, Tenant};
use yuhui_policy::{PolicyPack, Programme};

use super::*;
use crate::domain::{
    Case, Hand, PanelSignature, Proposal, ProposalKind, Step, deadline::Year, decision::Report,
};

fn year() -> Year<'static> {
    Year {
        pack: PolicyPack::baotou(),
        calendar: Calendar::china(),
    }
}

fn hand(account: &str) -> Hand {
    Hand {
        account: account.into(),
        person: None,
        unit: None,
    }
}

fn case(programme: Programme, unit: &str) -> Case {
    let tenant = Tenant::parse("150203").expect("a county");
    let at = datetime!(2025-03-10 08:00 +8);
    let unit = unit.parse().expect("a unit");
    let mut case = Case::draft(Uuid::nil(), tenant, unit, programme, at);
    case.claimant_ref = "mother".into();
    case.round = 2025;
    case.lodged_on = Some(date!(2025 - 03 - 10));
    case
}

fn after(mut case: Case, steps: &[Step]) -> Case {
    for step in steps {
        case.step(*step, &hand("somebody")).expect("the step fits");
    }
    case
}

fn family(steps: &[Step]) -> Case {
    after(case(Programme::P1, "150203002001"), steps)
}

fn turns(case: &Case) -> Vec<(Desk, Act)> {
    let items = year().items_of_case(case, Beside::default());
    items.iter().map(|it| (it.desk, it.act)).collect()
}

#[test]
fn a_draft_waits_for_nobody() {
    assert_eq!(turns(&family(&[])), []);
}

#[test]
fn the_unit_is_cut_to_the_level_of_the_desk() {
    let lodged = family(&[Step::Lodge]);
    let whose = |case: &Case| {
        let items = year().items_of_case(case, Beside::default());
        items.into_iter().map(|it| it.whose).collect::<Vec<_>>()
    };
    assert_eq!(whose(&lodged), ["150203002001"]);
    let township = after(
        lodged.clone(),
        &[Step::Accept, Step::Report, Step::SignDisagreeing],
    );
    assert_eq!(whose(&township), ["150203002"]);
    let county = after(township.clone(), &[Step::Report, Step::SignDisagreeing]);
    assert_eq!(whose(&county), ["150203"]);
    assert_eq!(whose(&after(township, &[Step::Return])), ["mother"]);
}

#[test]
fn an_institution_is_taken_up_by_the_county_and_inspected_by_the_township() {
    let lodged = after(case(Programme::P3, "150203002"), &[Step::Lodge]);
    assert_eq!(turns(&lodged), [(Desk::CountyReviewer, Act::Accept)]);
    let mut inspected = after(lodged, &[Step::Accept]);
    assert_eq!(turns(&inspected), [(Desk::TownshipReviewer, Act::Report)]);
    inspected.report = Some(Report {
        by: hand("reviewer"),
        agree: true,
    });
    assert_eq!(turns(&inspected), [(Desk::TownshipLead, Act::Sign)]);
}

#[test]
fn a_proposal_keeps_the_county_waiting_and_nobody_else() {
    let proposal = |kind| Proposal {
        kind,
        by: hand("maker"),
        reason: None,
        note: String::new(),
        outcome: None,
        on: None,
    };
    let mut village = family(&[Step::Lodge, Step::Accept]);
    village.proposal = Some(proposal(ProposalKind::FraudFinding));
    let both = [
        (Desk::VillageClerk, Act::Report),
        (Desk::CountyApprover, Act::ApproveFraud),
    ];
    assert_eq!(turns(&village), both);
    let items = year().items_of_case(&village, Beside::default());
    assert_eq!(items[0].days.act_by(), Some(date!(2025 - 04 - 23)));
    assert_eq!(items[1].days.act_by(), None, "the law names no day");

    let mut county = after(
        family(&[Step::Lodge, Step::Accept]),
        &[Step::SignDisagreeing, Step::SignDisagreeing],
    );
    county.proposal = Some(proposal(ProposalKind::Rejection));
    let waits = [(Desk::CountyApprover, Act::ApproveRejection)];
    assert_eq!(turns(&county), waits);
    // What is on hold is not refused past supervision.
    assert_eq!(turns(&after(county, &[Step::Hold])), []);
}

#[test]
fn a_panel_takes_a_checker() {
    let mut referred = family(&[Step::Lodge, Step::Accept, Step::Refer]);
    let desks = |case: &Case| turns(case).into_iter().map(|it| it.0).collect::<Vec<_>>();
    let both = [Desk::CountyReviewer, Desk::CountyApprover];
    assert_eq!(desks(&referred), both);
    let signed = |checker| PanelSignature {
        by: hand("first"),
        checker,
        proceed: true,
        reason: String::new(),
    };
    referred.panel = Some(signed(true));
    assert_eq!(desks(&referred), both);
    referred.panel = Some(signed(false));
    assert_eq!(desks(&referred), [Desk::CountyApprover]);
}

#[test]
fn a_refusal_is_delivered_and_archived_once_nobody_can_contest_it() {
    let mut refused = family(&[Step::Lodge, Step::Refuse]);
    refused.decided_on = Some(date!(2025 - 04 - 25));
    assert_eq!(turns(&refused), [(Desk::VillageClerk, Act::RecordDelivery)]);
    refused.delivered_on = Some(date!(2025 - 05 - 06));
    let beside = Beside::default();
    let items = year().items_of_case(&refused, beside);
    assert_eq!(
        (items[0].desk, items[0].act),
        (Desk::CountyReviewer, Act::Close)
    );
    // Fifteen working days, then a day.
    assert_eq!(items[0].days.not_before, Some(date!(2025 - 05 - 28)));
    let beside = Beside {
        under_review: true,
        ..beside
    };
    assert_eq!(year().items_of_case(&refused, beside), []);
}

#[test]
fn an_item_has_one_id() {
    let referred = family(&[Step::Lodge, Step::Accept, Step::Refer]);
    let items = year().items_of_case(&referred, Beside::default());
    let ids: Vec<String> = items.iter().map(Item::id).collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
    assert!(
        ids.iter()
            .all(|it| it.starts_with(&format!("{}.", Uuid::nil())))
    );
}
