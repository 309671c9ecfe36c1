//! 126号 as a law.

use serde_json::{Map, Value};
use time::{Date, Month};
use yuhui_kernel::{
    Calendar, DivisionCode, Money,
    dates::{add_years, month_day},
};

use super::{
    case::{Case, Family, Site},
    dates,
};
use crate::{
    Claim, Decided, Determination, Facts, Law, Policy, PolicyPack, Progress, Reason,
    case_file::{Answered, CalendarQuery},
    contradiction::{Reading, referred},
    course,
    decide::assemble,
    pack::{PackError, Parameters, ResidualBearer},
    record::{Recorder, Silent},
};

impl Law for Parameters {
    const POLICY: Policy = Policy::Baotou126;

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
        pack: &PolicyPack,
        calendar: &Calendar,
        facts: &Facts,
        claim: &Claim,
        progress: &Progress,
    ) -> Determination {
        let case = Case {
            pack,
            calendar,
            facts,
            claim,
            progress,
        };
        let reading = Reading::of(facts, |facts| {
            course::run(Case { facts, ..case }, &mut Silent)
        });
        let case = match &reading {
            Reading::Settled(facts) => Case { facts, ..case },
            Reading::Plain | Reading::Open => case,
        };
        let mut recorder = Recorder::new(case.facts);
        let mut decided = course::run(case, &mut recorder);
        if matches!(reading, Reading::Open) {
            decided = referred(decided);
        }
        let competent = competent_county(case, decided.reason);
        let grant = case.grant();
        assemble(decided, recorder, grant, claim, competent, pack.version())
    }

    fn decide(
        pack: &PolicyPack,
        calendar: &Calendar,
        facts: &Facts,
        claim: &Claim,
        progress: &Progress,
    ) -> Decided {
        let case = Case {
            pack,
            calendar,
            facts,
            claim,
            progress,
        };
        let run = |facts: &Facts| course::run(Case { facts, ..case }, &mut Silent);
        match Reading::of(facts, run) {
            Reading::Plain => run(facts),
            Reading::Settled(facts) => run(&facts),
            Reading::Open => referred(run(facts)),
        }
    }

    fn round(pack: &PolicyPack, calendar: &Calendar, claim: &Claim) -> i32 {
        dates::round_of(pack, calendar, claim)
    }

    /// 四(一)4, 四(二)2: by 31 July.
    fn confirmed_on(_: &Calendar, _: &Claim, round: i32) -> Date {
        month_day(round, Month::July, 31)
    }

    /// 五(二)4: by 31 October. Who is confirmed too late for the batch is paid with the next
    /// (R-PRC-3).
    fn paid_on(round: i32, confirmed_on: Date) -> Date {
        let batch = month_day(round, Month::October, 31);
        let next_batch = month_day(confirmed_on.year(), Month::October, 31);
        if confirmed_on <= batch {
            batch
        } else if confirmed_on <= next_batch {
            next_batch
        } else {
            add_years(next_batch, 1)
        }
    }

    /// R-MON-2 (五(一)b). “按市本级财政和旗县区财政1:1比例分担”: the odd fen is the parameter's (AMB-45).
    fn shares(&self, total: Money) -> Option<(Money, Money)> {
        let (city, county) = total.city_county_shares();
        Some(match self.funding_residual_fen_bearer {
            ResidualBearer::County => (city, county),
            ResidualBearer::City => (county, city),
        })
    }

    fn ask(pack: &PolicyPack, calendar: &Calendar, query: &CalendarQuery) -> Option<Answered> {
        Some(match query {
            CalendarQuery::P1LastDay { born_on, expected } => {
                Answered::new(expected, dates::p1_last_day(pack, calendar, *born_on))
            }
            CalendarQuery::LastDayUnderThree { born_on, expected } => {
                Answered::new(expected, dates::last_day_under_three(pack, *born_on))
            }
            CalendarQuery::FamilyRound {
                lodged_on,
                expected,
            } => Answered::new(expected, dates::family_round(pack, calendar, *lodged_on)),
            CalendarQuery::InstitutionRound {
                lodged_on,
                expected,
            } => Answered::new(
                expected,
                dates::institution_round(pack, calendar, *lodged_on),
            ),
            CalendarQuery::WholeMonths { spans, expected } => {
                let spells: Vec<(Date, Date)> = spans.iter().map(|span| (span.0, span.1)).collect();
                Answered::new(expected, dates::whole_months(&spells))
            }
            CalendarQuery::NoticeLastDay {
                posted_on,
                expected,
            } => Answered::new(expected, dates::notice_last_day(pack, calendar, *posted_on)),
            CalendarQuery::MonthsDue { .. } => return None,
        })
    }
}

/// R-P1-10: who must not accept must name who may.
fn competent_county(case: Case<'_>, reason: Option<Reason>) -> Option<DivisionCode> {
    if reason != Some(Reason::WrongCounty) {
        return None;
    }
    if case.claim.programme.is_family() {
        return Family::new(case).county();
    }
    let institution = Site::new(case).premises.institution;
    institution.map(|institution| institution.county.county())
}
