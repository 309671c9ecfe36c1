//! Missed duties that were done after all, or passed on: the next run notes the day.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use time::Date;
use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{Result, db::Tx};

use super::Run;
use crate::{
    domain::{
        Case,
        deadline::{Duty, Obligation, watch::OPEN},
        notice::Notice,
        report::Report,
        roster::Roster,
    },
    names::parse_name,
    reads::due::{WATCHED, on_cases, on_roster},
    store::{self, deadlines::Missed},
};

/// Cases read at a time.
const PAGE: u64 = 500;

/// A missed duty that is done.
#[derive(Debug)]
pub(crate) struct Done {
    episode: String,
    on: Date,
}

/// What missed duties are about, by name.
#[derive(Default)]
struct Subjects {
    cases: BTreeMap<String, Case>,
    rosters: BTreeMap<String, Roster>,
    notices: BTreeMap<String, Notice>,
    reports: BTreeMap<String, Report>,
    /// Episodes of what is due on them.
    due: BTreeSet<String>,
}

impl Run<'_> {
    /// Those that are no longer due, and were done by the date of the run.
    pub(super) async fn done(&self, tx: &Tx, missed: Vec<Missed>) -> Result<Vec<Done>> {
        let subjects = self.subjects(tx, &missed).await?;
        let mut done = Vec::new();
        for missed in missed {
            if subjects.due.contains(&missed.episode) {
                continue;
            }
            let (subject, duty) = (&missed.subject, missed.duty);
            let on = match duty {
                Duty::NoticeClosing => {
                    let notice = subjects.notices.get(subject);
                    match notice.and_then(|it| it.closed_on) {
                        // A run for an earlier day does not see it as due yet; it is not done.
                        None => continue,
                        closed_on => closed_on,
                    }
                }
                Duty::Answer => {
                    let answered = subjects.reports.get(subject);
                    answered.and_then(|it| it.answered.as_ref()).map(|it| it.on)
                }
                Duty::CityRecording => subjects.rosters.get(subject).and_then(|it| it.recorded_on),
                Duty::Funding | Duty::Payment => match subjects.rosters.get(subject) {
                    Some(roster) => money_moved_on(tx, roster.id).await?,
                    None => None,
                },
                _ => subjects
                    .cases
                    .get(subject)
                    .and_then(|it| moved_on(it, duty)),
            };
            let on = on.unwrap_or(self.on);
            if on <= self.on {
                done.push(Done {
                    episode: missed.episode,
                    on,
                });
            }
        }
        Ok(done)
    }

    /// Notes what is done, but for what another run has noted meanwhile; answers how much.
    pub(super) async fn settle(&self, tx: &Tx, mut done: Vec<Done>) -> Result<usize> {
        let episodes = done.iter().map(|it| &*it.episode);
        let settled = store::deadlines::settled(tx, episodes).await?;
        done.retain(|it| !settled.contains_key(&it.episode));
        if done.is_empty() {
            return Ok(0);
        }
        let days: Vec<_> = done.iter().map(|it| (it.episode.clone(), it.on)).collect();
        store::deadlines::settle(tx, &days, self.on).await?;
        let told = days.iter().map(|(it, on)| (it, dates::format(*on)));
        let told: Vec<_> = told.collect();
        self.record(tx, "deadline.settle", json!({ "settled": told }))
            .await?;
        Ok(days.len())
    }

    async fn subjects(&self, tx: &Tx, missed: &[Missed]) -> Result<Subjects> {
        let mut found = Subjects::default();
        let mut due: Vec<Obligation> = Vec::new();
        let named = |collection| {
            let ids = missed.iter();
            let ids = ids.filter_map(move |it| Some(parse_name(&it.subject, collection)?.1));
            ids.collect::<BTreeSet<Uuid>>().into_iter()
        };
        let ids: Vec<Uuid> = named("cases").collect();
        let mut cases = store::cases::named(tx, &ids).await?;
        let all = cases.iter().map(|it| (it.case.name(), it.case.clone()));
        found.cases = all.collect();
        cases.retain(|it| OPEN.contains(&it.case.state()));
        due.extend(on_cases(tx, &self.year, &cases).await?);
        for id in named("rosters") {
            if let Some(roster) = store::rosters::get(tx, id).await? {
                if WATCHED.contains(&roster.state) {
                    due.extend(on_roster(tx, &self.year, &roster).await?);
                }
                found.rosters.insert(roster.name(), roster);
            }
        }
        for id in named("notices") {
            if let Some(notice) = store::notices::get(tx, id).await? {
                let is_over = notice.last_on < self.on;
                due.extend(self.year.of_notice(&notice).filter(|_| is_over));
                found.notices.insert(notice.name(), notice);
            }
        }
        for id in named("reports") {
            if let Some((report, _)) = store::reports::get(tx, id).await? {
                due.extend(self.year.of_report(&report));
                found.reports.insert(report.name(), report);
            }
        }
        found.due = due.iter().map(Obligation::episode).collect();
        Ok(found)
    }
}

/// Day on which a case left the stage, or the absence, in which the duty was missed.
fn moved_on(case: &Case, duty: Duty) -> Option<Date> {
    match duty {
        Duty::Correction | Duty::Inquiry | Duty::Referral => case.state_since,
        _ => case.stage_since,
    }
}

/// Day on which the last line of a roster got its shares, or its payment.
async fn money_moved_on(tx: &Tx, roster: Uuid) -> Result<Option<Date>> {
    let (mut last, mut after) = (None, String::new());
    loop {
        let cases = store::cases::on_roster_after(tx, roster, &after, PAGE).await?;
        last = last.max(cases.iter().filter_map(|it| it.case.stage_since).max());
        match cases.last() {
            Some(case) => after = case.case.id.to_string(),
            None => return Ok(last),
        }
    }
}
