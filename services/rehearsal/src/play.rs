//! The play itself: day after day, act after act, until nothing is left to do.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Context as _;
use futures::{StreamExt as _, future::LocalBoxFuture, stream};
use time::Date;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use yuhui_kernel::{Tenant, dates};
use yuhui_proto::eligibility::v1::{Case, case::State};

use super::{
    agenda::{Act, Agenda, Timetable},
    bank::Bank,
    compare::{Verdict, compare},
    notices::Notices,
    offices::Offices,
    plot::{Claim, Entry, Plot, Registers},
    rivals::{is_bound_to_fail, rivals},
    system::System,
    times::Times,
};

/// Days after which nobody may ask for a review of the last decision any more: 15 working days.
const REVIEW_IS_OVER: i64 = 40;

/// A year being played.
pub struct Play<'a> {
    pub(super) system: &'a System,
    pub(super) offices: Offices,
    pub(super) plot: &'a Plot,
    /// Where each claim of the plot stands.
    pub(super) standing: Vec<Standing>,
    pub(super) by_name: HashMap<String, usize>,
    pub(super) agenda: Agenda,
    pub(super) notices: Notices,
    pub(super) cohorts: Vec<Cohort>,
    /// Claims that another claim for the same child or nursery follows.
    rivals: HashSet<usize>,
    /// Rounds whose sampling seed is public.
    pub(super) seeded: HashSet<i32>,
    /// County and round that money moves in.
    pub(super) rounds: Vec<CountyRound>,
    pub(super) bank: Bank,
    pub(super) times: Times,
    /// What was found of each claim, once everything was played.
    verdicts: Vec<Verdict>,
    /// What the departments are still to enter, by the day on which it becomes known.
    pub(super) to_enter: BTreeMap<Date, Vec<(Entry, Registers)>>,
    /// What could not be entered, and about what.
    pub(super) unfounded: Vec<(String, String)>,
    /// What went wrong that belongs to no single claim.
    pub(super) troubles: Vec<String>,
    pub(super) today: Date,
    pub(super) in_flight: usize,
    /// Whether finished cases are archived at the end.
    pub(super) archive: bool,
}

/// Where a claim stands.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The case as last seen; nothing before it is opened.
    pub case: Option<Case>,
    /// It was returned for correction once.
    pub(super) returned: bool,
    /// The county's notice is over.
    pub notice_over: bool,
    /// Cohort it is confirmed and paid with.
    pub(super) cohort: Option<usize>,
    /// Amount with which it stands on a sealed roster, in fen.
    pub(crate) rostered_fen: Option<i64>,
    /// Why it could not be played further.
    pub trouble: Option<String>,
    /// The system says that it does not do this yet.
    pub(crate) unsupported: bool,
}

impl Standing {
    /// State of the case; unspecified before it is opened.
    #[must_use]
    pub fn state(&self) -> State {
        self.case.as_ref().map_or(State::Unspecified, Case::state)
    }

    /// Resource name; empty before the case is opened.
    pub(crate) fn name(&self) -> &str {
        self.case.as_ref().map_or("", |case| case.name.as_str())
    }
}

/// Claims of a county and round that are confirmed and paid on the same days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cohort {
    pub(super) county: Tenant,
    pub(super) round: i32,
    pub(super) confirmed_on: Date,
    pub(super) paid_on: Date,
    /// Rosters sealed for it.
    pub(super) rosters: Vec<String>,
}

/// A county and a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CountyRound {
    pub(crate) county: Tenant,
    pub(crate) round: i32,
}

impl<'a> Play<'a> {
    /// A play of `plot` on `system`, with so many calls in flight.
    #[must_use]
    pub fn new(system: &'a System, plot: &'a Plot, in_flight: usize, times: Times) -> Self {
        Self {
            offices: Offices::new(system.gateway.clone(), system.bank.clone()),
            standing: vec![Standing::default(); plot.claims.len()],
            by_name: HashMap::new(),
            agenda: Agenda::default(),
            notices: Notices::default(),
            cohorts: Vec::new(),
            rivals: rivals(plot),
            seeded: HashSet::new(),
            rounds: Vec::new(),
            bank: Bank::new(plot.accounts.clone()),
            times,
            verdicts: Vec::new(),
            to_enter: BTreeMap::new(),
            unfounded: Vec::new(),
            troubles: Vec::new(),
            today: system.clock.today(),
            in_flight,
            archive: false,
            system,
            plot,
        }
    }

    /// Where each claim of the plot stands.
    #[must_use]
    pub fn standing(&self) -> &[Standing] {
        &self.standing
    }

    /// What was found of each claim.
    pub(crate) fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// The times, to go on counting.
    pub(crate) fn times_mut(&mut self) -> &mut Times {
        &mut self.times
    }

    /// The times, when the play is over.
    pub(crate) fn into_times(self) -> Times {
        self.times
    }

    /// Archives what is finished at the end.
    pub(crate) fn archiving(mut self) -> Self {
        self.archive = true;
        self
    }

    /// Plays everything.
    pub(crate) async fn run(&mut self) -> anyhow::Result<()> {
        self.prepare().await;
        while self.act().await? {}
        self.look_again().await;
        self.verdicts = compare(self);
        if self.archive {
            // Refusals stay open until their review can no longer be requested (C.8).
            self.today = dates::add_days(self.today, REVIEW_IS_OVER);
            let clock = &self.system.clock;
            clock
                .set(self.today)
                .context("the play needs a sandbox clock")?;
            let rounds = self.county_rounds().len();
            self.times.begin(Act::Archive.title(), self.today, rounds);
            self.archive().await;
            self.system.runs.settle().await?;
            self.times.end();
        }
        Ok(())
    }

    /// What is there before the year begins, and what is known to happen in it. Boxed like [`Self::act`], to
    /// be compiled here and not once more by whoever plays.
    pub fn prepare(&mut self) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            self.load_registers().await;
            self.load_nurseries().await;
            for (index, claim) in self.plot.claims.iter().enumerate() {
                self.agenda.add(claim.lodged_on, Act::Lodge, index);
                let after = |on: Date| on.max(claim.lodged_on);
                if let Some(on) = claim.fate.fraud_found_on {
                    self.agenda.add(after(on), Act::Fraud, index);
                }
                if let Some(on) = claim.fate.withdrawn_on {
                    self.agenda.add(after(on), Act::Withdraw, index);
                }
                if let Some(on) = claim.fate.resolved_on {
                    self.agenda.add(after(on), Act::Resolve, index);
                }
            }
        })
    }

    /// Does what comes next; nothing, if nothing is left to do.
    pub fn act(&mut self) -> LocalBoxFuture<'_, anyhow::Result<bool>> {
        Box::pin(async move {
            let Some((on, act, items)) = self.agenda.next() else {
                return Ok(false);
            };
            self.today = on;
            self.system
                .clock
                .set(on)
                .context("the play needs a sandbox clock")?;
            self.bring_registers_up_to_date().await;
            self.times.begin(act.title(), on, items.len());
            self.perform(act, items).await?;
            self.system.runs.settle().await?;
            self.times.end();
            Ok(true)
        })
    }

    async fn perform(&mut self, act: Act, items: Vec<usize>) -> anyhow::Result<()> {
        match act {
            Act::CloseNotice => self.close_notices(items).await,
            Act::Lodge => self.lodge(items).await,
            Act::Resubmit => self.resubmit(items).await,
            Act::Village => self.village(items).await,
            Act::Township => self.township(items).await,
            Act::County => self.county(items).await,
            Act::Resolve => self.resolve(items).await,
            Act::Withdraw => self.withdraw(items).await,
            Act::Fraud => self.fraud(items).await,
            Act::Confirm => self.confirm(items).await,
            Act::Record => self.record(items).await,
            Act::Fund => self.fund(items).await,
            Act::Pay => self.pay(items).await?,
            Act::Answer => self.answer(items).await,
            Act::Correct => self.correct(items).await?,
            Act::Remit => self.remit(items).await,
            Act::CloseYear => self.close_year(items).await,
            Act::Archive => {}
        }
        Ok(())
    }

    /// Does something to each claim, a few at a time, and takes note of what
    /// the case is afterwards. `None` leaves it as it was.
    pub(super) async fn each(
        &mut self,
        claims: Vec<usize>,
        act: impl AsyncFn(&Self, usize) -> Result<Option<Case>, Status>,
    ) {
        let this = &*self;
        let act = &act;
        let done: Vec<_> = stream::iter(claims)
            .map(|index| async move {
                let result = act(this, index).await;
                this.times.tick();
                (index, result)
            })
            .buffer_unordered(this.in_flight)
            .collect()
            .await;
        for (index, result) in done {
            self.saw(index, result);
        }
    }

    /// Does something for each of `items`, a few at a time; troubles are noted.
    pub(super) async fn all<T, R>(
        &mut self,
        items: Vec<T>,
        act: impl AsyncFn(&Self, T) -> Result<R, Status>,
    ) -> Vec<R> {
        let this = &*self;
        let act = &act;
        let done: Vec<_> = stream::iter(items)
            .map(|item| async move {
                let result = act(this, item).await;
                this.times.tick();
                result
            })
            .buffered(this.in_flight)
            .collect()
            .await;
        let mut results = Vec::with_capacity(done.len());
        for result in done {
            match result {
                Ok(result) => results.push(result),
                Err(status) => self.trouble(&status),
            }
        }
        results
    }

    /// Takes note of a case, and of what comes next for it.
    pub(super) fn saw(&mut self, index: usize, result: Result<Option<Case>, Status>) {
        let Some(standing) = self.standing.get_mut(index) else {
            return;
        };
        match result {
            Ok(None) => {}
            Ok(Some(case)) => {
                let before = standing.state();
                self.by_name.insert(case.name.clone(), index);
                standing.case = Some(case);
                if standing.state() != before {
                    self.plan_next(index);
                }
            }
            Err(status) if status.code() == Code::Unimplemented => standing.unsupported = true,
            Err(status) => standing.trouble = Some(in_words(&status)),
        }
    }

    pub(super) fn trouble(&mut self, status: &Status) {
        self.troubles
            .push(format!("{}: {}", self.today, in_words(status)));
    }

    /// The next office's turn, by the state the claim came to.
    pub(super) fn plan_next(&mut self, index: usize) {
        let (Some(claim), Some(standing)) = (self.plot.claims.get(index), self.standing.get(index))
        else {
            return;
        };
        let round = standing.case.as_ref().map_or(0, |case| case.round);
        let mut days = Timetable::of(claim, round);
        if self.rivals.contains(&index) && standing.case.as_ref().is_some_and(is_bound_to_fail) {
            days = days.at_once(self.today);
        }
        let (on, act) = match standing.state() {
            State::VReview => (days.village, Act::Village),
            State::Returned => (days.cured, Act::Resubmit),
            State::TReview => (days.township, Act::Township),
            State::CReview => (days.county, Act::County),
            _ => return,
        };
        self.agenda.add(on.max(self.today), act, index);
        if standing.cohort.is_none() {
            let cohort = self.cohort(claim.county, round, days.confirmed, days.paid);
            if let Some(standing) = self.standing.get_mut(index) {
                standing.cohort = Some(cohort);
            }
        }
    }

    /// The cohort of those days, on the agenda.
    pub(super) fn cohort(
        &mut self,
        county: Tenant,
        round: i32,
        confirmed_on: Date,
        paid_on: Date,
    ) -> usize {
        let same = |it: &Cohort| {
            (it.county, it.round, it.confirmed_on, it.paid_on)
                == (county, round, confirmed_on, paid_on)
        };
        if let Some(index) = self.cohorts.iter().position(same) {
            return index;
        }
        self.cohorts.push(Cohort {
            county,
            round,
            confirmed_on,
            paid_on,
            rosters: Vec::new(),
        });
        let index = self.cohorts.len() - 1;
        self.agenda
            .add(confirmed_on.max(self.today), Act::Confirm, index);
        index
    }

    /// The place of a county and round among those that money moves in.
    pub(super) fn county_round(&mut self, county: Tenant, round: i32) -> usize {
        let wanted = CountyRound { county, round };
        if let Some(index) = self.rounds.iter().position(|it| *it == wanted) {
            return index;
        }
        self.rounds.push(wanted);
        self.rounds.len() - 1
    }

    pub(super) fn claim(&self, index: usize) -> Result<&'a Claim, Status> {
        let claim = self.plot.claims.get(index);
        claim.ok_or_else(|| Status::internal(format!("no claim {index}")))
    }

    /// Resource name of a claim's case.
    pub(super) fn name(&self, index: usize) -> String {
        self.standing
            .get(index)
            .map_or_else(String::new, |it| it.name().to_owned())
    }

    pub(super) fn tomorrow(&self) -> Date {
        dates::add_days(self.today, 1)
    }
}

/// A refusal as a line for people, with its stable reason and the fields at
/// fault.
pub(crate) fn in_words(status: &Status) -> String {
    let reason = yuhui_platform::refusal::reason_of(status).unwrap_or_default();
    let mut words = format!("{:?} {reason}: {}", status.code(), status.message());
    let details = status.get_error_details();
    for violation in details
        .bad_request()
        .iter()
        .flat_map(|it| &it.field_violations)
    {
        words.push_str(&format!("; {} {}", violation.field, violation.description));
    }
    words
}
