//! What waits on a case.

use time::Date;
use yuhui_kernel::dates;

use super::{Act, Collection, Days, Desk, Item};
use crate::domain::{
    Case, Kind, ProposalKind, State, Step, deadline::Obligation, deadline::Year,
    inquiry::INVESTIGATORS, review_request::open_until,
};

/// What a case does not know of itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside {
    /// Last day of the notice it is on.
    pub notice_ends_on: Option<Date>,
    /// A review of its decision waits for somebody: it is not archived meanwhile.
    pub under_review: bool,
}

/// Something to be done, at a desk; not before a day.
struct Todo(Desk, Act, Option<Date>);

/// Whether it ended against the claimant and is not archived: its letter is to be delivered, and it stays
/// open for as long as a review may be asked for (C.8).
pub fn has_decision_against(case: &Case) -> bool {
    matches!(
        case.state(),
        State::Rejected | State::NotAccepted | State::Terminated
    )
}

impl Year<'_> {
    /// What waits on a case. While a proposal waits for its checker the county does nothing else with it;
    /// other levels go on.
    pub fn items_of_case(&self, case: &Case, beside: Beside) -> Vec<Item> {
        let approval = approval(case);
        let mut todo = self.of_state(case, beside);
        if let Some(act) = approval {
            todo.retain(|it| !Desk::is_countys(it.0) || is_of_absence(it.1));
            todo.push(Todo(Desk::CountyApprover, act, None));
        }
        let due = self.of_case(case, beside.notice_ends_on);
        let items = todo.into_iter().map(|it| item(case, it, &due));
        // Nobody claims it yet whom it could be returned to.
        items.filter(|it| !it.whose.is_empty()).collect()
    }

    /// What its state asks for.
    fn of_state(&self, case: &Case, beside: Beside) -> Vec<Todo> {
        use Desk::{CountyApprover, CountyReviewer};
        let one = |desk, act| vec![Todo(desk, act, None)];
        let counter = match case.kind() {
            Kind::Family => Desk::VillageClerk,
            Kind::Institution => CountyReviewer,
        };
        match case.state() {
            State::Lodged => one(counter, Act::Accept),
            State::VReview => match case.report {
                None => one(Desk::VillageClerk, Act::Report),
                Some(_) => one(Desk::VillageHead, Act::Sign),
            },
            State::TReview => match case.report {
                None => one(Desk::TownshipReviewer, Act::Report),
                Some(_) => one(Desk::TownshipLead, Act::Sign),
            },
            // On a notice it is the notice that waits.
            State::VNotice if case.notice.is_none() => one(Desk::VillageClerk, Act::PostNotice),
            State::TNotice if case.notice.is_none() => one(Desk::TownshipReviewer, Act::PostNotice),
            State::CReview => one(CountyReviewer, Act::Review),
            State::CNotice if case.notice_over => one(CountyApprover, Act::Confirm),
            State::CNotice if case.notice.is_none() => one(CountyReviewer, Act::PostNotice),
            State::Returned => one(Desk::Claimant, Act::Correct),
            State::Referred => panel(case),
            State::Inquiry => inquiry(case),
            State::Confirmed if case.amount().is_zero() => one(CountyReviewer, Act::Close),
            State::Confirmed => one(CountyReviewer, Act::BuildRoster),
            State::PayFailed if case.awaits_account => one(CountyReviewer, Act::ProposeAccount),
            State::Paid | State::Recovered | State::WrittenOff => one(CountyReviewer, Act::Close),
            State::Withdrawn if case.lodged_on.is_some() => one(CountyReviewer, Act::Close),
            _ if !has_decision_against(case) || beside.under_review => Vec::new(),
            // Whoever does not take a claim up says so at the counter.
            State::NotAccepted if case.delivered_on.is_none() => one(counter, Act::RecordDelivery),
            _ if case.delivered_on.is_none() => one(CountyReviewer, Act::RecordDelivery),
            _ => {
                let last = open_until(case, self.calendar);
                let not_before = last.map(|it| dates::add_days(it, 1));
                vec![Todo(CountyReviewer, Act::Close, not_before)]
            }
        }
    }
}

/// The approval that a proposal waits for, if the case stands where it can be given.
fn approval(case: &Case) -> Option<Act> {
    let (step, act) = match case.proposal.as_ref()?.kind {
        ProposalKind::Rejection => (Step::ProposeRejection, Act::ApproveRejection),
        ProposalKind::Termination => (Step::ProposeTermination, Act::ApproveTermination),
        ProposalKind::FraudFinding => (Step::ProposeFraudFinding, Act::ApproveFraud),
        ProposalKind::Recovery => (Step::Recover, Act::ApproveRecovery),
        ProposalKind::AccountCorrection => (Step::CorrectAccount, Act::ApproveAccount),
        ProposalKind::Takeover => (Step::TakeOver, Act::ApproveTakeover),
    };
    let fits = case.place.allows(step, case.kind()).is_ok();
    fits.then_some(act)
}

/// F15: two persons, one of them a checker.
fn panel(case: &Case) -> Vec<Todo> {
    let desks = match &case.panel {
        Some(signed) if !signed.checker => &[Desk::CountyApprover][..],
        _ => &[Desk::CountyReviewer, Desk::CountyApprover],
    };
    let desks = desks.iter();
    desks
        .map(|it| Todo(*it, Act::ResolveReferral, None))
        .collect()
}

/// F27: two of the county or of the office of the stage report, then a checker decides.
fn inquiry(case: &Case) -> Vec<Todo> {
    if case.inquiry.len() >= INVESTIGATORS {
        return vec![Todo(Desk::CountyApprover, Act::ResolveInquiry, None)];
    }
    let own = match case.stage() {
        State::VReview | State::VNotice => Some(Desk::VillageClerk),
        State::TReview | State::TNotice => Some(Desk::TownshipReviewer),
        State::Lodged if case.kind() == Kind::Family => Some(Desk::VillageClerk),
        _ => None,
    };
    let desks = own.into_iter().chain([Desk::CountyReviewer]);
    desks.map(|it| Todo(it, Act::ReportInquiry, None)).collect()
}

impl Desk {
    const fn is_countys(self) -> bool {
        matches!(self, Self::CountyReviewer | Self::CountyApprover)
    }
}

/// What brings a case back that is away from its stage.
const fn is_of_absence(act: Act) -> bool {
    matches!(
        act,
        Act::Correct | Act::ResolveReferral | Act::ReportInquiry | Act::ResolveInquiry
    )
}

fn item(case: &Case, Todo(desk, act, not_before): Todo, due: &[Obligation]) -> Item {
    // What brings the case back has the day of its absence, whoever does it; all else its office's.
    let away = case.place.resume().is_some();
    let due = due.iter().find(|it| match is_of_absence(act) {
        true => !it.paused,
        false => !it.paused && !away && it.office == desk.office(),
    });
    let entered = case.state_since.or(case.lodged_on);
    let since = due.and_then(|it| it.since).or(entered);
    Item {
        tenant: case.tenant,
        collection: Collection::Cases,
        object: case.id,
        desk,
        whose: match desk {
            Desk::Claimant => case.claimant_ref.clone(),
            _ => desk.unit(case.tenant, case.unit).to_string(),
        },
        act,
        programme: Some(case.programme),
        round: case.round,
        state: Some(case.state()),
        decision: case.outcome.as_ref().map(|it| it.found.decision),
        village: case.unit,
        waits: !case.waiting_for.is_empty(),
        contradicted: case.state() == State::Inquiry
            || case.outcome.as_ref().is_some_and(|it| it.is_contradicted()),
        since: since.or(Some(case.updated_at.date())),
        days: Days {
            not_before,
            due_on: due.map(|it| it.due_on),
            post_by: due.and_then(|it| it.post_by),
        },
    }
}
