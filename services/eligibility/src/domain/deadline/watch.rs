//! What is due, from whom and by when, as a case, roster or notice stands.

use time::Date;
use yuhui_kernel::{DivisionCode, DivisionLevel, dates};

use super::{Duty, Office, Stage, Year, year::Term};
use crate::domain::{
    Case, Kind, State,
    notice::Notice,
    report::Report,
    roster::{Roster, RosterState},
};

/// Working days for a finding on an objection or report (F27, R-PRC-11, 七2).
const INQUIRY_WORKING_DAYS: i32 = 10;

/// States of cases somebody still owes something on.
pub const OPEN: &[State] = &[
    State::Lodged,
    State::VReview,
    State::VNotice,
    State::TReview,
    State::TNotice,
    State::CReview,
    State::CNotice,
    State::Confirmed,
    State::Rostered,
    State::Recorded,
    State::Funded,
    State::InPayment,
    State::Returned,
    State::Inquiry,
    State::Referred,
    State::Hold,
];

/// A duty with its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// Resource name of the case, roster or notice.
    pub subject: String,
    /// What is to be done.
    pub duty: Duty,
    /// By whom.
    pub office: Office,
    /// Unit of that office; the county for city, finance and bank.
    pub unit: DivisionCode,
    /// Round.
    pub round: i32,
    /// Last day.
    pub due_on: Date,
    /// Last day to post the notice that is part of it, while it is not posted.
    pub post_by: Option<Date>,
    /// Day the duty began.
    pub since: Option<Date>,
    /// The clock stands: the case is away from the office.
    pub paused: bool,
}

impl Obligation {
    /// Calendar days left to the day by which something must be done; negative when it is over.
    pub fn days_left(&self, on: Date) -> i32 {
        let act_by = self.post_by.unwrap_or(self.due_on);
        act_by.to_julian_day() - on.to_julian_day()
    }
}

/// How far the money of a recorded roster has come. Lines that are held or under inquiry are waited
/// for by nobody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RosterProgress {
    /// Some of its lines still wait for the shares.
    pub unfunded: bool,
    /// Since when some of its lines wait for the bank.
    pub funded_since: Option<Date>,
}

impl Year<'_> {
    /// What is due on a case. `notice_ends_on` is the last day of the notice it is on.
    pub fn of_case(&self, case: &Case, notice_ends_on: Option<Date>) -> Vec<Obligation> {
        let away = case.place.resume().is_some();
        let stage = self
            .of_stage(case, notice_ends_on)
            .map(|it| Obligation { paused: away, ..it });
        let mut due: Vec<Obligation> = stage.into_iter().collect();
        due.extend(self.of_absence(case));
        due
    }

    /// What the office of the case's stage owes.
    fn of_stage(&self, case: &Case, notice_ends_on: Option<Date>) -> Option<Obligation> {
        let since = case.stage_since.or(case.lodged_on);
        let family = case.kind() == Kind::Family;
        let (duty, office, term) = match case.stage() {
            State::Lodged | State::VReview | State::VNotice if family => (
                Duty::VillageReview,
                Office::Village,
                self.with_notice(Stage::Village, case.round, since),
            ),
            State::TReview | State::TNotice if family => (
                Duty::TownshipReview,
                Office::Township,
                self.with_notice(Stage::Township, case.round, since),
            ),
            State::TReview => (
                Duty::TownshipReview,
                Office::Township,
                self.without_notice(Stage::County, case.round, since),
            ),
            State::Lodged | State::CReview | State::CNotice => (
                Duty::CountyReview,
                Office::County,
                self.with_notice(Stage::County, case.round, since),
            ),
            State::Confirmed => (
                Duty::CountyRoster,
                Office::County,
                self.without_notice(Stage::County, case.round, since),
            ),
            _ => return None,
        };
        let term = self.posted(case, office, term, notice_ends_on)?;
        Some(self.on_case(case, duty, office, term, since))
    }

    /// A notice that ends in time ends the stage of village and township in time; the county
    /// confirms on the working day after. A late one changes nothing.
    fn posted(
        &self,
        case: &Case,
        office: Office,
        term: Term,
        notice_ends_on: Option<Date>,
    ) -> Option<Term> {
        let Some(ends_on) = notice_ends_on.filter(|_| case.stage().is_notice()) else {
            return Some(term);
        };
        let mut term = Term {
            post_by: None,
            ..term
        };
        if ends_on <= term.due_on {
            if office != Office::County {
                return None;
            }
            let confirm_on = self.calendar.add_working_days(ends_on, 1);
            term.due_on = term.due_on.max(confirm_on);
        }
        Some(term)
    }

    /// What is owed while the case is away from its stage. A hold is supervision's own, and ends
    /// by its term.
    fn of_absence(&self, case: &Case) -> Option<Obligation> {
        let since = case.state_since;
        let from = since.unwrap_or(case.updated_at.date());
        let (duty, office, due_on) = match case.state() {
            State::Returned => (Duty::Correction, Office::Claimant, case.return_due_on?),
            State::Inquiry => {
                let due_on = self.calendar.add_working_days(from, INQUIRY_WORKING_DAYS);
                (Duty::Inquiry, Office::County, due_on)
            }
            State::Referred if case.stage().is_before_confirmation() => {
                let term = self.without_notice(Stage::County, case.round, since);
                (Duty::Referral, Office::County, term.due_on)
            }
            State::Referred => {
                let term = self.without_notice(Stage::Bank, case.round, since);
                (Duty::Referral, Office::County, term.due_on)
            }
            _ => return None,
        };
        let term = Term {
            due_on,
            post_by: None,
        };
        Some(self.on_case(case, duty, office, term, since))
    }

    fn on_case(
        &self,
        case: &Case,
        duty: Duty,
        office: Office,
        term: Term,
        since: Option<Date>,
    ) -> Obligation {
        // Who returned a case is who reminds its claimant.
        let level = match (office, case.stage()) {
            (Office::Village, _) => DivisionLevel::Village,
            (Office::Township, _) => DivisionLevel::Township,
            (Office::Claimant, State::VReview) => DivisionLevel::Village,
            (Office::Claimant, State::TReview) => DivisionLevel::Township,
            _ => DivisionLevel::County,
        };
        let unit = match level {
            DivisionLevel::Village => case.unit,
            DivisionLevel::Township => case.unit.township().unwrap_or(case.unit),
            _ => case.tenant.code(),
        };
        Obligation {
            subject: case.name(),
            duty,
            office,
            unit,
            round: case.round,
            due_on: term.due_on,
            post_by: term.post_by,
            since,
            paused: false,
        }
    }

    /// What is due on a roster: recording by the city, then the shares, then payment.
    pub fn of_roster(&self, roster: &Roster, progress: RosterProgress) -> Option<Obligation> {
        let (duty, office, stage, since) = match roster.state {
            RosterState::Sealed | RosterState::Checked => (
                Duty::CityRecording,
                Office::City,
                Stage::City,
                roster.sealed_on,
            ),
            RosterState::Recorded if progress.unfunded => (
                Duty::Funding,
                Office::Finance,
                Stage::Finance,
                roster.recorded_on,
            ),
            RosterState::Recorded => {
                let since = progress.funded_since?;
                (Duty::Payment, Office::Bank, Stage::Bank, Some(since))
            }
            RosterState::Building | RosterState::Sealing | RosterState::Superseded => {
                return None;
            }
        };
        let term = self.without_notice(stage, roster.round, since);
        Some(Obligation {
            subject: roster.name(),
            duty,
            office,
            unit: roster.tenant.code(),
            round: roster.round,
            due_on: term.due_on,
            post_by: None,
            since,
            paused: false,
        })
    }

    /// The last day to answer what was reported on that day (R-PRC-11).
    pub fn answer_by(&self, submitted_on: Date) -> Date {
        self.calendar
            .add_working_days(submitted_on, INQUIRY_WORKING_DAYS)
    }

    /// A report is answered, whatever becomes of it.
    pub fn of_report(&self, report: &Report) -> Option<Obligation> {
        report.answered.is_none().then(|| Obligation {
            subject: report.name(),
            duty: Duty::Answer,
            office: Office::of_level(report.unit.level()),
            unit: report.unit,
            round: report.submitted_on.year(),
            due_on: report.answer_by,
            post_by: None,
            since: Some(report.submitted_on),
            paused: false,
        })
    }

    /// A notice that is over is closed on the next working day: its cases wait for it (F9).
    pub fn of_notice(&self, notice: &Notice) -> Option<Obligation> {
        (!notice.closed).then(|| Obligation {
            subject: notice.name(),
            duty: Duty::NoticeClosing,
            office: Office::of_level(notice.unit.level()),
            unit: notice.unit,
            round: notice.posted_on.year(),
            due_on: self.calendar.add_working_days(notice.last_on, 1),
            post_by: None,
            since: Some(dates::add_days(notice.last_on, 1)),
            paused: false,
        })
    }
}
