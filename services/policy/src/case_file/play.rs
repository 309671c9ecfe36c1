//! Playing a case without a server: every claim in order of time, each knowing what had become of
//! the others when its turn came.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use time::Date;
use yuhui_kernel::Calendar;

use super::{
    Application, Case, Stage as CaseStage, claims_of,
    map::{answers, as_told, common_facts, frauds},
};
use crate::{
    Claim, Decision, Determination, Facts, Law, Pack, Programme, Progress, decide, determine,
    facts::{FraudFinding, OtherClaim, OtherOutcome},
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
    let mut all = Vec::new();
    each(case, pack, calendar, |seen| {
        all.push(Played {
            application: seen.application.id.clone(),
            claim: seen.claim.clone(),
            facts: seen.facts.into_owned(),
            progress: seen.progress,
            determination: seen.determination,
        });
    });
    all
}

/// A claim at the end of its case, as long as one looks at it.
pub(super) struct Seen<'s> {
    pub(super) application: &'s Application,
    pub(super) claim: &'s Claim,
    facts: Cow<'s, Facts>,
    progress: Progress,
    pub(super) determination: Determination,
}

/// As [`play`], claim by claim: the facts are held once, however many claims there are.
pub(super) fn each<L: Law>(
    case: &Case,
    pack: &Pack<L>,
    calendar: &Calendar,
    mut see: impl FnMut(Seen<'_>),
) {
    let mut stage = Stage::set(case, pack, calendar);
    for application in in_turn(case) {
        for claim in claims_of(application) {
            stage.enter(application, claim);
        }
    }
    stage.settle_awards();
    for index in 0..stage.turns.len() {
        let Some(turn) = stage.turns.get(index).cloned() else {
            continue;
        };
        let mut others = stage.earlier(index, &turn);
        others.extend(stage.competitors(index, &turn));
        others.extend(stage.overtakers(index, &turn));
        stage.give_facts(&turn.claim, others);
        let progress = turn.days.looked_at(case);
        let facts = as_told(case, &turn.claim, &stage.facts);
        see(Seen {
            application: turn.application,
            claim: &turn.claim,
            progress,
            determination: determine(pack, calendar, &facts, &turn.claim, &progress),
            facts,
        });
    }
}

/// Applications in order of lodging, then of the file.
fn in_turn(case: &Case) -> Vec<&Application> {
    let mut applications: Vec<&Application> = case.applications.iter().collect();
    applications.sort_by_key(|application| application.lodged_on);
    applications
}

/// The claims of a case, and the facts of the one that is decided.
struct Stage<'a, L> {
    case: &'a Case,
    pack: &'a Pack<L>,
    calendar: &'a Calendar,
    facts: Facts,
    frauds: BTreeMap<&'a str, Vec<FraudFinding>>,
    turns: Vec<Rc<Turn<'a>>>,
    /// Claims for one child or institution, in their order.
    of_subject: BTreeMap<&'a str, Vec<usize>>,
    /// How many claims for one child or institution there will be.
    announced: BTreeMap<&'a str, usize>,
    /// Where children stay, if institutions compete for them.
    stays: BTreeMap<String, BTreeSet<String>>,
}

/// A claim with what has become of it.
struct Turn<'a> {
    application: &'a Application,
    claim: Claim,
    days: Days,
    /// Outcomes, each with the day from which it is the one; none if nobody asks.
    outcomes: Vec<(Date, OtherOutcome)>,
}

impl<'a, L: Law> Stage<'a, L> {
    fn set(case: &'a Case, pack: &'a Pack<L>, calendar: &'a Calendar) -> Self {
        let facts = common_facts(case);
        let mut announced: BTreeMap<&str, usize> = BTreeMap::new();
        for application in &case.applications {
            for subject in application.children.iter().chain(&application.institution) {
                *announced.entry(subject).or_default() += 1;
            }
        }
        let mut stays: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let competing = case.applications.iter();
        if competing
            .filter(|it| it.programme == Programme::P3)
            .nth(1)
            .is_some()
        {
            for stay in &facts.enrolments {
                let places = stays.entry(stay.child.clone()).or_default();
                places.insert(stay.institution.clone());
            }
        }
        Self {
            case,
            pack,
            calendar,
            facts,
            frauds: frauds(case),
            turns: Vec::new(),
            of_subject: BTreeMap::new(),
            announced,
            stays,
        }
    }

    /// The next claim, with what becomes of it as others will see it.
    fn enter(&mut self, application: &'a Application, claim: Claim) {
        self.give_facts(&claim, Vec::new());
        let index = self.turns.len();
        let days = Days::of(self.case, application, &claim, self.pack, self.calendar);
        let several = self.announced.get(claim.subject.as_str()) > Some(&1);
        let competes = claim.programme == Programme::P3 && !self.stays.is_empty();
        let mut subjects = application.children.iter().chain(&application.institution);
        if let Some(subject) = subjects.find(|it| **it == claim.subject) {
            self.of_subject.entry(subject).or_default().push(index);
        }
        let mut turn = Turn {
            application,
            claim,
            days,
            outcomes: Vec::new(),
        };
        if several || competes {
            self.facts.other_claims = self.earlier(index, &turn);
            turn.outcomes = self.outcomes(&turn);
        }
        self.turns.push(Rc::new(turn));
    }

    /// R-P4-3: what becomes of an award depends on those confirmed before it, whichever was lodged
    /// first.
    fn settle_awards(&mut self) {
        let all = self.turns.iter().enumerate();
        let awards = all.filter(|(_, it)| {
            let several = self.announced.get(it.claim.subject.as_str()) > Some(&1);
            it.claim.programme == Programme::P4 && several
        });
        let mut awards: Vec<(Date, usize)> =
            awards.map(|(at, it)| (it.days.confirmed_on, at)).collect();
        awards.sort_unstable();
        for (_, index) in awards {
            let Some(turn) = self.turns.get(index).cloned() else {
                continue;
            };
            let mut others = self.earlier(index, &turn);
            others.extend(self.overtakers(index, &turn));
            self.give_facts(&turn.claim, others);
            let outcomes = self.outcomes(&turn);
            drop(turn);
            if let Some(turn) = self.turns.get_mut(index).and_then(Rc::get_mut) {
                turn.outcomes = outcomes;
            }
        }
    }

    /// Puts the facts of a claim before the rules.
    fn give_facts(&mut self, claim: &Claim, others: Vec<OtherClaim>) {
        let claimant = claim.claimant.as_str();
        if self.facts.frauds.first().map(|it| it.claimant.as_str()) != Some(claimant) {
            self.facts.frauds = self.frauds.get(claimant).cloned().unwrap_or_default();
        }
        self.facts.answers = answers(self.case, claim);
        self.facts.other_claims = others;
    }

    /// What becomes of a claim whose facts are given. It can become something else on the days of
    /// its course and on those of facts that become known later, and on no other.
    fn outcomes(&self, turn: &Turn<'_>) -> Vec<(Date, OtherOutcome)> {
        let days = &turn.days;
        let found = self.facts.frauds.iter().map(|it| it.found_on);
        let paid = self.facts.national_payments.iter();
        let paid = paid
            .filter(|it| it.child == turn.claim.subject)
            .map(|it| it.on);
        let mut turning: Vec<Date> = [days.confirmed_on, days.paid_on].into();
        turning.extend(found.chain(paid));
        turning.retain(|day| *day > days.lodged_on);
        turning.push(days.lodged_on);
        turning.sort_unstable();
        turning.dedup();
        let mut outcomes: Vec<(Date, OtherOutcome)> = Vec::new();
        for day in turning {
            let outcome = self.outcome(turn, day);
            if outcomes.last().is_none_or(|(_, last)| *last != outcome) {
                outcomes.push((day, outcome));
            }
        }
        outcomes
    }

    /// What had become of the claim whose facts are given on `day`.
    fn outcome(&self, turn: &Turn<'_>, day: Date) -> OtherOutcome {
        let progress = turn.days.on(day);
        let facts = as_told(self.case, &turn.claim, &self.facts);
        let found = decide(self.pack, self.calendar, &facts, &turn.claim, &progress);
        let round = found.round.unwrap_or(turn.days.round);
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
            (Decision::Pay | Decision::Refer | Decision::Wait, _) => OtherOutcome::Open,
            (
                Decision::Reject | Decision::NotAccepted | Decision::Terminate | Decision::Clawback,
                _,
            ) => OtherOutcome::Refused {
                decision: found.decision,
                reason: found.reason,
            },
        }
    }

    /// Claims for the same child or institution that were lodged before.
    fn earlier(&self, index: usize, own: &Turn<'_>) -> Vec<OtherClaim> {
        let day = own.days.looks_back_from(&own.claim);
        let same = self.of_subject.get(own.claim.subject.as_str());
        let before = same.into_iter().flatten().take_while(|it| **it < index);
        before
            .filter_map(|other| Some(self.turns.get(*other)?.as_other(true, day)))
            .collect()
    }

    /// R-P3-5: claims of other institutions for the same year that share a child. All claims of the
    /// round are in when one is confirmed, whichever was lodged first.
    fn competitors(&self, index: usize, own: &Turn<'_>) -> Vec<OtherClaim> {
        if own.claim.programme != Programme::P3 || self.stays.is_empty() {
            return Vec::new();
        }
        let stays = self.facts.enrolments.iter();
        let here = stays.filter(|stay| stay.institution == own.claim.subject);
        let places: BTreeSet<&str> = here
            .filter_map(|stay| self.stays.get(&stay.child))
            .flat_map(|places| places.iter().map(String::as_str))
            .filter(|place| *place != own.claim.subject)
            .collect();
        let mut others: Vec<usize> = { places.into_iter() }
            .filter_map(|place| self.of_subject.get(place))
            .flatten()
            .copied()
            .collect();
        others.sort_unstable();
        let others = others
            .into_iter()
            .filter_map(|at| Some((at, self.turns.get(at)?)));
        let rivals = others.filter(|(_, other)| {
            other.claim.programme == Programme::P3
                && other.claim.subsidy_year == own.claim.subsidy_year
                && other.claim.lodged_on <= own.days.confirmed_on
        });
        rivals
            .map(|(at, other)| other.as_other(at < index, own.days.confirmed_on))
            .collect()
    }

    /// R-P4-3: claims of the same institution that were lodged later and confirmed sooner.
    fn overtakers(&self, index: usize, own: &Turn<'_>) -> Vec<OtherClaim> {
        if own.claim.programme != Programme::P4 {
            return Vec::new();
        }
        let same = self.of_subject.get(own.claim.subject.as_str());
        let later = same.into_iter().flatten().filter(|it| **it > index);
        let sooner = later
            .filter_map(|other| self.turns.get(*other))
            .filter(|other| {
                other.claim.programme == Programme::P4
                    && other.days.confirmed_on < own.days.confirmed_on
            });
        sooner
            .map(|other| other.as_other(false, own.days.confirmed_on))
            .collect()
    }
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

impl Turn<'_> {
    /// The claim as another sees it that looks on `day`.
    fn as_other(&self, earlier: bool, day: Date) -> OtherClaim {
        let outcomes = self.outcomes.iter().rev();
        let mut by_then = outcomes.skip_while(|(from, _)| *from > day);
        let outcome = by_then.next().or_else(|| self.outcomes.first());
        let claim = &self.claim;
        OtherClaim {
            id: claim.id.clone(),
            programme: claim.programme,
            subject: claim.subject.clone(),
            claimant: claim.claimant.clone(),
            county: claim.county,
            lodged_on: claim.lodged_on,
            earlier,
            subsidy_year: claim.subsidy_year,
            outcome: outcome.map_or(OtherOutcome::Open, |(_, it)| it.clone()),
        }
    }
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

    /// At the stage that the case names, otherwise when all is over.
    fn looked_at(&self, case: &Case) -> Progress {
        let before = |known_on| Progress {
            confirmed_on: None,
            paid_on: None,
            paid: false,
            known_on,
        };
        match case.stage {
            None => self.at_the_end(case),
            Some(CaseStage::F1) => before(self.lodged_on),
            Some(CaseStage::F7 | CaseStage::F10 | CaseStage::F12) => before(self.confirmed_on),
            Some(CaseStage::F13) => Progress {
                confirmed_on: Some(self.confirmed_on),
                ..before(self.confirmed_on)
            },
            Some(CaseStage::F20) => Progress {
                confirmed_on: Some(self.confirmed_on),
                paid_on: Some(self.paid_on),
                ..before(self.paid_on)
            },
        }
    }

    /// Paid, and every finding of the case known.
    fn at_the_end(&self, case: &Case) -> Progress {
        let found = case.findings.iter().map(|finding| finding.found_on);
        self.on(found.chain([self.paid_on]).max().unwrap_or(self.paid_on))
    }
}
