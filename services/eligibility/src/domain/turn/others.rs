//! What waits on notices, rosters, reviews of decisions and reports.

use time::Date;
use yuhui_kernel::{DivisionCode, Tenant, dates};

use super::{Act, Collection, Days, Desk, Item};
use crate::domain::{
    deadline::{Office, RosterProgress, Stage, Year},
    notice::Notice,
    report::Report,
    review_request::{ReviewRequest, ReviewState},
    roster::{Roster, RosterState},
};

impl Year<'_> {
    /// A notice waits to be taken down, once it is over (F9, F11).
    pub fn item_of_notice(&self, notice: &Notice) -> Option<Item> {
        let due = self.of_notice(notice)?;
        let desk = match due.office {
            Office::Village => Desk::VillageClerk,
            Office::Township => Desk::TownshipReviewer,
            _ => Desk::CountyReviewer,
        };
        let days = Days {
            not_before: Some(dates::add_days(notice.last_on, 1)),
            due_on: Some(due.due_on),
            post_by: None,
        };
        Some(Item {
            object: notice.id,
            round: due.round,
            days,
            ..bare(
                (notice.tenant, notice.unit),
                Collection::Notices,
                (desk, Act::CloseNotice),
                Some(notice.posted_on),
            )
        })
    }

    /// A roster waits for its second signature, then for the city (F16–F18). While an operation is at work on
    /// it, it waits for nobody.
    pub fn item_of_roster(&self, roster: &Roster) -> Option<Item> {
        if !roster.operation.is_empty() {
            return None;
        }
        let (desk, act) = match roster.state {
            RosterState::Superseded | RosterState::Sealing => return None,
            _ if roster.return_proposal.is_some() => (Desk::CityApprover, Act::ApproveRosterReturn),
            RosterState::Building => (Desk::CountyApprover, Act::SealRoster),
            RosterState::Sealed => (Desk::CityRegistrar, Act::ProposeRecording),
            RosterState::Checked => (Desk::CityApprover, Act::ApproveRecording),
            RosterState::Recorded => return None,
        };
        let due_on = match roster.state {
            // 上报 is the county's last step.
            RosterState::Building => {
                self.without_notice(Stage::County, roster.round, None)
                    .due_on
            }
            RosterState::Recorded => self.without_notice(Stage::City, roster.round, None).due_on,
            _ => self.of_roster(roster, RosterProgress::default())?.due_on,
        };
        let days = Days {
            due_on: Some(due_on),
            ..Days::default()
        };
        let since = roster.recorded_on.or(roster.sealed_on);
        Some(Item {
            object: roster.id,
            programme: Some(roster.programme),
            round: roster.round,
            days,
            ..bare(
                (roster.tenant, roster.tenant.code()),
                Collection::Rosters,
                (desk, act),
                since,
            )
        })
    }
}

/// A review waits for its maker, then for its checker (C.8).
pub fn of_review(review: &ReviewRequest) -> Option<Item> {
    let (desk, act) = match review.state {
        ReviewState::Open => (Desk::CountyReviewer, Act::DecideReview),
        ReviewState::Proposed => (Desk::CountyApprover, Act::ApproveReview),
        ReviewState::Upheld | ReviewState::Reopened | ReviewState::Lapsed => return None,
    };
    let days = Days {
        due_on: Some(review.due_on),
        ..Days::default()
    };
    Some(Item {
        object: review.id,
        round: review.round,
        decision: review.contested.as_ref().map(|it| it.found.decision),
        days,
        ..bare(
            (review.tenant, review.unit),
            Collection::Reviews,
            (desk, act),
            Some(review.requested_on),
        )
    })
}

/// A report waits at the office that it is addressed to until it is answered (R-PRC-11).
pub fn of_report(report: &Report) -> Option<Item> {
    if report.answered.is_some() {
        return None;
    }
    let desk = match Office::of_level(report.unit.level()) {
        Office::Village => Desk::VillageClerk,
        Office::Township => Desk::TownshipReviewer,
        _ => Desk::CountyReviewer,
    };
    let days = Days {
        due_on: Some(report.answer_by),
        ..Days::default()
    };
    Some(Item {
        object: report.id,
        round: report.submitted_on.year(),
        days,
        ..bare(
            (report.tenant, report.unit),
            Collection::Reports,
            (desk, Act::AnswerReport),
            Some(report.submitted_on),
        )
    })
}

/// An item of which no more is known.
fn bare(
    (tenant, unit): (Tenant, DivisionCode),
    collection: Collection,
    (desk, act): (Desk, Act),
    since: Option<Date>,
) -> Item {
    Item {
        tenant,
        collection,
        object: uuid::Uuid::nil(),
        desk,
        whose: desk.unit(tenant, unit).to_string(),
        act,
        programme: None,
        round: 0,
        state: None,
        decision: None,
        village: unit,
        waits: false,
        contradicted: false,
        since,
        days: Days::default(),
    }
}
