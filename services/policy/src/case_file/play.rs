//! Playing a case without a server: every claim in order of time, each knowing what had become of
//! the others when its turn came.

use std::collections::BTreeSet;

use time::Date;
use yuhui_kernel::Calendar;

use super::{Application, Case, claims_of, facts_of};
use crate::{
    Claim, Decision, Determination, Facts, Law, Pack, Programme, Progress, determine,
    facts::{OtherClaim, OtherOutcome},
};

/// A claim at the end of its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// The application it belongs to.
    pub application: String,
    /// The claim.
    pub claim: Claim,
    /// Facts it was decided on.
    pub facts: Facts,
    /// Days of confirmation and payment.
    pub progress: Progress,
    /// What was decided.
    pub determination: Determination,
}

/// Plays a family or institution case: claims in order of lodging, then of the file. `pack` already
/// holds the parameters of the case.
#[must_use]
pub fn play<L: Law>(case: &Case, pack: &Pack<L>, calendar: &Calendar) -> Vec<Played> {
    let mut applications: Vec<&Application> = case.applications.iter().collect();
    applications.sort_by_key(|application| application.lodged_on);
    let mut turns: Vec<Turn> = Vec::new();
    for application in applications {
        for claim in claims_of(application) {
            let (_, mut facts) = facts_of(case, application, &claim.subject);
            let days = Days::of(case, application, &claim, pack, calendar);
            let same = turns
                .iter()
                .filter(|turn| turn.claim.subject == claim.subject);
            facts.other_claims = same
                .map(|turn| {
                    let outcome = turn.outcome_on(days.looks_back_from(&claim), pack, calendar);
                    turn.as_other(true, outcome)
                })
                .collect();
            turns.push(Turn {
                application: application.id.clone(),
                claim,
                facts,
                days,
            });
        }
    }
    let decided = turns.iter().enumerate().map(|(index, turn)| {
        let mut facts = turn.facts.clone();
        let later = competitors(&turns, index, pack, calendar);
        facts.other_claims.extend(later);
        let later = overtakers(&turns, index, pack, calendar);
        facts.other_claims.extend(later);
        let progress = turn.days.at_the_end(case);
        Played {
            application: turn.application.clone(),
            determination: determine(pack, calendar, &facts, &turn.claim, &progress),
            claim: turn.claim.clone(),
            facts,
            progress,
        }
    });
    decided.collect()
}

/// The day on which an application is confirmed: as the case says, or when nobody is late.
pub(super) fn confirmed_on<L: Law>(
    case: &Case,
    application: &Application,
    pack: &Pack<L>,
    calendar: &Calendar,
) -> Option<Date> {
    let claim = claims_of(application).into_iter().next()?;
    Some(Days::of(case, application, &claim, pack, calendar).confirmed_on)
}

/// A claim with the facts known of it, but for institutions that compete for its children.
struct Turn {
    application: String,
    claim: Claim,
    facts: Facts,
    days: Days,
}

impl Turn {
    /// What had become of this claim on `day`.
    fn outcome_on<L: Law>(&self, day: Date, pack: &Pack<L>, calendar: &Calendar) -> OtherOutcome {
        let progress = self.days.on(day);
        let found = determine(pack, calendar, &self.facts, &self.claim, &progress);
        let round = found.round.unwrap_or(self.days.round);
        match (found.decision, progress.confirmed_on) {
            (Decision::Pay, confirmed_on) if progress.paid => OtherOutcome::Paid {
                amount: found.amount,
                round,
                confirmed_on,
            },
            (Decision::Pay, Some(confirmed_on)) => OtherOutcome::Confirmed {
                amount: found.amount,
                round,
                confirmed_on,
            },
            (Decision::Pay | Decision::Refer, _) => OtherOutcome::Open,
            (
                Decision::Reject | Decision::NotAccepted | Decision::Terminate | Decision::Clawback,
                _,
            ) => OtherOutcome::Refused {
                decision: found.decision,
                reason: found.reason,
            },
        }
    }

    fn as_other(&self, earlier: bool, outcome: OtherOutcome) -> OtherClaim {
        let claim = self.claim.clone();
        OtherClaim {
            id: claim.id,
            programme: claim.programme,
            subject: claim.subject,
            claimant: claim.claimant,
            county: claim.county,
            lodged_on: claim.lodged_on,
            earlier,
            subsidy_year: claim.subsidy_year,
            outcome,
        }
    }

    fn children(&self) -> BTreeSet<&str> {
        let stays = self.facts.enrolments.iter();
        let here = stays.filter(|stay| stay.institution == self.claim.subject);
        here.map(|stay| stay.child.as_str()).collect()
    }
}

/// R-P3-5: claims of other institutions for the same year that share a child. All claims of the
/// round are in when one is confirmed, whichever was lodged first.
fn competitors<L: Law>(
    turns: &[Turn],
    index: usize,
    pack: &Pack<L>,
    calendar: &Calendar,
) -> Vec<OtherClaim> {
    let Some(own) = turns.get(index) else {
        return Vec::new();
    };
    if own.claim.programme != Programme::P3 {
        return Vec::new();
    }
    let children = own.children();
    let others = turns.iter().enumerate().filter(|(_, other)| {
        other.claim.programme == Programme::P3
            && other.claim.subject != own.claim.subject
            && other.claim.subsidy_year == own.claim.subsidy_year
            && other.claim.lodged_on <= own.days.confirmed_on
            && !children.is_disjoint(&other.children())
    });
    others
        .map(|(other_index, other)| {
            let outcome = other.outcome_on(own.days.confirmed_on, pack, calendar);
            other.as_other(other_index < index, outcome)
        })
        .collect()
}

/// R-P4-3: claims of the same institution that were lodged later and confirmed sooner.
fn overtakers<L: Law>(
    turns: &[Turn],
    index: usize,
    pack: &Pack<L>,
    calendar: &Calendar,
) -> Vec<OtherClaim> {
    let Some(own) = turns.get(index) else {
        return Vec::new();
    };
    if own.claim.programme != Programme::P4 {
        return Vec::new();
    }
    let later = turns.iter().skip(index + 1).filter(|other| {
        other.claim.programme == Programme::P4
            && other.claim.subject == own.claim.subject
            && other.days.confirmed_on < own.days.confirmed_on
    });
    later
        .map(|other| {
            let outcome = other.outcome_on(own.days.confirmed_on, pack, calendar);
            other.as_other(false, outcome)
        })
        .collect()
}

/// The days on which a claim is confirmed and paid.
#[derive(Debug, Clone, Copy)]
struct Days {
    lodged_on: Date,
    round: i32,
    confirmed_on: Date,
    paid_on: Date,
}

impl Days {
    /// The days on which the law's offices act when nobody is late, unless the case says otherwise.
    fn of<L: Law>(
        case: &Case,
        application: &Application,
        claim: &Claim,
        pack: &Pack<L>,
        calendar: &Calendar,
    ) -> Self {
        let lodged_on = application.lodged_on;
        let round = L::round(pack, calendar, claim);
        let mut process = case.process.iter();
        let said = process.find(|days| days.application == application.id);
        let confirmed_on = said
            .and_then(|days| days.confirmed_on)
            .unwrap_or_else(|| L::confirmed_on(calendar, claim, round));
        Self {
            lodged_on,
            round,
            confirmed_on,
            paid_on: said
                .and_then(|days| days.paid_on)
                .unwrap_or_else(|| L::paid_on(round, confirmed_on)),
        }
    }

    /// The day on which earlier claims are looked at. A duplicate is one on the day of lodging
    /// (R-P1-11); an award is reduced by those that stand when it is confirmed (R-P4-3).
    fn looks_back_from(&self, claim: &Claim) -> Date {
        match claim.programme {
            Programme::P1 | Programme::P2 | Programme::P3 | Programme::N1 => self.lodged_on,
            Programme::P4 => self.confirmed_on,
        }
    }

    fn on(&self, day: Date) -> Progress {
        let passed = |step: Date| (step <= day).then_some(step);
        Progress {
            confirmed_on: passed(self.confirmed_on),
            paid_on: passed(self.paid_on),
            paid: self.paid_on <= day,
            known_on: day,
        }
    }

    /// Paid, and every finding of the case known.
    fn at_the_end(&self, case: &Case) -> Progress {
        let found = case.findings.iter().map(|finding| finding.found_on);
        self.on(found.chain([self.paid_on]).max().unwrap_or(self.paid_on))
    }
}
