//! Reviews of decisions (复核, C.8), and orders to reopen a case (F32).

use serde::{Deserialize, Serialize};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::{Calendar, DivisionCode, Tenant};

use super::{Case, Hand, Outcome, State, iso_date};

/// Working days from delivery within which a review may be requested (C.8).
const REQUEST_WORKING_DAYS: i32 = 15;
/// Working days from the request within which it is decided (C.8).
const DECISION_WORKING_DAYS: i32 = 20;

/// State of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewState {
    /// 待复核.
    Open,
    /// 待审批.
    Proposed,
    /// 维持原决定.
    Upheld,
    /// 重新审核.
    Reopened,
    /// An order reopened the case first.
    Lapsed,
}

impl ReviewState {
    /// States in which a review waits for somebody.
    pub const PENDING: [Self; 2] = [Self::Open, Self::Proposed];

    /// Stable name, as stored and as in the contract without its prefix.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Proposed => "PROPOSED",
            Self::Upheld => "UPHELD",
            Self::Reopened => "REOPENED",
            Self::Lapsed => "LAPSED",
        }
    }

    /// Whether it waits for somebody.
    pub fn is_pending(self) -> bool {
        Self::PENDING.contains(&self)
    }
}

/// Who may order that a case be reopened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Authority {
    /// 行政复议机关.
    Reconsideration,
    /// 人民法院.
    Court,
}

/// An order to reopen a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Who ordered it.
    pub authority: Authority,
    /// Number of the document.
    pub document_number: String,
    /// Day of the document.
    #[serde(with = "iso_date")]
    pub document_on: Date,
}

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewProposal {
    /// Who proposes it.
    pub by: Hand,
    /// Reopen the case, or uphold its decision.
    pub reopen: bool,
    /// Why.
    pub reasons: String,
}

/// A review of the decision on one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRequest {
    /// Id inside the tenant.
    pub id: Uuid,
    /// County.
    pub tenant: Tenant,
    /// Goes up by one with every change.
    pub revision: i64,
    /// The case.
    pub case: Uuid,
    /// Unit of the case.
    pub unit: DivisionCode,
    /// Blind reference of the claimant.
    pub claimant_ref: String,
    /// Receipt number of the case.
    pub receipt_number: String,
    /// Round of the case.
    pub round: i32,
    /// State.
    pub state: ReviewState,
    /// Why it is asked for, or what is ordered.
    pub grounds: String,
    /// The order, unless the claimant asked.
    pub order: Option<Order>,
    /// State the contested decision left the case in.
    pub contested_state: State,
    /// The contested decision.
    pub contested: Option<Outcome>,
    /// Its day.
    #[serde(with = "iso_date::option")]
    pub decided_on: Option<Date>,
    /// Day of its delivery, if one was recorded.
    #[serde(with = "iso_date::option")]
    pub delivered_on: Option<Date>,
    /// Day of the request, or of the order's arrival.
    #[serde(with = "iso_date")]
    pub requested_on: Date,
    /// Day the review is due.
    #[serde(with = "iso_date")]
    pub due_on: Date,
    /// What is proposed, and once it is decided what was.
    pub proposal: Option<ReviewProposal>,
    /// Day it was decided.
    #[serde(with = "iso_date::option")]
    pub closed_on: Option<Date>,
}

/// Last day on which a review of the case's decision may be requested; none before its delivery: an
/// office that does not deliver cuts nobody's term short (C.8, R-PRC-3).
pub fn last_day(case: &Case, calendar: &Calendar) -> Option<Date> {
    let delivered = case.delivered_on?;
    Some(calendar.add_working_days(delivered, REQUEST_WORKING_DAYS))
}

/// Last day on which the refusal of a case may not be archived yet, so that its review can be
/// requested; counted from the decision where no delivery is recorded.
pub fn open_until(case: &Case, calendar: &Calendar) -> Option<Date> {
    let since = case.delivered_on.or(case.decided_on)?;
    Some(calendar.add_working_days(since, REQUEST_WORKING_DAYS))
}

impl ReviewRequest {
    /// A review of the case as it stands, requested today.
    pub fn of(id: Uuid, case: &Case, grounds: String, today: Date, calendar: &Calendar) -> Self {
        Self {
            id,
            tenant: case.tenant,
            revision: 1,
            case: case.id,
            unit: case.unit,
            claimant_ref: case.claimant_ref.clone(),
            receipt_number: case.receipt_number.clone(),
            round: case.round,
            state: ReviewState::Open,
            grounds,
            order: None,
            contested_state: case.ended_as(),
            contested: case.outcome.clone(),
            decided_on: case.decided_on,
            delivered_on: case.delivered_on,
            requested_on: today,
            due_on: calendar.add_working_days(today, DECISION_WORKING_DAYS),
            proposal: None,
            closed_on: None,
        }
    }

    /// Whether it is about the decision that the case stands under now.
    pub fn is_about(&self, case: &Case) -> bool {
        self.decided_on == case.decided_on && self.contested_state == case.ended_as()
    }

    /// Changes with every change.
    pub fn etag(&self) -> String {
        format!("r{}", self.revision)
    }

    /// Resource name.
    pub fn name(&self) -> String {
        format!(
            "counties/{}/reviewRequests/{}",
            self.tenant.as_str(),
            self.id
        )
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};
    use yuhui_policy::Programme;

    use super::*;

    fn case() -> Case {
        let tenant = Tenant::parse("150203").expect("a county");
        let at = datetime!(2025-03-10 08:00 +8);
        let mut case = Case::draft(Uuid::nil(), tenant, tenant.code(), Programme::P1, at);
        case.decided_on = Some(date!(2025 - 04 - 25));
        case
    }

    #[test]
    fn the_term_is_fifteen_working_days_from_delivery() {
        let mut case = case();
        let calendar = Calendar::china();
        // 27 April is worked, 1 to 5 May are free.
        assert_eq!(last_day(&case, calendar), None, "not delivered");
        assert_eq!(open_until(&case, calendar), Some(date!(2025 - 05 - 20)));
        case.delivered_on = Some(date!(2025 - 05 - 06));
        assert_eq!(last_day(&case, calendar), Some(date!(2025 - 05 - 27)));
        case.delivered_on = None;
        case.decided_on = None;
        assert_eq!(last_day(&case, calendar), None);
        assert_eq!(open_until(&case, calendar), None);
    }

    #[test]
    fn it_is_due_in_twenty_working_days() {
        let today = date!(2025 - 06 - 02);
        let review = ReviewRequest::of(
            Uuid::nil(),
            &case(),
            String::new(),
            today,
            Calendar::china(),
        );
        // 2 June is the free day of the Dragon Boat Festival.
        assert_eq!(review.due_on, date!(2025 - 06 - 30));
        assert!(review.is_about(&case()));
        let mut later = case();
        later.decided_on = Some(today);
        assert!(!review.is_about(&later));
    }
}
