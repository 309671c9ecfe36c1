//! The national childcare subsidy as a law.

use serde_json::{Map, Value};
use time::{Date, Month};
use yuhui_kernel::{
    Calendar, Money,
    dates::{add_days, add_months, month_day},
};

use super::{
    NationalPack, Parameters,
    child::{Child, year_of},
    course, months_due,
};
use crate::{
    Claim, Decided, Determination, Facts, Law, Policy, Programme, Progress, Reason,
    case_file::{Answered, CalendarQuery},
    contradiction::{Reading, referred},
    course::of_another_law,
    decide::assemble,
    pack::PackError,
    record::{Recorder, Silent, Sink},
    rules::clauses,
};

/// 管理规范 第七条: “初审和审核确认工作原则上应在30个工作日内完成”.
const WORKING_DAYS_OF_REVIEW: i32 = 30;
/// 管理规范 第十五条: “每季度至少集中发放一批”.
const MONTHS_OF_A_QUARTER: u8 = 3;

impl Law for Parameters {
    const POLICY: Policy = Policy::NationalChildcare;

    /// Before R-DAT-9 every uncovered day was outside.
    const ADDED: &'static [(&'static str, i64)] = &[("hukou.gap_days", 0)];

    fn read(values: &Map<String, Value>) -> Result<Self, PackError> {
        Self::read_all(values)
    }

    fn to_map(&self) -> Map<String, Value> {
        Self::to_map(self)
    }

    fn check(&self) -> Result<(), PackError> {
        self.check_together()
    }

    fn determine(
        pack: &NationalPack,
        _: &Calendar,
        facts: &Facts,
        claim: &Claim,
        progress: &Progress,
    ) -> Determination {
        let reading = Reading::of(facts, |facts| {
            run(pack, facts, claim, progress, &mut Silent)
        });
        let facts = match &reading {
            Reading::Settled(settled) => settled,
            Reading::Plain | Reading::Open => facts,
        };
        let mut recorder = Recorder::new(facts);
        let mut decided = run(pack, facts, claim, progress, &mut recorder);
        if matches!(reading, Reading::Open) {
            decided = referred(decided);
        }
        // Who must not accept must name who may.
        let competent = if decided.reason == Some(Reason::WrongCounty) {
            { Child::new(pack, facts, claim, progress).county }
                .ok()
                .flatten()
        } else {
            None
        };
        let grant = clauses::N_STANDARD;
        assemble(decided, recorder, grant, claim, competent, pack.version())
    }

    fn decide(
        pack: &NationalPack,
        _: &Calendar,
        facts: &Facts,
        claim: &Claim,
        progress: &Progress,
    ) -> Decided {
        let run = |facts: &Facts| run(pack, facts, claim, progress, &mut Silent);
        match Reading::of(facts, run) {
            Reading::Plain => run(facts),
            Reading::Settled(facts) => run(&facts),
            Reading::Open => referred(run(facts)),
        }
    }

    fn round(_: &NationalPack, _: &Calendar, claim: &Claim) -> i32 {
        year_of(claim)
    }

    fn confirmed_on(calendar: &Calendar, claim: &Claim, _: i32) -> Date {
        calendar.add_working_days(claim.lodged_on, WORKING_DAYS_OF_REVIEW)
    }

    /// The last day of the quarter of the confirmation.
    fn paid_on(_: i32, confirmed_on: Date) -> Date {
        let month = u8::from(confirmed_on.month());
        let last = month.div_ceil(MONTHS_OF_A_QUARTER) * MONTHS_OF_A_QUARTER;
        let last = Month::try_from(last).unwrap_or(Month::December);
        add_days(add_months(month_day(confirmed_on.year(), last, 1), 1), -1)
    }

    fn shares(&self, _: Money) -> Option<(Money, Money)> {
        None
    }

    fn ask(pack: &NationalPack, _: &Calendar, query: &CalendarQuery) -> Option<Answered> {
        match query {
            CalendarQuery::MonthsDue {
                born_on,
                year,
                expected,
            } => {
                let got = months_due(pack, *born_on, *year);
                Some(Answered::new(expected, got))
            }
            _ => None,
        }
    }
}

fn run(
    pack: &NationalPack,
    facts: &Facts,
    claim: &Claim,
    progress: &Progress,
    sink: &mut impl Sink,
) -> Decided {
    match claim.programme {
        Programme::N1 => course::run(&Child::new(pack, facts, claim, progress), sink),
        Programme::P1 | Programme::P2 | Programme::P3 | Programme::P4 => {
            of_another_law(claim, sink, clauses::N_SUBJECT)
        }
    }
}
